/*
 * Stamps. The names are our own, not the locale's: what goes over the wire must not depend on
 * where the server runs. The years are held to the four digits that a stamp has room for.
 */
#include "proto/stamp.h"

#include <stdio.h>
#include <time.h>

/* 0000-01-01 00:00:00 and 9999-12-31 23:59:59 UTC, each a day inside for the sake of time zones. */
static const int64_t earliest = -62167219200 + 86400;
static const int64_t latest = 253402300799 - 86400;

static void format(char text[STAMP_LEN + 1], int64_t second)
{
	static const char days[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug",
		"Sep", "Oct", "Nov", "Dec" };
	time_t t = (time_t)(second < earliest ? earliest : second > latest ? latest : second);
	struct tm tm;

	if (localtime_r(&t, &tm) == NULL)
		tm = (struct tm){ .tm_mday = 1, .tm_wday = 4, .tm_year = 70 };
	/* The remainders change nothing; they show the compiler that it all fits. */
	snprintf(text, STAMP_LEN + 1, "%.3s %.3s %2u %02u:%02u:%02u %04u",
		days[(unsigned)tm.tm_wday % 7], months[(unsigned)tm.tm_mon % 12],
		(unsigned)tm.tm_mday % 100, (unsigned)tm.tm_hour % 100, (unsigned)tm.tm_min % 100,
		(unsigned)tm.tm_sec % 100, (unsigned)(tm.tm_year + 1900) % 10000);
}

const char *stamp_make(struct stamp *cache, int64_t time)
{
	format(cache->text, time);
	cache->second = time;
	return cache->text;
}
