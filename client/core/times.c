/*
 * Times for people. The rule: what is shown is in the person's time zone wherever that can be
 * known; a stamp of the server is ctime(3)'s, "Wed Oct 19 21:24:05 2022", in a zone that it does
 * not name.
 */
#include "client/core/times.h"

#include <string.h>

#include "proto/text.h"

enum {
	/* In "Wed Oct 19 21:24:05 2022". */
	DATE_LEN = 10,
	YEAR = 19,
	YEAR_LEN = 5,

	DAY = 86400,
	QUARTER = 900, /* zones differ by whole quarters of an hour */
};

/* A number in a stamp, which may have a blank before it. */
static bool take(const char *text, size_t len, int64_t *number)
{
	uint64_t found;

	if (*text == ' ') {
		text++;
		len--;
	}
	if (!text_number(text, len, INT32_MAX, &found))
		return false;
	*number = (int64_t)found;
	return true;
}

/* From 1 to 12; 0: it is no month. */
static int64_t month_of(const char *text)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int64_t i = 0; i < 12; i++)
		if (memcmp(months + 3 * i, text, 3) == 0)
			return i + 1;
	return 0;
}

/* Days since 1970 of a Gregorian date; the years begin in March, so that a leap day ends one. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
	int64_t y = month <= 2 ? year - 1 : year, m = (month + 9) % 12;

	return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

/* The seconds since 1970 of a stamp, if its zone were UTC. */
static bool parse(const char stamp[STAMP_LEN], int64_t *seconds)
{
	int64_t day, hour, minute, second, year, month = month_of(stamp + 4);

	if (!month || !take(stamp + 8, 2, &day) || !take(stamp + 11, 2, &hour) ||
		!take(stamp + 14, 2, &minute) || !take(stamp + 17, 2, &second) ||
		!take(stamp + 20, 4, &year))
		return false;
	*seconds = DAY * days_of(year, month, day) + 3600 * hour + 60 * minute + second;
	return true;
}

/* Learns the server's zone from a line whose time is known. */
static void learn(struct times *t, const struct message *m, int64_t utc)
{
	int64_t seconds, zone;

	if (!m->stamp || !parse(m->stamp, &seconds))
		return;
	zone = seconds - utc + DAY + QUARTER / 2;
	if (zone < 0 || zone > 2 * DAY)
		return;
	t->zone = zone / QUARTER * QUARTER - DAY;
	t->knows_zone = true;
}

bool times_find(struct times *t, const struct message *m, int64_t now, int64_t *utc)
{
	bool of_now = m->kind == MESSAGE_RECEIVED || m->kind == MESSAGE_SENT;

	if (m->tagged || of_now) {
		*utc = m->tagged ? m->time : now;
		learn(t, m, *utc);
		return true;
	}
	if (!m->stamp || !t->knows_zone || !parse(m->stamp, utc))
		return false;
	*utc -= t->zone;
	return true;
}

bool times_stamp(struct times *t, const struct message *m, int64_t now, char stamp[STAMP_LEN])
{
	int64_t utc;
	const char *text = times_find(t, m, now, &utc) ? stamp_at(&t->cache, utc) : m->stamp;

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

bool times_same_day(const char a[STAMP_LEN], const char b[STAMP_LEN], char day[TIMES_DAY_SIZE])
{
	char other[TIMES_DAY_SIZE];

	put_day(day, a);
	put_day(other, b);
	return memcmp(day, other, sizeof(other)) == 0;
}
