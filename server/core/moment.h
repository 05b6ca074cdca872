/*
 * The time, as the shell tells it.
 */
#ifndef CHAT_MOMENT_H
#define CHAT_MOMENT_H

#include <stdint.h>

struct moment {
	int64_t ticks; /* microseconds of a monotonic clock */
	int64_t time;  /* seconds since 1970, UTC */
};

enum { MOMENT_MS = 1000, MOMENT_SECOND = 1000 * 1000 }; /* in ticks */

#define MOMENT_NEVER INT64_MAX

#endif
