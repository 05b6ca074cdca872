/*
 * Whether to look for more input before sending. A turn costs a send to everybody, however much
 * was said in it, so it pays to take in one turn what came while the first of it was read: another
 * poll() that does not wait costs a small part of a turn, and can spare a whole one. But most of
 * the time nothing has come, and then it only costs.
 *
 * So it is done as long as it brings something often enough to pay for itself (a look costs about
 * as much as two or three of a hundred sends), and otherwise tried once in a while: in a quiet
 * room, one poll() in GATHER_PAUSE turns.
 */
#ifndef CHAT_GATHER_H
#define CHAT_GATHER_H

#include <stdbool.h>

enum {
	GATHER_ROUNDS = 8,    /* looks in one turn at most */
	GATHER_PATIENCE = 32, /* looks in a row that may bring nothing before it is given up */
	GATHER_PAUSE = 16,    /* turns until it is tried again */
};

/* All zero is a room that has been quiet. */
struct gather {
	unsigned patience; /* looks that may still be in vain */
	unsigned skipped;  /* turns without a look */
};

/* A turn has read something: whether to look once more. */
bool gather_wanted(struct gather *g);

/* What came of a look. */
void gather_looked(struct gather *g, bool brought);

#endif
