/*
 * Chance from a seed (SplitMix64, public domain): the same on every machine, so that a failing
 * run is one number.
 */
#ifndef SIM_RANDOM_H
#define SIM_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct random {
	uint64_t state;
};

static inline uint64_t random_next(struct random *r)
{
	uint64_t z = r->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* 0 to n - 1; n > 0. */
static inline uint32_t random_below(struct random *r, uint32_t n)
{
	return (uint32_t)((random_next(r) >> 32) * n >> 32);
}

static inline uint32_t random_between(struct random *r, uint32_t least, uint32_t most)
{
	return least + random_below(r, most - least + 1);
}

static inline bool random_chance(struct random *r, uint32_t percent)
{
	return random_below(r, 100) < percent;
}

static inline uint32_t random_of(struct random *r, const uint32_t *array, size_t count)
{
	return array[random_below(r, (uint32_t)count)];
}

/* One of the numbers in an array. */
#define RANDOM_PICK(r, array) random_of((r), (array), sizeof(array) / sizeof((array)[0]))

#endif
