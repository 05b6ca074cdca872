/*
 * New connections: the listeners, and the handshakes of those that require a PROXY header first.
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
	bool starved;         /* accept() lacked a resource, and the log says so */
	int64_t open_at;      /* accept not before, in usec; 0: at any time */
};

/* How many entries of poll() it needs for these listeners. */
size_t acceptor_polls(const struct listeners *listeners);

/* Listeners, polls (with POLLIN in events) and log outlive it. */
void acceptor_init(struct acceptor *a, struct listeners *listeners, struct pollfd *polls,
	struct log *log);
void acceptor_finish(struct acceptor *a); /* closes the connections in the handshakes */

/* Before poll(): sets which listeners are waited for. */
void acceptor_watch(struct acceptor *a, bool may_accept);

/*
 * After poll(): takes one step with one connection; newcomer->fd is -1 if it is not accepted by
 * that, or not yet. False when there is nothing to do now.
 */
bool acceptor_next(struct acceptor *a, struct newcomer *newcomer, struct time now);

/* A descriptor has become free: connections that waited for one may be accepted. */
void acceptor_relieve(struct acceptor *a);

/* When a turn is needed without an event, in usec; TIME_NEVER for never. */
int64_t acceptor_deadline(const struct acceptor *a, struct time now);

/* Closes the listeners and the handshakes: nothing is accepted any more. */
void acceptor_close(struct acceptor *a);

#endif
