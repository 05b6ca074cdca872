/*
 * What was sent to be said and has not been seen to be said: each line stays here until its echo
 * comes. Those that were sent before the connection was lost are in doubt.
 */
#ifndef CLIENT_CORE_PENDING_H
#define CLIENT_CORE_PENDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/core/buffer.h"
#include "client/core/piece.h"
#include "proto/message.h"

/* All zero is an empty one. */
struct pending {
	struct buffer lines; /* as typed, each with LF */
	size_t doubtful;     /* bytes of them that are in doubt */
};

/* Adds a line that was sent, unless it is a command that nobody hears, or nothing to be heard. */
void pending_add(struct pending *p, struct piece line);

/*
 * What we said has come back: it waits no more, nor does what was sent before it on the same
 * connection. False: nothing waited for it.
 */
bool pending_confirm(struct pending *p, const struct message *m);

/* The server has refused a line of that many bytes: it waits no more. */
void pending_refuse(struct pending *p, uint64_t len);

/* The connection is lost: everything is in doubt. */
void pending_doubt(struct pending *p);

/* Takes the first line that is in doubt away, into line (without LF). False: there is none. */
bool pending_give_up(struct pending *p, struct buffer *line);

#endif
