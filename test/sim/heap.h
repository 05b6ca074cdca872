/*
 * The memory of the core that is simulated: counted, and not to be had when the simulator wants
 * it so. borrow.h brings the core's calls here.
 */
#ifndef SIM_HEAP_H
#define SIM_HEAP_H

#include <stddef.h>
#include <stdint.h>

struct heap {
	size_t bytes, blocks; /* in use */
	size_t largest;       /* block that was asked for since heap_watch() */
	uint64_t failures;    /* calls that were refused, ever */
};

const struct heap *heap_state(void);

/* Looks for the largest block again. */
void heap_watch(void);

/* The call behind so many others fails, and then no more; heap_relent(): none does after all. */
void heap_fail_behind(uint32_t calls);
void heap_relent(void);

/* As those of the C library. */
void *heap_get(size_t size);
void *heap_get_zeroed(size_t count, size_t size);
void *heap_resize(void *old, size_t size);
void heap_free(void *old);

#endif
