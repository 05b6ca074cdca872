#include "test/bench/histogram.h"

enum { SUB_BITS = 6, SUB = 1 << SUB_BITS };

static unsigned bucket_of(uint64_t value)
{
	unsigned shift = 0;

	if (value >= 2 * SUB)
		shift = 63 - (unsigned)__builtin_clzll(value) - SUB_BITS;
	return shift * SUB + (unsigned)(value >> shift);
}

/* The middle of a bucket. */
static uint64_t value_of(unsigned bucket)
{
	unsigned shift = bucket < 2 * SUB ? 0 : bucket / SUB - 1;

	return ((uint64_t)(bucket - shift * SUB) << shift) + (shift > 0 ? 1ull << (shift - 1) : 0);
}

void histogram_add(struct histogram *h, uint64_t value, uint64_t times)
{
	h->buckets[bucket_of(value)] += times;
	h->count += times;
	if (value > h->max)
		h->max = value;
}

void histogram_add_all(struct histogram *h, const struct histogram *other)
{
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
		h->buckets[i] += other->buckets[i];
	h->count += other->count;
	h->max = h->max > other->max ? h->max : other->max;
}

uint64_t histogram_at(const struct histogram *h, double share)
{
	uint64_t want = (uint64_t)(share * (double)h->count), seen = 0;

	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += h->buckets[i];
		if (seen > want)
			return value_of(i);
	}
	return h->max;
}
