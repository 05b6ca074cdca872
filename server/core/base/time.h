/*
 * The time, as the shell tells it.
 */
#ifndef SERVER_CORE_BASE_TIME_H
#define SERVER_CORE_BASE_TIME_H

#include <stdint.h>

struct time {
	int64_t usec; /* microseconds of a monotonic clock */
	int64_t time;  /* seconds since 1970, UTC */
};

enum { TIME_MS = 1000, TIME_SECOND = 1000 * 1000 }; /* in usec */

#define TIME_NEVER INT64_MAX

#endif
