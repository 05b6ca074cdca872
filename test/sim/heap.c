/*
 * Each block has a head that says how long it is. There is one heap, as there is one malloc():
 * the core has no other way to say for which room it asks.
 */
#include "test/sim/heap.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

struct block {
	alignas(max_align_t) size_t size;
};

static struct heap heap;
static uint32_t calls_left; /* until one fails; 0: none will */

const struct heap *heap_state(void)
{
	return &heap;
}

void heap_watch(void)
{
	heap.largest = 0;
}

void heap_fail_behind(uint32_t calls)
{
	calls_left = calls + 1;
}

void heap_relent(void)
{
	calls_left = 0;
}

static int is_refused(void)
{
	if (calls_left == 0 || --calls_left > 0)
		return 0;
	heap.failures++;
	return 1;
}

void *heap_resize(void *old, size_t size)
{
	struct block *before = old != NULL ? (struct block *)old - 1 : NULL, *block;
	size_t size_before = before != NULL ? before->size : 0;

	if (is_refused())
		return NULL;
	block = realloc(before, sizeof(*block) + size);
	if (block == NULL)
		abort();
	block->size = size;
	heap.bytes += size - size_before;
	heap.blocks += old == NULL;
	if (size > heap.largest)
		heap.largest = size;
	return block + 1;
}

void *heap_get(size_t size)
{
	return heap_resize(NULL, size);
}

void *heap_get_zeroed(size_t count, size_t size)
{
	void *block;

	if (count > 0 && size > SIZE_MAX / 2 / count)
		return NULL;
	block = heap_resize(NULL, count * size);
	if (block != NULL)
		memset(block, 0, count * size);
	return block;
}

void heap_free(void *old)
{
	struct block *block;

	if (old == NULL)
		return;
	block = (struct block *)old - 1;
	heap.bytes -= block->size;
	heap.blocks--;
	free(block);
}
