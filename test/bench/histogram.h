/*
 * A histogram of durations after the manner of HdrHistogram: 64 buckets for each power of two, so
 * that every value is kept within 1.6 per cent of itself, in fixed memory.
 */
#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include <stdint.h>

enum { HISTOGRAM_BUCKETS = 64 * 60 };

/* All zero is empty. */
struct histogram {
	uint64_t count;
	uint64_t max;
	uint64_t buckets[HISTOGRAM_BUCKETS];
};

/* Adds a value so many times. */
void histogram_add(struct histogram *h, uint64_t value, uint64_t times);

/* Adds all that another has. */
void histogram_add_all(struct histogram *h, const struct histogram *other);

/* The value that a share (0 to 1) of all values are at most; 0 when empty. */
uint64_t histogram_at(const struct histogram *h, double share);

#endif
