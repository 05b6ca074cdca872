/*
 * The model of the room: the lines that were said. It learns of a line when it stands in the feed,
 * and then accounts for it: who sent it, that nothing was left out before it, that it is what was
 * sent.
 */
#ifndef SIM_TRUTH_H
#define SIM_TRUTH_H

#include "test/sim/sim.h"

void truth_init(struct sim *sim);
void truth_finish(struct sim *sim);

/* Accounts for what has come into the feed since the last call. */
void truth_watch(struct sim *sim);

/* The ID that the next line will get, and the line of an ID below it. */
uint64_t truth_next(const struct sim *sim);
const struct entry *truth_line(const struct sim *sim, uint64_t id);

#endif
