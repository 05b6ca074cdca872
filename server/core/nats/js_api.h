/*
 * The texts of JetStream's API: what is asked of a nats-server, and what its answers mean.
 */
#ifndef SERVER_CORE_NATS_JS_API_H
#define SERVER_CORE_NATS_JS_API_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/slice.h"
#include "server/core/nats/buffer.h"

enum {
	JS_VERSION = 1, /* of what streams hold; another one is left alone */
	JS_CREATED_MAX = 40, /* bytes of the time at which a stream was made */
};

/* What a stream is to be. */
struct js_plan {
	struct slice name, subject; /* subject: with * as its last word for one message a key */
	bool keeps_last;            /* one message a key; else all lines, until it is full */
	uint32_t replicas;
	bool unbounded;             /* no limit of its own: the server has not that much room */
};

/* What a stream is. */
struct js_info {
	uint64_t first, last; /* numbers of its messages; first is last + 1 where there are none */
	char created[JS_CREATED_MAX + 1];
};

enum js_result {
	JS_OK,
	JS_ABSENT,       /* there is no such stream */
	JS_EXISTS,       /* another one of that name is there */
	JS_CONFLICTS,    /* what was expected is not so */
	JS_FULL,         /* no room */
	JS_NO_JETSTREAM, /* the server or the account has none */
	JS_LATER,        /* it can't be answered now */
};

/* The meaning of an answer, and of one with no content but a status. */
enum js_result js_result(struct slice headers, struct slice json);

void js_put_create_stream(struct buffer *out, const struct js_plan *plan);
void js_put_create_consumer(struct buffer *out, struct slice stream, struct slice name,
	struct slice deliver_to, uint64_t start);

/* An OK answer about a stream; false if it makes no sense. */
bool js_read_info(struct js_info *info, struct slice json);

/* How a stream differs from the plan so that it can't be used, as text; NULL: it can. */
const char *js_difference(struct slice json, const struct js_plan *plan);

/* Where an answer says that a message stands: "seq", or what a conflict found instead. */
uint64_t js_read_seq(struct slice json);

/* What the reply subject of a delivered message says. */
struct js_delivery {
	struct slice consumer;
	uint64_t seq;      /* in the stream */
	uint64_t consumed; /* in the consumer, from 1 */
	uint64_t ns;       /* since 1970 */
	uint64_t pending;  /* messages after it */
};

bool js_read_delivery(struct js_delivery *d, struct slice reply);

#endif
