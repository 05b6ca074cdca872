/*
 * What a client says: random lines of every kind, written down as they should be understood.
 */
#ifndef SIM_TALK_H
#define SIM_TALK_H

#include "test/sim/sim.h"

/* Says something. */
void talk(struct sim *sim, struct peer *c);

/* Ends the sending side, perhaps in the middle of a line. */
void talk_end(struct sim *sim, struct peer *c, enum ending how);

#endif
