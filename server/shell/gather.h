/*
 * Whether to look for more input before sending. A turn costs a send to everybody, however much
 * was said in it, so it pays to take in one turn what came while the first of it was read: another
 * poll() that does not wait costs a small part of a turn, and can spare a whole one. But most of
 * the time nothing has come, and then it only costs.
 *
 * So looks are paid for by what they bring: one that brings something earns as many in vain as the
 * turn it spares is worth, and with nothing left a look is taken once in a while, on trust: in a
 * quiet room, one in GATHER_PAUSE turns. What is saved up lets a room in which those who speak
 * wait for each other's turn, so that most looks find nothing just because looks keep them
 * together, go on looking.
 */
#ifndef CHAT_GATHER_H
#define CHAT_GATHER_H

#include <stdbool.h>
#include <stdint.h>

enum {
	GATHER_ROUNDS = 8,  /* looks in one turn at most */
	GATHER_WORTH = 20,  /* looks in vain that one which brings something pays for, at most */
	GATHER_SAVED = 400, /* and so many can be saved up */
	GATHER_PAUSE = 16,  /* turns until one is taken on trust */
};

/* All zero is a room that has been quiet. */
struct gather {
	uint32_t paid;    /* looks that may still be in vain */
	uint32_t skipped; /* turns without a look */
};

/* A turn has read something: whether to look once more. */
bool gather_wanted(struct gather *g);

/* What came of a look, in a room of so many clients. */
void gather_looked(struct gather *g, bool brought, uint32_t clients);

#endif
