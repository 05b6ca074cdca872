/*
 * Where newcomers come in: the listeners, and the handshakes behind those that want a PROXY header.
 */
#ifndef SERVER_SHELL_ACCEPTOR_H
#define SERVER_SHELL_ACCEPTOR_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/core/base/log.h"
#include "server/core/base/time.h"
#include "server/shell/listener.h"
#include "server/shell/handshake.h"

struct acceptor {
	struct listeners *listeners;
	struct log *log;
	struct handshakes handshakes;
	struct pollfd *polls; /* of each listener; the caller's */
	bool starved;         /* nothing was left for a newcomer, and it has been said */
	int64_t open_at;      /* accept not before, in usec; 0: at any time */
	int64_t came_at;      /* when somebody came in last, in usec */
};

/* How many entries of poll() it needs for these listeners. */
size_t acceptor_polls(const struct listeners *listeners);

/* Listeners, polls (with POLLIN in events) and log outlive it. */
void acceptor_init(struct acceptor *e, struct listeners *listeners, struct pollfd *polls,
	struct log *log);
void acceptor_finish(struct acceptor *e); /* closes the connections in the handshakes */

/* Before poll(): sets which listeners are waited for. */
void acceptor_watch(struct acceptor *e);

/*
 * Behind poll(): takes one step with one newcomer (newcomer->fd is -1 if that brought nobody in,
 * or not yet); false when there is nothing to do now.
 */
bool acceptor_next(struct acceptor *e, struct newcomer *newcomer, struct time now);

/*
 * Newcomers have come in, and these are the clients now. Where there are thousands, a turn costs
 * far more than a newcomer: as long as they keep coming, they are let in several at a time.
 */
void acceptor_crowded(struct acceptor *e, uint32_t clients, struct time now);

/* A descriptor has become free: those who had to wait for one may come. */
void acceptor_relieve(struct acceptor *e);

/* When a turn is needed without an event, in usec; TIME_NEVER for never. */
int64_t acceptor_deadline(const struct acceptor *e, struct time now);

/* Closes the listeners and empties the handshakes: nobody comes in any more. */
void acceptor_close(struct acceptor *e);

#endif
