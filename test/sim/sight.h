/*
 * Whom a client ignores, as far as can be known from what it has asked for and been answered.
 */
#ifndef SIM_SIGHT_H
#define SIM_SIGHT_H

#include "test/sim/sim.h"

/* How a client sees a person's line of this ID, or a user's; and a change of it. */
enum sight sight_of(const struct sim *sim, const struct peer *c, const struct person *person,
	uint64_t id);
enum sight sight_of_user(const struct sim *sim, const struct peer *c, uint32_t user_id,
	uint64_t id);
void sight_set(struct peer *c, struct person *person, enum sight sight);

/* Sees it again, what was said before this ID perhaps not. */
void sight_again(struct peer *c, struct person *person, uint64_t id);

/* It comes back: whom it ignores then is whom it ignored before. */
void sight_forget(const struct sim *sim, struct peer *c);

#endif
