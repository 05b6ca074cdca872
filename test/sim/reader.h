/*
 * What a client receives, compared with what was said: every byte of it.
 */
#ifndef SIM_READER_H
#define SIM_READER_H

#include "test/sim/sim.h"

/* It comes into the room: from here on it is owed the feed, behind a replay. */
void reader_enter(struct sim *sim, struct peer *c, uint64_t next, uint32_t clients);

void reader_take(struct sim *sim, struct peer *c, const uint8_t *bytes, size_t len);

/* Nothing more will come: what it was owed must have. */
void reader_end(struct sim *sim, struct peer *c);

/* Whether it has been told everything that was said until now, and answered. */
void reader_check_rest(struct sim *sim, const struct peer *c);

#endif
