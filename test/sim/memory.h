/*
 * Memory of the simulator's own: a simulator that has none ends.
 */
#ifndef SIM_MEMORY_H
#define SIM_MEMORY_H

#include <stdio.h>
#include <stdlib.h>

static inline void *memory_resize(void *old, size_t size)
{
	void *p = realloc(old, size);

	if (p == NULL) {
		fprintf(stderr, "sim: out of memory\n");
		exit(2);
	}
	return p;
}

static inline void *memory_get(size_t size)
{
	return memory_resize(NULL, size);
}

/* An array of count items has room for one more: doubles it when it is full. */
static inline void *memory_grow(void *array, size_t count, size_t item)
{
	if ((count & (count - 1)) != 0)
		return array;
	return memory_resize(array, (count == 0 ? 1 : 2 * count) * item);
}

#endif
