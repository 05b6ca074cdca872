/*
 * Where connections of a ",proxy" listener wait until their PROXY header has come in whole: only
 * then is it known whose they are.
 */
#ifndef CHAT_LOBBY_H
#define CHAT_LOBBY_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/stamp.h"
#include "server/core/address.h"
#include "server/core/log.h"
#include "server/core/moment.h"
#include "server/core/proxy.h"

enum { LOBBY_GUESTS = 64 }; /* at the same time; the oldest makes room */

#define LOBBY_PATIENCE (5 * MOMENT_SECOND)

/* Somebody who comes in. */
struct newcomer {
	int fd; /* -1: nobody after all */
	bool operator;
	struct address from;
	const uint8_t *bytes; /* what came behind the PROXY header; valid until the next call */
	size_t len;
};

struct guest {
	int fd; /* -1: nobody */
	bool operator;
	struct address from; /* who stands in front, until the header says who is behind */
	int64_t due;         /* when to wait no longer, in ticks */
	size_t len;
	uint8_t bytes[PROXY_HEADER_MAX];
};

struct lobby {
	struct guest *guests; /* LOBBY_GUESTS of them, heap; NULL while nobody has ever come */
	struct pollfd *polls; /* the caller's, LOBBY_GUESTS of them where anybody can come */
	struct log *log;
	struct stamp stamp;
};

void lobby_init(struct lobby *l, struct pollfd *polls, struct log *log);
void lobby_finish(struct lobby *l); /* closes the connections */

/*
 * A connection, which has sent nothing yet, waits in here from now on. Where there is no memory it
 * is closed, and NULL returned.
 */
struct guest *lobby_enter(struct lobby *l, const struct newcomer *n, struct moment now);

/*
 * Behind poll(): takes one step with one guest, who may be the newcomer by that; false when there
 * is nothing to do now. One who sent no header, or not in time, is turned away.
 */
bool lobby_next(struct lobby *l, struct newcomer *n, struct moment now);

/* When lobby_next() is needed without an event, in ticks; MOMENT_NEVER for never. */
int64_t lobby_deadline(const struct lobby *l);

#endif
