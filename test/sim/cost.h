/*
 * What the core's memory comes to: invariant 9 of docs/design.md.
 */
#ifndef SIM_COST_H
#define SIM_COST_H

#include "test/sim/sim.h"

/* The room is empty: what it has now it has for good. */
void cost_begin(struct sim *sim);

/* After each turn: nobody has more than they may. */
void cost_check(struct sim *sim);

/* At rest: who has nothing pending costs no more than its slot, telnet and whom it ignores. */
void cost_check_rest(struct sim *sim);

/* Whether the core has found no memory in this turn. */
bool cost_is_short(const struct sim *sim);

/* Behind each turn: whether for want of memory more went than one for each time. */
void cost_check_victims(struct sim *sim, uint64_t victims);

#endif
