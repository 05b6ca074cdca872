/*
 * Who is who: persons, what they are called, and which client is whom.
 */
#ifndef SIM_PEOPLE_H
#define SIM_PEOPLE_H

#include "test/sim/sim.h"

/* A newcomer is a new person. */
struct person *people_add(struct sim *sim, struct peer *c, uint32_t slot);

/* The client has come back as the person whose token it showed. */
void people_come_back(struct sim *sim, struct peer *c, struct person *person);

/* Whether the room was told that it has come, and not that it has left. */
bool people_is_present(const struct person *person);

/* By a nick or "#SLOT". */
bool people_is_called(const struct person *person, const char *who, size_t len);
struct person *people_find(const struct sim *sim, const char *who, size_t len);

/* The client in the slot that "#3" is. */
struct peer *people_seated(const struct sim *sim, const char *who);

/* Nobody else may be called so. */
void people_set_nick(struct sim *sim, struct person *person, const char *nick, size_t len);

#endif
