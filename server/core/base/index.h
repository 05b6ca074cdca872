/*
 * An index: what may have a key, found by the key's hash. It only hints: what it names is to be
 * looked at, since it may have another key or hash, or have gone. So nothing is ever taken out;
 * its owner makes it again when it is full.
 */
#ifndef SERVER_CORE_BASE_INDEX_H
#define SERVER_CORE_BASE_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/slice.h"

/* What a hash is of: the same bits mean something else for each. */
enum index_key { INDEX_ID, INDEX_TOKEN, INDEX_FOLDED, INDEX_WRITTEN, INDEX_NUMBER };

enum { INDEX_VALUE_MAX = (1 << 24) - 2 };

/* All zero is empty. */
struct index {
	uint32_t *list;   /* heap, or NULL: the high byte of a hash, then a value + 1; 0: free */
	uint32_t size;    /* a power of two, or 0 */
	uint32_t count;
	bool is_partial;  /* there was no memory: everything has to be looked at */
};

uint32_t index_hash(enum index_key key, uint32_t bits);

/* Whether this many more fit; if not: index_begin(), and everything is to be added again. */
bool index_has_room(const struct index *x, uint32_t count);

/* Empties it and makes room for some more than this many. Without memory it is partial. */
void index_begin(struct index *x, uint32_t count);

/* There is room for it; value is at most INDEX_VALUE_MAX. */
void index_add(struct index *x, uint32_t hash, uint32_t value);

/* The next value with a hash; *at is 0 at the start. False at the end. */
bool index_next(const struct index *x, uint32_t hash, uint32_t *at, uint32_t *value);

void index_finish(struct index *x);

#endif
