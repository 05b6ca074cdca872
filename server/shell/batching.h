/*
 * Whether to look for more input before sending. A turn costs a send to everybody, however much
 * was said in it, so it pays to take in one turn what came while the first of it was read: another
 * poll() that does not wait costs a small part of a turn, and can spare a whole one. Where nothing
 * has come it only costs; and whether what it finds would have made a turn of its own, or would
 * have come in time for the next one anyway, depends on who speaks to whom and how fast.
 *
 * So it is tried: now and then some turns are taken without extra_polls, some with them, and the way
 * that makes the fewest calls for a line is kept for a while.
 */
#ifndef SERVER_SHELL_BATCHING_H
#define SERVER_SHELL_BATCHING_H

#include <stdbool.h>
#include <stdint.h>

enum {
	BATCHING_ROUNDS = 8,  /* extra_polls in one turn at most */
	BATCHING_TRIED = 32,  /* turns that each way is tried for */
	BATCHING_KEPT = 1024, /* turns that the better one is kept for */
};

struct batching_cost {
	uint32_t sends; /* a look counts for as many as it costs */
	uint32_t lines;
};

/* All zero is a room where nobody has identified. */
struct batching {
	bool extra_polls;     /* whether this turn is to look */
	bool kept;      /* it does as that is the better way; else this is a trial */
	uint32_t turns; /* in this way so far */
	struct batching_cost with, without;
};

/*
 * A turn has taken in so many lines, with so many extra_polls, and sends them to so many clients: counts
 * it, and decides how the next one goes.
 */
void batching_turn(struct batching *g, uint32_t lines, uint32_t extra_polls, uint32_t clients);

#endif
