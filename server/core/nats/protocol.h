/*
 * The protocol that a NATS client speaks, as bytes that came in: one operation of the server after
 * the other.
 */
#ifndef SERVER_CORE_NATS_PROTOCOL_H
#define SERVER_CORE_NATS_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/slice.h"

enum {
	NATS_LINE_MAX = 16 * 1024,      /* bytes of a line; INFO names all servers of a cluster */
	/* bytes of a message's headers and payload that are taken */
	NATS_MESSAGE_MAX = 512 * 1024,
};

enum nats_kind { NATS_INFO, NATS_MSG, NATS_PING, NATS_PONG, NATS_OK, NATS_ERR };

struct nats_op {
	enum nats_kind kind;
	struct slice text;    /* INFO: its JSON; ERR: what went wrong, without quotes */
	struct slice subject; /* MSG, and what follows */
	struct slice reply;   /* len 0: no answer is wanted */
	struct slice headers; /* from NATS/1.0 to the empty line; len 0: none */
	struct slice payload;
	uint64_t sid;         /* number of the subscription */
	uint64_t skip;        /* it is too long: this many bytes follow, and are not looked at */
};

enum nats_outcome {
	NATS_MORE,   /* it is not whole yet */
	NATS_WHOLE,
	NATS_BROKEN, /* no nats-server says that */
};

/*
 * The operation at the beginning of len bytes. WHOLE: *op lies in them, and *used of them are its
 * own. MORE: *used bytes are needed before it makes
 * sense to ask again.
 */
enum nats_outcome nats_parse(struct nats_op *op, const char *bytes, size_t len, size_t *used);

/* The number in the first line of the headers: 503 where nobody listens. 0: there is none. */
unsigned nats_status(struct slice headers);

/* The value of the first header of that name, without the blanks around it. */
bool nats_header(struct slice headers, const char *name, struct slice *value);

/* Takes the next word from *words, which are separated by c; len 0 after the last. */
struct slice nats_word(struct slice *words, char c);

#endif
