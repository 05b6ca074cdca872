/*
 * What a client is owed, in order: the feed from its cursor on, its private lines in their places
 * between, a replay where it asked for one, and a word about what it missed.
 */
#ifndef CHAT_STREAM_H
#define CHAT_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "server/core/room.h"

enum { STREAM_PIECES = 8 };

/* Where a client stands in its stream. */
struct stream_point {
	uint64_t cursor;
	uint64_t replay_end;
	uint32_t replay_back;
};

/* What stream_owed() offered last, so that stream_sent() knows what has gone out. */
struct stream_plan {
	struct iovec iov[STREAM_PIECES];
	struct stream_point before[STREAM_PIECES]; /* each piece */
	struct stream_point after[STREAM_PIECES];
	bool of_feed[STREAM_PIECES]; /* else a private line */
	int count;

	/* While it is made: what comes next. */
	struct stream_point point;
	uint32_t reply; /* where the next private line lies */
	bool rendered;  /* one run has been: the next would overwrite it */
};

/* Whether there is anything to send. */
bool stream_waits(const struct room *room, const struct slot *slot);

/*
 * Fills the plan with what comes next, as much as goes in one call; returns the number of pieces,
 * 0 when there is nothing. Valid until the feed or the slot's replies change.
 */
int stream_owed(struct room *room, struct slot *slot, struct stream_plan *plan);

/*
 * The first len bytes of the plan have been sent. What is left of a line that was cut in two is
 * copied to the front of the slot's replies: cursors stand only between lines.
 */
void stream_sent(struct room *room, struct slot *slot, const struct stream_plan *plan, size_t len);

/* Sets the cursor back so that the last count messages come before what follows. */
void stream_replay(struct room *room, struct slot *slot, uint32_t count);

#endif
