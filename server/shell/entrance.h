/*
 * Where newcomers come in: the listeners, and the lobby behind those that want a PROXY header.
 */
#ifndef CHAT_ENTRANCE_H
#define CHAT_ENTRANCE_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/core/log.h"
#include "server/core/moment.h"
#include "server/shell/listener.h"
#include "server/shell/lobby.h"

struct entrance {
	struct listeners *listeners;
	struct log *log;
	struct lobby lobby;
	struct pollfd *polls; /* of each listener; the caller's */
	bool starved;         /* nothing was left for a newcomer, and it has been said */
	int64_t open_at;      /* accept not before, in ticks; 0: at any time */
	int64_t came_at;      /* when somebody came in last, in ticks */
};

/* How many entries of poll() it needs for these listeners. */
size_t entrance_polls(const struct listeners *listeners);

/* Listeners, polls (with POLLIN in events) and log outlive it. */
void entrance_init(struct entrance *e, struct listeners *listeners, struct pollfd *polls,
	struct log *log);
void entrance_finish(struct entrance *e); /* closes the connections in the lobby */

/* Before poll(): sets which listeners are waited for. */
void entrance_watch(struct entrance *e);

/*
 * Behind poll(): takes one step with one newcomer (newcomer->fd is -1 if that brought nobody in,
 * or not yet); false when there is nothing to do now.
 */
bool entrance_next(struct entrance *e, struct newcomer *newcomer, struct moment now);

/*
 * Newcomers have come in, and these are the clients now. Where there are thousands, a turn costs
 * far more than a newcomer: as long as they keep coming, they are let in several at a time.
 */
void entrance_crowded(struct entrance *e, uint32_t clients, struct moment now);

/* A descriptor has become free: those who had to wait for one may come. */
void entrance_relieve(struct entrance *e);

/* When a turn is needed without an event, in ticks; MOMENT_NEVER for never. */
int64_t entrance_deadline(const struct entrance *e, struct moment now);

/* Closes the listeners and empties the lobby: nobody comes in any more. */
void entrance_close(struct entrance *e);

#endif
