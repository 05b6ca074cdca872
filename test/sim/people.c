#include "test/sim/people.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/sim/memory.h"
#include "test/sim/truth.h"

struct person *people_add(struct sim *sim, struct peer *c, uint32_t slot)
{
	struct person *person = memory_get(sizeof(*person));

	*person = (struct person){ .number = (uint32_t)sim->person_count, .slot = slot,
		.lost_at = -1, .client = c };
	sim->persons = memory_grow(sim->persons, sim->person_count, sizeof(*sim->persons));
	sim->persons[sim->person_count++] = person;
	return person;
}

static size_t name_of(const struct person *person, char name[WHO_MAX + 1])
{
	if (person->nick_len == 0)
		return (size_t)snprintf(name, WHO_MAX + 1, "#%u", (unsigned)person->slot);
	memcpy(name, person->nick, person->nick_len);
	name[person->nick_len] = '\0';
	return person->nick_len;
}

static bool is_called(const struct person *person, const char *who, size_t len)
{
	char name[WHO_MAX + 1];

	return name_of(person, name) == len && memcmp(name, who, len) == 0;
}

struct person *people_find(const struct sim *sim, const char *who, size_t len)
{
	for (size_t i = sim->person_count; i > 0; i--) {
		struct person *person = sim->persons[i - 1];

		if (!person->has_left && is_called(person, who, len))
			return person;
	}
	return NULL;
}

void people_set_nick(struct person *person, const char *nick, size_t len)
{
	memcpy(person->nick, nick, len);
	person->nick_len = len;
}

void people_come_back(struct sim *sim, struct peer *c, struct person *person)
{
	if (c->person == person)
		return;
	sim_trace(sim, c, "is person %u again", (unsigned)person->number);
	c->person->has_left = true;
	c->person->client = NULL;
	if (person->client != NULL)
		person->client->taken_over = true;
	person->client = c;
	person->slot = c->slot;
	person->has_left = false;
	person->lost_at = c->ended || c->has_hung_up ? c->ended_at : -1;
	c->person = person;
	c->self_since = truth_next(sim);
}
