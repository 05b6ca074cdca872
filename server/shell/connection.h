/*
 * The descriptor at a place of the core, and what the system has said about it.
 */
#ifndef SERVER_SHELL_CONNECTION_H
#define SERVER_SHELL_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "server/core/base/time.h"

struct connection {
	int fd;       /* -1: none */
	bool blocked : 1; /* it took less than it was offered: wait for POLLOUT */
	bool shut : 1;    /* we have ended our sending side */
	bool ended : 1;   /* the peer has ended its own */
	bool reset : 1;   /* sending has met a reset: the input does not end in order */
	bool spared : 1;  /* it takes nothing, but its system answers: no timeout for now */
};

/*
 * For a connection's socket, or one that listens: no delay for small lines, a peer that is
 * gone is noticed within about two minutes, and the kernel buffers no more than is useful. A
 * kind of socket that lacks an option is not an error.
 */
void connection_tune(int fd);

/*
 * Whether it has been tuned, or came through a listener that has: checks one option only, as they
 * are set together.
 */
bool connection_is_tuned(int fd);

enum { CONNECTION_NOTHING = -1, CONNECTION_RESET = -2 };

/* Reads: the bytes it got, 0 at the peer's orderly end, or one of the above. */
ssize_t connection_read(struct connection *c, void *bytes, size_t size);

/* Sends: the bytes it took, which may be none, or CONNECTION_RESET. */
ssize_t connection_send(struct connection *c, struct iovec *iov, int count);

/* Ends our sending side. */
void connection_shut(struct connection *c);

/* Bytes that the peer's system has not taken yet; 0 where ours cannot tell. */
size_t connection_unsent(const struct connection *c);

/*
 * Bytes for which the peer has made no room yet: these come down only when it reads, those above
 * also when its system takes what fills up its buffer, long after it has stopped reading.
 */
size_t connection_unread(const struct connection *c);

/*
 * Whether a peer that we have been sending to has not answered for so long that it must be gone.
 * To be asked at least once in CONNECTION_CHECK while connection_unsent().
 */
bool connection_is_dead(struct connection *c);

#define CONNECTION_CHECK (60 * TIME_SECOND)

#endif
