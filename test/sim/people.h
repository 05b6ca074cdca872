/*
 * People, as the clients know them: names to speak to, tokens to come back with. Nothing is checked
 * by these.
 */
#ifndef SIM_PEOPLE_H
#define SIM_PEOPLE_H

#include "test/sim/sim.h"

/* A newcomer is a new person. */
struct person *people_add(struct sim *sim, struct peer *c, uint32_t slot);

/* The client has come back as the person whose token it showed. */
void people_come_back(struct sim *sim, struct peer *c, struct person *person);

/* The newest who is called so, as far as is known: by a nick or "#SLOT". NULL: nobody. */
struct person *people_find(const struct sim *sim, const char *who, size_t len);

void people_set_nick(struct person *person, const char *nick, size_t len);

#endif
