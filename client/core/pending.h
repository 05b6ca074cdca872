/*
 * What was sent to be said and has not been seen to be said: each line stays here until its echo
 * comes. Those that were sent before the connection was lost are in doubt. The lines are numbered
 * as the server counts them (docs/protocol.md, "Was it said?").
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
	struct buffer lines;   /* as sent, each with LF */
	struct buffer numbers; /* a uint64_t for each */
	size_t doubtful;       /* bytes of the lines that are in doubt */
	uint64_t sent;         /* lines since the server began to count */
};

void pending_finish(struct pending *p);

/*
 * Whether a line is one that the server counts: a message or an action. It must be as
 * pending_canonical() makes it.
 */
bool pending_counts(struct piece line);

/*
 * Appends a line, with LF, so that there can be no two opinions on what it is: a command begins
 * with its slash, and an action with "/me ".
 */
void pending_canonical(struct piece line, struct buffer *out);

/* Counts and keeps a line that was sent, unless it is a command that nobody hears. */
void pending_add(struct pending *p, struct piece line);

/* The server begins to count; what is kept is none of what it counts. */
void pending_restart(struct pending *p);

/*
 * Our line has come back: it waits no more. When nothing is the same, the first line that was
 * sent on this connection is taken for it, since they come back in their order. False: there was
 * none.
 */
bool pending_confirm(struct pending *p, const struct message *m);

/* The server has refused a line of that many bytes: it waits no more. */
void pending_refuse(struct pending *p, uint64_t len);

/* The connection is lost: everything is in doubt. */
void pending_doubt(struct pending *p);

/*
 * The server has dealt with this many of those that were sent. Those in doubt after them were
 * never said: they are moved to unsaid, each with LF, to be sent again; the others come back yet.
 */
void pending_settle(struct pending *p, uint64_t dealt_with, struct buffer *unsaid);

/* Moves all that is in doubt to unsaid, each line with LF. */
void pending_take_doubtful(struct pending *p, struct buffer *unsaid);

/* Takes the first line that is in doubt away, into line (without LF). False: there is none. */
bool pending_give_up(struct pending *p, struct buffer *line);

/* How many lines were sent on this connection and are not yet seen to be said. */
size_t pending_in_flight(const struct pending *p);

#endif
