/*
 * Looks names up without making anybody wait.
 */
#ifndef CLIENT_SHELL_RESOLVER_H
#define CLIENT_SHELL_RESOLVER_H

#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "client/core/buffer.h"
#include "client/shell/target.h"

enum { RESOLVER_MAX = 32 }; /* addresses; those beyond it are not tried */

struct resolver_address {
	struct sockaddr_storage address;
	socklen_t len;
	size_t host; /* of the target, that it is one of */
};

enum resolver_state {
	RESOLVER_BUSY,
	RESOLVER_DONE,
	RESOLVER_FAILED,
};

/* Begin with { .fd = -1 }. */
struct resolver {
	int fd;       /* readable when resolver_turn() has work; -1: nothing is looked up */
	pid_t child;
	struct buffer answer;
};

/*
 * The addresses of a target whose hosts are all given as numbers, or localhost (RFC 6761): there is
 * nothing to look up. Returns how many; 0: there is.
 */
size_t resolver_known(const struct target *target, size_t first,
	struct resolver_address *addresses);

/* Begins to look up the hosts of a target, from one of them on. 0, or -1 with errno set. */
int resolver_begin(struct resolver *r, const struct target *target, size_t first);

/*
 * Goes on. DONE: the addresses and their number, in the order in which to try them. FAILED: why in
 * reason, which is constant.
 */
enum resolver_state resolver_turn(struct resolver *r, struct resolver_address *addresses,
	size_t *count, const char **reason);

/* Gives up what is under way. */
void resolver_finish(struct resolver *r);

#endif
