/*
 * What a client says: random lines of every kind, written down as they should be understood.
 */
#ifndef SIM_TALK_H
#define SIM_TALK_H

#include "test/sim/sim.h"

/* Says something. */
void talk(struct sim *sim, struct client *c);

/* Ends the sending side, perhaps in the middle of a line. */
void talk_end(struct sim *sim, struct client *c, enum ending how);

/* How a client sees a person's line of this ID; and a change of it. */
enum sight talk_sight(const struct client *c, const struct person *person, uint64_t id);
void talk_set_sight(struct client *c, struct person *person, enum sight sight);

/* Sees it again, what was said before this ID perhaps not. */
void talk_unignored(struct client *c, struct person *person, uint64_t id);

/* It comes back: whom it ignores then is whom it ignored before. */
void talk_forget_sights(const struct sim *sim, struct client *c);

#endif
