#include "test/sim/people.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/text.h"
#include "test/sim/memory.h"

struct person *people_add(struct sim *sim, struct peer *c, uint32_t slot)
{
	struct person *person = memory_get(sizeof(*person));

	*person = (struct person){ .number = (uint32_t)sim->person_count, .slot = slot,
		.lost_at = -1, .client = c, .leaves_silently = !sim->exact };
	sim->persons = memory_grow(sim->persons, sim->person_count, sizeof(*sim->persons));
	sim->persons[sim->person_count++] = person;
	return person;
}

bool people_is_present(const struct person *person)
{
	return person->joined && !person->left;
}

static size_t name_of(const struct person *person, char name[WHO_MAX + 1])
{
	if (person->nick_len == 0)
		return (size_t)snprintf(name, WHO_MAX + 1, "#%u", (unsigned)person->slot);
	memcpy(name, person->nick, person->nick_len);
	name[person->nick_len] = '\0';
	return person->nick_len;
}

bool people_is_called(const struct person *person, const char *who, size_t len)
{
	char name[WHO_MAX + 1];

	return name_of(person, name) == len && memcmp(name, who, len) == 0;
}

struct peer *people_seated(const struct sim *sim, const char *who)
{
	unsigned long slot = strtoul(who + 1, NULL, 10);

	return slot > 0 && slot <= SIM_PLACES ? sim->seats[slot - 1] : NULL;
}

struct person *people_find(const struct sim *sim, const char *who, size_t len)
{
	const struct peer *c = who[0] == '#' ? people_seated(sim, who) : NULL;

	if (c != NULL && c->person != NULL && !c->person->left && !c->taken_over &&
		(c->person->joined || !sim->exact) && people_is_called(c->person, who, len))
		return c->person;
	for (size_t i = 0; i < sim->person_count; i++) {
		struct person *person = sim->persons[i];

		if (people_is_present(person) && people_is_called(person, who, len))
			return person;
	}
	/* Where not every coming is announced, the name has to do. */
	if (!sim->exact && (who[0] == 'u' || who[0] == 'U')) {
		unsigned long number = strtoul(who + 1, NULL, 10);

		if (number < sim->person_count && !sim->persons[number]->left)
			return sim->persons[number];
	}
	return NULL;
}

void people_set_nick(struct sim *sim, struct person *person, const char *nick, size_t len)
{
	for (size_t i = 0; sim->exact && i < sim->person_count; i++) {
		const struct person *other = sim->persons[i];

		if (other != person && people_is_present(other) && other->nick_len > 0 &&
			text_compare(other->nick, other->nick_len, nick, len) == 0)
			sim_fail(sim, person->client, "two are called %.*s", (int)len, nick);
	}
	memcpy(person->nick, nick, len);
	person->nick_len = len;
}

/* What the client has said since it asked for it was said as this person, as is known only now. */
static void reattribute(struct sim *sim, const struct peer *c, struct person *person)
{
	struct person *before = c->person;

	for (size_t i = c->said_count; i > 0; i--) {
		const struct utterance *u = &c->said[i - 1];
		struct entry *line;

		if (u->shown == SHOWN_TOKEN && u->whom == person)
			return;
		if (u->id == 0)
			continue;
		line = &sim->truth.lines[u->id - sim->truth.base];
		if (line->author != before)
			continue;
		line->author = person;
		if (person->serial == 0)
			person->serial = before->serial;
	}
}

void people_come_back(struct sim *sim, struct peer *c, struct person *person)
{
	struct person *before = c->person;
	/* It may have left again before it read the answer, under either name. */
	bool left = before->left || (person->left && !person->numbered);

	if (before == person)
		return;
	sim_trace(sim, c, "is person %u again", (unsigned)person->number);
	reattribute(sim, c, person);
	before->left = true;
	before->client = NULL;
	if (person->client != NULL)
		person->client->taken_over = true;
	person->client = c;
	person->slot = c->slot;
	person->joined = true;
	person->left = left;
	person->numbered = false;
	person->lost_at = c->ended ? c->ended_at : -1;
	c->person = person;
	c->self_since = sim->truth.base + sim->truth.count;
}
