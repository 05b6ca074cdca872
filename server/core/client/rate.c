/*
 * GCRA (rate.h): all state is one time. A line that is not charged costs nothing.
 */
#include "server/core/client/rate.h"

#include "server/core/base/time.h"

static int64_t line_cost(const struct rate *rate)
{
	return TIME_SECOND / rate->lines;
}

int64_t rate_next(const struct rate *rate, int64_t tat)
{
	if (rate->lines == 0)
		return tat;
	return tat - line_cost(rate) * ((int64_t)rate->burst - 1);
}

int64_t rate_charge(const struct rate *rate, int64_t tat, int64_t now)
{
	if (rate->lines == 0)
		return tat;
	return (tat < now ? now : tat) + line_cost(rate);
}

int64_t rate_hold(const struct rate *rate, int64_t tat, int64_t until)
{
	if (rate->lines > 0)
		until += line_cost(rate) * ((int64_t)rate->burst - 1);
	return tat < until ? until : tat;
}

int64_t rate_reset(const struct rate *rate, int64_t tat, int64_t now)
{
	int64_t most = now;

	if (rate->lines > 0)
		most += line_cost(rate) * (int64_t)rate->burst;
	return tat < most ? tat : most;
}
