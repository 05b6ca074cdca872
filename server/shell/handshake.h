/*
 * Connections to a ",proxy" listener that wait for the whole of their PROXY header: only then are
 * their addresses known.
 */
#ifndef SERVER_SHELL_HANDSHAKE_H
#define SERVER_SHELL_HANDSHAKE_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/stamp.h"
#include "server/core/base/address.h"
#include "server/core/base/log.h"
#include "server/core/base/time.h"
#include "server/core/base/web_profile.h"
#include "server/core/wire/proxy.h"

enum { HANDSHAKES_MAX = 64 }; /* at the same time; the oldest makes room */

#define HANDSHAKE_PATIENCE (5 * TIME_SECOND)
#define HANDSHAKE_CHECK (2 * TIME_SECOND) /* for which a front end's own may say nothing */

/* An accepted connection. */
struct newcomer {
	int fd; /* -1: none after all */
	bool is_operator;
	bool telnet;
	bool is_web;
	struct web_profile web;
	struct address from;
	const uint8_t *bytes; /* what came after the PROXY header; valid until the next call */
	size_t len;
};

struct handshake {
	int fd; /* -1: none */
	bool is_operator;
	bool telnet;
	bool is_web;
	bool is_check; /* the header has come: a front end's own, which has said nothing yet */
	struct web_profile web;
	struct address from; /* the front end's, until the header has come */
	int64_t due;         /* when to give up, in usec */
	size_t len;
	uint8_t bytes[PROXY_HEADER_MAX];
};

struct handshakes {
	struct handshake *list; /* HANDSHAKES_MAX of them, heap; NULL until the first */
	struct pollfd *polls; /* the caller's, HANDSHAKES_MAX of them if a listener needs them */
	struct log *log;
	struct stamp stamp;
};

void handshakes_init(struct handshakes *l, struct pollfd *polls, struct log *log);
void handshakes_finish(struct handshakes *l); /* closes the connections */

/*
 * Has a connection that has sent nothing yet wait here. Without memory it is closed: NULL.
 */
struct handshake *handshakes_enter(struct handshakes *l, const struct newcomer *n, struct time now);

/*
 * After poll(): takes one step with one handshake; if it is complete, *n is the connection. False
 * when there is nothing to do now. A wrong header, or none in time, is refused.
 */
bool handshakes_next(struct handshakes *l, struct newcomer *n, struct time now);

/* When handshakes_next() is needed without an event, in usec; TIME_NEVER for never. */
int64_t handshakes_deadline(const struct handshakes *l);

#endif
