/*
 * Sets of places: a bit for each, and a bit for each word of those. To add or remove one takes a
 * moment, and a walk costs what is in the set, not what could be.
 */
#ifndef SERVER_CORE_BASE_PLACE_SET_H
#define SERVER_CORE_BASE_PLACE_SET_H

#include <stdbool.h>
#include <stdint.h>

struct place_set {
	uint64_t *bits;    /* heap: of each place, then of each word of those whether it has any */
	uint64_t *summary; /* where the latter begin */
	uint32_t size;     /* places there can be */
	uint32_t words;
};

/* An empty set of places below size. 0, or -1 when there is no memory. */
int place_set_init(struct place_set *s, uint32_t size);
void place_set_finish(struct place_set *s);

static inline void place_set_add(struct place_set *s, uint32_t place)
{
	s->bits[place / 64] |= UINT64_C(1) << place % 64;
	s->summary[place / 4096] |= UINT64_C(1) << place / 64 % 64;
}

static inline bool place_set_has(const struct place_set *s, uint32_t place)
{
	return (s->bits[place / 64] >> place % 64 & 1) != 0;
}

void place_set_remove(struct place_set *s, uint32_t place);

/* Adds all that are in another set of the same size. */
void place_set_add_all(struct place_set *s, const struct place_set *other);

/* The lowest place in it from this one on; size when there is none. */
uint32_t place_set_next(const struct place_set *s, uint32_t from);

/* Whether there is one from *place on; *place is that, and is taken out. */
bool place_set_take(struct place_set *s, uint32_t *place);

bool place_set_is_empty(const struct place_set *s);

#endif
