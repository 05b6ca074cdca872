/*
 * What a log is asked, until it has answered: sent again until then, or given up in time.
 */
#ifndef SERVER_CORE_NATS_JS_REQUESTS_H
#define SERVER_CORE_NATS_JS_REQUESTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/core/nats/js_event.h"
#include "server/core/nats/js_io.h"

enum js_request_kind {
	JS_LINE,  /* stored at the end of a stream */
	JS_PUT,   /* stored under a key */
	JS_ASK,   /* asked of a node */
	JS_REPLY, /* an answer to a node that has asked */
	JS_TELL,  /* told to all nodes */
	JS_END,   /* the stream of a room is deleted */
};

/* The texts are the caller's, and stay until the answer. */
struct js_request {
	uint64_t id;
	enum js_request_kind kind;
	struct slice subject[3]; /* pieces of one name */
	struct slice msg_id; /* LINE, PUT */
	bool expects;        /* PUT: only if the key's number is the expected one */
	uint64_t expected;
	struct slice payload;
};

struct js_pending {
	struct js_pending *next;
	struct js_request request;
	uint64_t number;  /* of the answer */
	int64_t since;    /* usec: when it was asked for */
	int64_t sent_at;  /* usec: when it was sent for the first time; TIME_NEVER: not yet */
	int64_t again_at; /* usec: when it is to be sent, or to be given up */
	char subject[];   /* its first piece, since a stream may go meanwhile */
};

/* All zero is empty. */
struct js_requests {
	struct js_pending *first, **end; /* heap */
	uint32_t count;
};

/* Adds one that wants an answer. 0, or -1: no memory. */
int js_requests_add(struct js_requests *all, const struct js_request *r, uint64_t number,
	int64_t now);

/*
 * Sends what is due, unless too much waits to go out. is_read: all has been read that the streams
 * had when the link came up; until then those wait that are so old that a server may have forgotten
 * them.
 */
void js_requests_send(struct js_requests *all, struct js_io *io, bool is_read, int64_t now);

/* The link came up: all that are stored are due. */
void js_requests_restart(struct js_requests *all, int64_t now);

/* What an answer says; false: nothing yet, or nobody waits for it. */
bool js_requests_answer(struct js_requests *all, const struct nats_op *op, uint64_t number,
	struct js_event *event, int64_t now);

/* An old one was found in a stream, by its msg_id. */
bool js_requests_found(struct js_requests *all, struct slice msg_id, uint64_t seq,
	struct js_event *event, int64_t now);

/* One that nobody has answered in time. */
bool js_requests_expire(struct js_requests *all, struct js_event *event, int64_t now);

/* Since when the oldest that is to be stored waits, in usec; TIME_NEVER: there is none. */
int64_t js_requests_waiting_since(const struct js_requests *all);

int64_t js_requests_deadline(const struct js_requests *all, const struct js_io *io);
void js_requests_finish(struct js_requests *all);

#endif
