/*
 * Whether to poll for more input before sending. A turn costs a send to everybody in the rooms
 * where something was said, however much it was, so it pays to read in one turn what came while the
 * first of it was read: an extra poll() costs a small part of a turn, and can save a whole one. It
 * waits for a small part of a turn, too: whoever wakes first is read within microseconds, and what
 * others say at the same moment would come just too late. If nothing has come it is wasted; and
 * whether its input would have made a turn of its own, or come in time for the next one anyway,
 * depends on who talks and how fast.
 *
 * So it is measured: now and then some turns are taken without extra polls and some with them, and
 * the way that makes fewer calls per line is kept for a while.
 */
#ifndef SERVER_SHELL_BATCHING_H
#define SERVER_SHELL_BATCHING_H

#include <stdbool.h>
#include <stdint.h>

enum {
	BATCHING_ROUNDS = 8,  /* extra polls in one turn at most */
	BATCHING_TRIED = 32,  /* turns that each way is tried for */
	BATCHING_KEPT = 1024, /* turns that the better one is kept for */
	BATCHING_PART = 16,   /* of a turn, of which a send takes a microsecond or more: a poll's
			       * wait */
};

struct batching_cost {
	uint32_t sends; /* and extra polls, counted by what they cost */
	uint32_t lines;
};

/* All zero: nothing has been said yet. */
struct batching {
	bool extra_polls; /* whether this turn makes extra polls */
	bool kept;        /* because that is the better way; else this is a trial */
	uint32_t turns;   /* in this way so far */
	uint32_t sends;   /* of the last turn in which something was said */
	struct batching_cost with, without;
};

/* A turn, in which lines were said in any room. */
struct batching_counts {
	uint32_t lines;
	uint32_t sends;
	uint32_t extra_polls;
	uint32_t polled; /* descriptors that each of these was asked about */
};

/* How long an extra poll may wait, in usec. */
uint32_t batching_wait(const struct batching *b);

/* Counts a turn, and decides about the next one. */
void batching_turn(struct batching *b, const struct batching_counts *turn);

#endif
