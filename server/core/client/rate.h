/*
 * The rate of one client: the generic cell rate algorithm (ITU-T I.371,
 * https://www.itu.int/rec/T-REC-I.371). A line costs 1/rate seconds; the theoretical arrival time
 * is up to when all lines have been paid for, and may run ahead of the clock by a burst.
 */
#ifndef SERVER_CORE_CLIENT_RATE_H
#define SERVER_CORE_CLIENT_RATE_H

#include <stdint.h>

struct rate {
	uint32_t lines; /* a second; 0: no limit */
	uint32_t burst; /* lines */
};

/* When the next line may come, in usec of the clock that tat is in; in the past: now. */
int64_t rate_next(const struct rate *rate, int64_t tat);

/* A line has come: the new theoretical arrival time. */
int64_t rate_charge(const struct rate *rate, int64_t tat, int64_t now);

/* Nothing may come before a certain time. */
int64_t rate_hold(const struct rate *rate, int64_t tat, int64_t until);

/* Under a new rate what came before delays by its burst at most. */
int64_t rate_reset(const struct rate *rate, int64_t tat, int64_t now);

#endif
