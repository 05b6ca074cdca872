/*
 * Deadlines (deadlines.h) in a binary heap. The rule: index says of each
 * place where it stands there.
 */
#include "server/core/base/deadlines.h"

#include <stdlib.h>

#include "server/core/base/time.h"

int deadlines_init(struct deadlines *d, uint32_t size)
{
	/* Pages that are never touched cost nothing. */
	*d = (struct deadlines){ .heap = calloc(size, sizeof(*d->heap)),
		.index = calloc(size, sizeof(*d->index)) };
	if (d->heap != NULL && d->index != NULL)
		return 0;
	deadlines_finish(d);
	return -1;
}

void deadlines_finish(struct deadlines *d)
{
	free(d->heap);
	free(d->index);
	*d = (struct deadlines){ 0 };
}

/* Of those at the same time the lower place comes first. */
static bool is_before(struct deadline a, struct deadline b)
{
	return a.at < b.at || (a.at == b.at && a.place < b.place);
}

static void put(struct deadlines *d, uint32_t i, struct deadline deadline)
{
	d->heap[i] = deadline;
	d->index[deadline.place] = i + 1;
}

/* Puts one where it belongs, from a free index i on towards the first. */
static void rise(struct deadlines *d, uint32_t i, struct deadline deadline)
{
	for (; i > 0 && is_before(deadline, d->heap[(i - 1) / 2]); i = (i - 1) / 2)
		put(d, i, d->heap[(i - 1) / 2]);
	put(d, i, deadline);
}

/* The same towards the last. */
static void sink(struct deadlines *d, uint32_t i, struct deadline deadline)
{
	for (;;) {
		uint32_t next = 2 * i + 1;

		if (next + 1 < d->count && is_before(d->heap[next + 1], d->heap[next]))
			next++;
		if (next >= d->count || is_before(deadline, d->heap[next]))
			break;
		put(d, i, d->heap[next]);
		i = next;
	}
	put(d, i, deadline);
}

void deadlines_add(struct deadlines *d, uint32_t place, int64_t at)
{
	struct deadline deadline = { at, place };
	uint32_t i = d->index[place];

	if (i == 0)
		rise(d, d->count++, deadline);
	else if (at < d->heap[i - 1].at)
		rise(d, i - 1, deadline);
}

int64_t deadlines_first(const struct deadlines *d)
{
	return d->count > 0 ? d->heap[0].at : TIME_NEVER;
}

void deadlines_drop(struct deadlines *d, uint32_t place)
{
	uint32_t i = d->index[place];
	struct deadline last;

	if (i == 0)
		return;
	d->index[place] = 0;
	last = d->heap[--d->count];
	if (--i == d->count)
		return;
	if (is_before(last, d->heap[i]))
		rise(d, i, last);
	else
		sink(d, i, last);
}

bool deadlines_take(struct deadlines *d, int64_t now, uint32_t *place)
{
	if (deadlines_first(d) > now)
		return false;
	*place = d->heap[0].place;
	deadlines_drop(d, *place);
	return true;
}
