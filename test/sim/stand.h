/*
 * Where a client stands in the feed, as far as that can be known: lines of somebody whom it ignores
 * leave no trace when they are passed over.
 */
#ifndef SIM_STAND_H
#define SIM_STAND_H

#include "test/sim/sim.h"

bool stand_is_event(const struct entry *line);

/* Whether the client sees the line of this ID. */
enum sight stand_sight(const struct sim *sim, const struct peer *c, uint64_t id);

/* The last ID at which the client may stand; the first is its cursor. */
uint64_t stand_most(const struct sim *sim, const struct peer *c);

/* A replay of so many messages begins here. */
void stand_replay(const struct sim *sim, struct peer *c, uint64_t count);

#endif
