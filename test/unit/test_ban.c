/*
 * The list of bans: added, ended, taken away, full.
 */
#include "server/core/room/ban.h"

#include <string.h>

#include "test/unit/unit.h"

static struct prefix prefix_at(uint32_t i, uint8_t bits)
{
	return (struct prefix){ .family = ADDRESS_V4, .bits = bits,
		.bytes = { 10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i } };
}

static struct address address_at(uint32_t i)
{
	return (struct address){ .family = ADDRESS_V4,
		.bytes = { 10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i } };
}

static int add(struct bans *b, const struct prefix *prefix, int64_t until)
{
	struct ban ban = { .prefix = *prefix, .by = "o", .until = until };

	return bans_add(b, &ban);
}

static void test_list(void)
{
	struct address a = address_at(0x010203), b = address_at(0x010204);
	struct prefix one = prefix_at(0x010203, 32), net = prefix_at(0x010200, 24);
	struct prefix wider, beside, lifted;
	struct bans bans = { 0 };

	CHECK(bans_find(&bans, &a, 100) == NULL);
	CHECK(!bans_remove(&bans, &one, &lifted));
	CHECK_INT(add(&bans, &one, TIME_NEVER), 0);
	CHECK(bans_find(&bans, &a, 100) != NULL && bans_find(&bans, &b, 100) == NULL);
	CHECK_INT(add(&bans, &net, TIME_NEVER), 0);
	CHECK(bans_find(&bans, &b, 100) != NULL);
	CHECK_INT(bans.count, 2);
	/* Each is taken away on its own, and the wider one for what it covers. */
	CHECK(bans_remove(&bans, &one, &lifted) && prefix_equal(&lifted, &one));
	CHECK(bans_find(&bans, &a, 100) != NULL);
	CHECK(bans_remove(&bans, &one, &lifted) && prefix_equal(&lifted, &net));
	CHECK(bans_find(&bans, &a, 100) == NULL);
	/* None for what it covers a part of, or nothing. */
	CHECK_INT(add(&bans, &net, TIME_NEVER), 0);
	wider = prefix_at(0x010200, 23);
	beside = prefix_at(0x010303, 32);
	CHECK(!bans_remove(&bans, &wider, &lifted) && !bans_remove(&bans, &beside, &lifted));
	CHECK_INT(bans.count, 1);
	bans_finish(&bans);
}

/* The second it ends, it has ended. */
static void test_end(void)
{
	struct address a = address_at(1);
	struct prefix one = prefix_at(1, 32), two = prefix_at(2, 32);
	struct bans bans = { 0 };

	CHECK_INT(add(&bans, &one, 100), 0);
	CHECK_INT(add(&bans, &two, TIME_NEVER), 0);
	CHECK(bans_find(&bans, &a, 99) != NULL);
	CHECK(bans_find(&bans, &a, 100) == NULL);
	bans_expire(&bans, 99);
	CHECK_INT(bans.count, 2);
	/* The same again changes how long it lasts. */
	CHECK_INT(add(&bans, &one, 200), 0);
	CHECK_INT(bans.count, 2);
	bans_expire(&bans, 100);
	CHECK_INT(bans.count, 2);
	bans_expire(&bans, 200);
	CHECK_INT(bans.count, 1);
	CHECK(prefix_equal(&bans.list[0].prefix, &two));
	bans_finish(&bans);
}

static void test_full(void)
{
	struct bans bans = { 0 };
	struct address last = address_at(BANS_MAX);
	struct prefix p;

	for (uint32_t i = 0; i < BANS_MAX; i++) {
		p = prefix_at(i, 32);
		CHECK_INT(add(&bans, &p, i % 2 == 0 ? TIME_NEVER : 1), 0);
	}
	p = prefix_at(BANS_MAX, 32);
	CHECK_INT(add(&bans, &p, TIME_NEVER), -1);
	CHECK(bans_find(&bans, &last, 0) == NULL);
	p = prefix_at(7, 32);
	CHECK_INT(add(&bans, &p, TIME_NEVER), 0);
	CHECK_INT(bans.count, BANS_MAX);
	bans_expire(&bans, 1);
	CHECK_INT(bans.count, BANS_MAX / 2 + 1);
	p = prefix_at(BANS_MAX, 32);
	CHECK_INT(add(&bans, &p, TIME_NEVER), 0);
	bans_finish(&bans);
	CHECK(bans.list == NULL);
	bans_finish(&bans);
}

/* Each has a reason of its own, which goes with it. */
static void test_reasons(void)
{
	struct prefix one = prefix_at(1, 32), two = prefix_at(2, 32), lifted;
	struct ban ban = { .prefix = one, .by = "alice", .reason = (char[]){ "spam" },
		.until = TIME_NEVER };
	struct address a = address_at(1);
	struct bans bans = { 0 };

	CHECK_INT(bans_add(&bans, &ban), 0);
	ban.reason[0] = 'S';
	CHECK_TEXT(bans_find(&bans, &a, 0)->reason, 4, "spam");
	CHECK_INT(bans_add(&bans, &ban), 0);
	CHECK_TEXT(bans_find(&bans, &a, 0)->reason, 4, "Spam");
	ban.prefix = two;
	CHECK_INT(bans_append(&bans, &ban), 0);
	CHECK(bans_remove(&bans, &one, &lifted));
	CHECK_INT(bans.count, 1);
	CHECK_TEXT(bans.list[0].by, 5, "alice");
	bans_finish(&bans);
}

/* Told by the time of day, measured by the other clock. */
static void test_times(void)
{
	const struct time now = { .usec = 5 * TIME_SECOND, .time = 1666214645 };
	const struct time stepped = { .usec = 65 * TIME_SECOND, .time = 1666214645 + 3660 };
	struct ban ban = { .until = ban_until(1666214645 + 120, now) };
	char text[BAN_TEXT_MAX];

	CHECK_INT(ban.until, 125 * TIME_SECOND);
	CHECK_INT(ban_end(&ban, now), 1666214645 + 120);
	CHECK_INT(ban_end(&ban, stepped), 1666214645 + 3720);
	ban_text(text, &ban, now);
	CHECK_TEXT(text, strlen(text), " until Wed Oct 19 21:26:05 2022");
	ban.reason = (char[]){ "spam" };
	ban_text(text, &ban, now);
	CHECK_TEXT(text, strlen(text), " until Wed Oct 19 21:26:05 2022: spam");
	ban.until = ban_until(0, now);
	CHECK_INT(ban.until, TIME_NEVER);
	CHECK_INT(ban_end(&ban, now), 0);
	ban_text(text, &ban, now);
	CHECK_TEXT(text, strlen(text), ": spam");
	CHECK_INT(ban_until(INT64_MAX, now), TIME_NEVER);
	CHECK_INT(ban_until(1666214645, now), now.usec);
	CHECK_INT(ban_until(1, now), now.usec);
}

static const struct unit_test tests[] = {
	{ "added and taken away", test_list },
	{ "their end", test_end },
	{ "the most there can be", test_full },
	{ "their reasons", test_reasons },
	{ "two clocks", test_times },
};

UNIT_MAIN(tests)
