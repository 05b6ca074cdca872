/*
 * Stamps: those of ctime(3), in the server's time zone, always 24 characters.
 */
#include "proto/stamp.h"
#include "test/unit/unit.h"

#include <stdlib.h>
#include <time.h>

static void use_zone(const char *zone)
{
	setenv("TZ", zone, 1);
	tzset();
}

static void check(int64_t time, const char *want)
{
	struct stamp cache = { 0 };
	const char *got = stamp_at(&cache, time);

	CHECK_TEXT(got, strlen(got), want);
	CHECK_INT(strlen(got), STAMP_LEN);
}

static void test_known_times(void)
{
	use_zone("UTC0");
	check(0, "Thu Jan  1 00:00:00 1970");
	check(-1, "Wed Dec 31 23:59:59 1969");
	check(1666214645, "Wed Oct 19 21:24:05 2022");
	check(1709164800, "Thu Feb 29 00:00:00 2024");
	check(4294967296, "Sun Feb  7 06:28:16 2106");
}

static void test_zones(void)
{
	use_zone("CET-1CEST,M3.5.0,M10.5.0/3");
	check(1666214645, "Wed Oct 19 23:24:05 2022");
	/* The hour that comes twice in autumn, the one that is left out in spring. */
	check(1667091599, "Sun Oct 30 02:59:59 2022");
	check(1667091600, "Sun Oct 30 02:00:00 2022");
	check(1679792399, "Sun Mar 26 01:59:59 2023");
	check(1679792400, "Sun Mar 26 03:00:00 2023");
	use_zone("UTC0");
}

/* Every month and day of the week, as the C library has them. */
static void test_as_ctime(void)
{
	struct stamp cache = { 0 };

	use_zone("UTC0");
	for (int64_t time = -1000000000; time < 3000000000; time += 86400 * 5 + 3607) {
		time_t t = (time_t)time;
		char want[32];

		CHECK_BYTES(stamp_at(&cache, time), STAMP_LEN, ctime_r(&t, want), STAMP_LEN);
	}
}

static void test_cache(void)
{
	struct stamp cache = { 0 };

	use_zone("UTC0");
	CHECK_TEXT(stamp_at(&cache, 5), STAMP_LEN, "Thu Jan  1 00:00:05 1970");
	cache.text[0] = 'x';
	CHECK_TEXT(stamp_at(&cache, 5), STAMP_LEN, "xhu Jan  1 00:00:05 1970");
	CHECK_TEXT(stamp_at(&cache, 6), STAMP_LEN, "Thu Jan  1 00:00:06 1970");
	CHECK_TEXT(stamp_at(&cache, 5), STAMP_LEN, "Thu Jan  1 00:00:05 1970");
}

/* Years that have more digits, or fewer, than there is room for. */
static void test_far_times(void)
{
	use_zone("UTC0");
	check(253402214399, "Thu Dec 30 23:59:59 9999");
	check(253402214400, "Thu Dec 30 23:59:59 9999");
	check(INT64_MAX, "Thu Dec 30 23:59:59 9999");
	check(-62167132800, "Sun Jan  2 00:00:00 0000");
	check(-62167132801, "Sun Jan  2 00:00:00 0000");
	check(INT64_MIN, "Sun Jan  2 00:00:00 0000");
	use_zone("WEST24");
	check(INT64_MIN, "Sat Jan  1 00:00:00 0000");
	use_zone("EAST-24");
	check(INT64_MAX, "Fri Dec 31 23:59:59 9999");
	use_zone("UTC0");
}

static const struct unit_test tests[] = {
	{ "known times", test_known_times },
	{ "time zones", test_zones },
	{ "as ctime(3) has it", test_as_ctime },
	{ "a second is written once", test_cache },
	{ "years of other than four digits", test_far_times },
};

UNIT_MAIN(tests)
