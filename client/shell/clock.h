/*
 * The two clocks: one that only grows, for pauses and deadlines, and the time of day.
 */
#ifndef CLIENT_SHELL_CLOCK_H
#define CLIENT_SHELL_CLOCK_H

#include <stdint.h>

/* Milliseconds of a clock that nobody sets. */
int64_t clock_msec(void);

/* Seconds since 1970, UTC. */
int64_t clock_time(void);

/* What poll() takes to wake at deadline (in milliseconds, INT64_MAX for never). */
int clock_timeout(int64_t deadline);

#endif
