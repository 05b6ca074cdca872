/*
 * The protocol that a NATS client speaks, as bytes that go out: one operation after the
 * other is put into a buffer.
 */
#ifndef SERVER_CORE_NATS_WRITER_H
#define SERVER_CORE_NATS_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/slice.h"
#include "server/core/nats/buffer.h"

enum { NATS_MSG_ID_MAX = 128 };

/* A message. Of what is not wanted the length is 0. No text may hold a CR or LF but the payload. */
struct nats_publish {
	struct slice subject[3]; /* pieces of one name */
	struct slice reply[2];
	struct slice msg_id;     /* Nats-Msg-Id: stored only once */
	bool expects;            /* stored only after the message of this number on its subject */
	uint64_t expected;
	struct slice payload;
};

/* By user and password, or a token; with neither (len 0) as anybody. */
struct nats_credentials {
	struct slice user, password, token;
};

void nats_put_connect(struct buffer *out, const struct nats_credentials *credentials,
	struct slice name);
void nats_put_publish(struct buffer *out, const struct nats_publish *p);

/* subject: pieces of one name, as of a message. */
void nats_put_subscribe(struct buffer *out, const struct slice subject[3], uint64_t sid);
void nats_put_unsubscribe(struct buffer *out, uint64_t sid);
void nats_put_ping(struct buffer *out);
void nats_put_pong(struct buffer *out);

#endif
