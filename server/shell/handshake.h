/*
 * Where connections of a ",proxy" listener wait until their PROXY header has come in whole: only
 * then is it known whose they are.
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

/* Somebody who comes in. */
struct newcomer {
	int fd; /* -1: nobody after all */
	bool is_operator;
	bool telnet;
	bool is_web;
	struct web_profile web;
	struct address from;
	const uint8_t *bytes; /* what came behind the PROXY header; valid until the next call */
	size_t len;
};

struct handshake {
	int fd; /* -1: nobody */
	bool is_operator;
	bool telnet;
	bool is_web;
	struct web_profile web;
	struct address from; /* who stands in front, until the header says who is behind */
	int64_t due;         /* when to wait no longer, in usec */
	size_t len;
	uint8_t bytes[PROXY_HEADER_MAX];
};

struct handshakes {
	struct handshake *list; /* HANDSHAKES_MAX of them, heap; NULL while nobody has ever come */
	struct pollfd *polls; /* the caller's, HANDSHAKES_MAX of them where anybody can come */
	struct log *log;
	struct stamp stamp;
};

void handshakes_init(struct handshakes *l, struct pollfd *polls, struct log *log);
void handshakes_finish(struct handshakes *l); /* closes the connections */

/*
 * A connection, which has sent nothing yet, waits in here from now on. Where there is no memory it
 * is closed, and NULL returned.
 */
struct handshake *handshakes_enter(struct handshakes *l, const struct newcomer *n, struct time now);

/*
 * Behind poll(): takes one step with one handshake, who may be the newcomer by that; false when there
 * is nothing to do now. One who sent no header, or not in time, is turned away.
 */
bool handshakes_next(struct handshakes *l, struct newcomer *n, struct time now);

/* When handshakes_next() is needed without an event, in usec; TIME_NEVER for never. */
int64_t handshakes_deadline(const struct handshakes *l);

#endif
