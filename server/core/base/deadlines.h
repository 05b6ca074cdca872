/*
 * Deadlines of places: the one that comes first is known at once, whatever their number. A
 * place has one at a time.
 */
#ifndef SERVER_CORE_BASE_DEADLINES_H
#define SERVER_CORE_BASE_DEADLINES_H

#include <stdbool.h>
#include <stdint.h>

struct deadline {
	int64_t at; /* in usec */
	uint32_t place;
};

struct deadlines {
	struct deadline *heap; /* heap memory: no deadline is before the one at half its index */
	uint32_t *index;       /* heap: of each place, its index there + 1; 0: it has none */
	uint32_t count;
};

/* None, for places below size. 0, or -1 when there is no memory. */
int deadlines_init(struct deadlines *d, uint32_t size);
void deadlines_finish(struct deadlines *d);

/* A place has a deadline then, if it has no earlier one. */
void deadlines_add(struct deadlines *d, uint32_t place, int64_t at);

/* The first of all; TIME_NEVER: there is none. */
int64_t deadlines_first(const struct deadlines *d);

/* Takes out the first if it is not after now. */
bool deadlines_take(struct deadlines *d, int64_t now, uint32_t *place);

/* A place has none any more. */
void deadlines_drop(struct deadlines *d, uint32_t place);

#endif
