/*
 * The clocks of POSIX: CLOCK_MONOTONIC for all that is waited for, time() for what is shown.
 */
#include "client/shell/clock.h"

#include <limits.h>
#include <time.h>

int64_t clock_msec(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t clock_time(void)
{
	return (int64_t)time(NULL);
}

int clock_timeout(int64_t deadline)
{
	int64_t left;

	if (deadline == INT64_MAX)
		return -1;
	left = deadline - clock_msec();
	if (left < 0)
		return 0;
	return left > INT_MAX ? INT_MAX : (int)left;
}
