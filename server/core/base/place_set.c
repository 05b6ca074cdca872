/*
 * Sets of places (place_set.h). The rule: a bit of the summary is set just
 * where its word has a bit.
 */
#include "server/core/base/place_set.h"

#include <stdlib.h>

enum { WORD = 64 };

int place_set_init(struct place_set *s, uint32_t size)
{
	uint32_t words = size / WORD + 1;

	*s = (struct place_set){ .size = size, .words = words,
		.bits = calloc(words + words / WORD + 1, sizeof(*s->bits)) };
	s->summary = s->bits != NULL ? s->bits + words : NULL;
	return s->bits != NULL ? 0 : -1;
}

void place_set_finish(struct place_set *s)
{
	free(s->bits);
	*s = (struct place_set){ 0 };
}

void place_set_remove(struct place_set *s, uint32_t place)
{
	uint64_t *word = &s->bits[place / WORD];

	*word &= ~(UINT64_C(1) << place % WORD);
	if (*word == 0)
		s->summary[place / WORD / WORD] &= ~(UINT64_C(1) << place / WORD % WORD);
}

void place_set_add_all(struct place_set *s, const struct place_set *other)
{
	for (uint32_t i = 0; i < s->words; i++)
		s->bits[i] |= other->bits[i];
	for (uint32_t i = 0; i <= s->words / WORD; i++)
		s->summary[i] |= other->summary[i];
}

/* The number of the lowest bit, of a word that has one. */
static uint32_t lowest(uint64_t word)
{
#ifdef __GNUC__
	return (uint32_t)__builtin_ctzll(word);
#else
	uint32_t n = 0;

	for (; (word & 1) == 0; word >>= 1)
		n++;
	return n;
#endif
}

/* The bits of a word from one on. */
static uint64_t from_bit(uint64_t word, uint32_t bit)
{
	return word & UINT64_MAX << bit;
}

/* The lowest word with a bit, from one on; words when there is none. */
static uint32_t next_word(const struct place_set *s, uint32_t from)
{
	uint32_t i = from / WORD;
	uint64_t some = from_bit(s->summary[i], from % WORD);

	while (some == 0 && i < s->words / WORD)
		some = s->summary[++i];
	return some != 0 ? i * WORD + lowest(some) : s->words;
}

uint32_t place_set_next(const struct place_set *s, uint32_t from)
{
	uint32_t i = from / WORD;
	uint64_t word;

	if (from >= s->size)
		return s->size;
	word = from_bit(s->bits[i], from % WORD);
	if (word == 0) {
		i = next_word(s, i + 1);
		if (i == s->words)
			return s->size;
		word = s->bits[i];
	}
	return i * WORD + lowest(word);
}

bool place_set_take(struct place_set *s, uint32_t *place)
{
	*place = place_set_next(s, *place);
	if (*place == s->size)
		return false;
	place_set_remove(s, *place);
	return true;
}

bool place_set_is_empty(const struct place_set *s)
{
	return place_set_next(s, 0) == s->size;
}
