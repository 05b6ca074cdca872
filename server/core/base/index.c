/*
 * An index (index.h): open addressing with linear probing. The rule: a quarter of it is free.
 */
#include "server/core/base/index.h"

#include <stdlib.h>

enum { SIZE_MIN = 64 };

#define HASH UINT32_C(0xff000000) /* what an entry has of its hash: the highest byte */

uint32_t index_hash(enum index_key key, uint32_t bits)
{
	/* Knuth's multiplier spreads what is numbered in a row. */
	uint32_t hash = (bits ^ (uint32_t)key << 28) * UINT32_C(2654435769);

	return hash ^ hash >> 15;
}

bool index_has_room(const struct index *x, uint32_t count)
{
	return x->is_partial || x->count + count <= x->size / 4 * 3;
}

void index_begin(struct index *x, uint32_t count)
{
	uint32_t size = SIZE_MIN;

	while (size < 2 * count)
		size *= 2;
	free(x->list);
	*x = (struct index){ .list = calloc(size, sizeof(*x->list)), .size = size };
	if (x->list == NULL)
		*x = (struct index){ .is_partial = true };
}

void index_add(struct index *x, uint32_t hash, uint32_t value)
{
	uint32_t i = hash & (x->size - 1), entry = (hash & HASH) | (value + 1);

	if (x->is_partial)
		return;
	for (; x->list[i] != 0; i = (i + 1) & (x->size - 1))
		if (x->list[i] == entry)
			return;
	x->list[i] = entry;
	x->count++;
}

bool index_next(const struct index *x, uint32_t hash, uint32_t *at, uint32_t *value)
{
	while (x->size > 0) {
		uint32_t entry = x->list[(hash + *at) & (x->size - 1)];

		if (entry == 0)
			return false;
		++*at;
		if ((entry & HASH) == (hash & HASH)) {
			*value = (entry & ~HASH) - 1;
			return true;
		}
	}
	return false;
}

void index_finish(struct index *x)
{
	free(x->list);
	*x = (struct index){ 0 };
}
