#include "test/sim/sight.h"

#include "test/sim/memory.h"

enum sight sight_of(const struct peer *c, const struct person *person, uint64_t id)
{
	/* Nobody ignores themselves, but may have ignored whom they came back as. */
	if (person == c->person && id >= c->self_since)
		return SIGHT_YES;
	for (size_t i = 0; i < c->ignore_count; i++) {
		if (c->ignores[i].person != person)
			continue;
		/* Each /ignore forgets those who are gone for good. */
		if (c->ignore_commands > 1 &&
			(person->left || person->lost_at >= 0 || person->leaves_silently))
			return SIGHT_UNSURE;
		if (id < c->ignores[i].unsure_before)
			return SIGHT_UNSURE;
		return c->ignores[i].sight;
	}
	return SIGHT_YES;
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
