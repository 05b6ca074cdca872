#include "client/core/times.h"

#include <string.h>

enum {
	/* In "Wed Oct 19 21:24:05 2022". */
	DATE_LEN = 10,
	YEAR = 19,
	YEAR_LEN = 5,
};

bool times_stamp(struct times *t, const struct message *m, int64_t now, char stamp[STAMP_LEN])
{
	const char *text = m->stamp;

	if (m->tagged)
		text = stamp_at(&t->cache, m->time);
	else if (m->kind == MESSAGE_RECEIVED || m->kind == MESSAGE_SENT)
		text = stamp_at(&t->cache, now);
	if (!text)
		return false;
	memcpy(stamp, text, STAMP_LEN);
	return true;
}

static void put_day(char day[TIMES_DAY_SIZE], const char *stamp)
{
	memcpy(day, stamp, DATE_LEN);
	memcpy(day + DATE_LEN, stamp + YEAR, YEAR_LEN);
	day[DATE_LEN + YEAR_LEN] = '\0';
}

bool times_new_day(struct times *t, const char stamp[STAMP_LEN], int64_t now)
{
	char before[TIMES_DAY_SIZE];

	if (!t->day[0])
		put_day(t->day, stamp_at(&t->cache, now));
	memcpy(before, t->day, sizeof(before));
	put_day(t->day, stamp);
	return memcmp(before, t->day, sizeof(before)) != 0;
}
