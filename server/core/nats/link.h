/*
 * The connection to one of several nats-servers: which to try and when, the handshake, whether it
 * lives. Bytes and the time come in; messages, bytes to send and when to wake come out. The shell
 * has the socket:
 *
 *	link_wants_dial            connect to `target`, then link_dialing()
 *	link_connected / link_lose how that went, or that the connection ended
 *	link_space, link_received  what has come
 *	link_next                  the messages in it
 *	link->out, link_sent       what is to go
 *	link_tick                  once a turn, after what has come was looked at
 */
#ifndef SERVER_CORE_NATS_LINK_H
#define SERVER_CORE_NATS_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/slice.h"
#include "server/core/nats/buffer.h"
#include "server/core/nats/protocol.h"
#include "server/core/nats/writer.h"

enum link_state {
	LINK_WAITS,      /* until dial_at */
	LINK_DIALS,      /* the shell connects */
	LINK_GREETED,    /* connected: INFO is to come */
	LINK_IDENTIFIES, /* CONNECT is sent: the first PONG is to come */
	LINK_UP,
};

/* Why a connection was lost, or could not be used. */
enum link_fault {
	LINK_NO_FAULT,
	LINK_UNREACHABLE, /* nobody there, or it went */
	LINK_DENIED,      /* the wrong user, password or token */
	LINK_TOO_OLD,     /* a version that would not keep several copies alike */
	LINK_WANTS_TLS,
	LINK_NOT_NATS,
};

struct link_settings {
	struct nats_credentials credentials;
	struct slice name;   /* of this client, for the server's own lists */
	uint32_t targets;    /* how many addresses there are to try */
	bool needs_replicas; /* more than one copy: the server must be new enough for that */
	uint64_t seed;       /* pauses differ by it */
};

enum { LINK_WHY_MAX = 160 };

struct link {
	const struct link_settings *settings;
	enum link_state state;
	uint32_t target;
	int64_t dial_at;    /* usec */
	int64_t pause;      /* before the next try, usec */
	int64_t deadline;   /* of a state before UP; of the silence after a PING: usec */
	int64_t ping_at;    /* usec */
	int64_t up_since;   /* usec */
	uint64_t random;
	struct buffer in, out;
	size_t used;        /* of in: the message that link_next() has returned */
	uint64_t skip;      /* bytes that are still to come of a message that is too long */
	uint32_t ups;       /* how often it came UP */
	enum link_fault fault; /* of the last loss */
	char why[LINK_WHY_MAX]; /* the same in words, plain text */
};

void link_init(struct link *link, const struct link_settings *settings);
void link_finish(struct link *link);

bool link_wants_dial(const struct link *link, int64_t now);
void link_dialing(struct link *link, int64_t now);
void link_connected(struct link *link, int64_t now);

/* The connection is to be closed, if there was one; why: text that is kept. */
void link_lose(struct link *link, enum link_fault fault, const char *why, int64_t now);

/* Where up to *room bytes may be read to; NULL: not before link_next() was called, or no memory. */
char *link_space(struct link *link, size_t *room);
void link_received(struct link *link, size_t len, int64_t now);

/*
 * The next message, valid until the next call. False: there is none, the link may have been lost.
 * Everything else that a server says is acted on here.
 */
bool link_next(struct link *link, struct nats_op *op, int64_t now);

void link_sent(struct link *link, size_t len);

void link_tick(struct link *link, int64_t now);
int64_t link_deadline(const struct link *link);

#endif
