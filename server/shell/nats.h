/*
 * The socket to a nats-server: one descriptor for the loop's poll(), for the
 * log of nats/jetstream.h.
 */
#ifndef SERVER_SHELL_NATS_H
#define SERVER_SHELL_NATS_H

#include <poll.h>
#include <stdint.h>

#include "server/core/nats/link.h"
#include "server/shell/targets.h"

/* All zero but fd, which is -1, is not connected. */
struct nats {
	const struct targets *targets;
	struct link *link;
	int fd;
};

/* What to poll for; fd -1: nothing. */
struct pollfd nats_poll(const struct nats *n);

/* Reads what has come, after poll(); connects where it is time to. */
void nats_receive(struct nats *n, short revents, int64_t now);

/* Writes what is to go; closes what was lost. */
void nats_send(struct nats *n, int64_t now);

void nats_close(struct nats *n);

#endif
