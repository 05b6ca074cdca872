#include "test/sim/sight.h"

#include "test/sim/memory.h"

/* Whether it may have left for good: each /ignore forgets those. */
static bool may_be_gone(const struct sim *sim, const struct person *person)
{
	const struct peer *c = person->client;

	return !sim->exact || person->has_left || person->lost_at >= 0 || c == NULL ||
		c->place < 0 || c->shut || c->quitting || c->ending != ENDING_NONE;
}

enum sight sight_of(const struct sim *sim, const struct peer *c, const struct person *person,
	uint64_t id)
{
	/* Nobody ignores themselves, but may have ignored whom they came back as. */
	if (person == c->person && id >= c->self_since)
		return SIGHT_YES;
	for (size_t i = 0; i < c->ignore_count; i++) {
		if (c->ignores[i].person != person)
			continue;
		if (c->ignore_commands > 1 && may_be_gone(sim, person))
			return SIGHT_UNSURE;
		if (id < c->ignores[i].unsure_before)
			return SIGHT_UNSURE;
		return c->ignores[i].sight;
	}
	return SIGHT_YES;
}

enum sight sight_of_user(const struct sim *sim, const struct peer *c, uint32_t user_id, uint64_t id)
{
	bool unsure = false;

	for (size_t i = sim->person_count; i > 0; i--)
		if (sim->persons[i - 1]->user_id == user_id)
			return sight_of(sim, c, sim->persons[i - 1], id);
	/* It may be somebody of whom nothing has been heard under a name of their own. */
	for (size_t i = 0; i < c->ignore_count && !unsure; i++)
		unsure = c->ignores[i].person->user_id == 0 &&
			sight_of(sim, c, c->ignores[i].person, id) != SIGHT_YES;
	return unsure ? SIGHT_UNSURE : SIGHT_YES;
}

void sight_set(struct peer *c, struct person *person, enum sight sight)
{
	size_t i = 0;

	while (i < c->ignore_count && c->ignores[i].person != person)
		i++;
	if (i == c->ignore_count) {
		c->ignores = memory_grow(c->ignores, c->ignore_count, sizeof(*c->ignores));
		c->ignore_count++;
	}
	c->ignores[i] = (struct unseen){ .person = person, .sight = sight };
}

void sight_again(struct peer *c, struct person *person, uint64_t id)
{
	sight_set(c, person, SIGHT_YES);
	for (size_t i = 0; i < c->ignore_count; i++)
		if (c->ignores[i].person == person)
			c->ignores[i].unsure_before = id;
}

void sight_forget(const struct sim *sim, struct peer *c)
{
	for (size_t i = 0; i < sim->person_count; i++)
		sight_set(c, sim->persons[i], SIGHT_UNSURE);
}
