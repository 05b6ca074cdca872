/*
 * The list of bans: added, ended, taken away, full.
 */
#include "server/core/room/ban.h"
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

static void test_list(void)
{
	struct address a = address_at(0x010203), b = address_at(0x010204);
	struct prefix one = prefix_at(0x010203, 32), net = prefix_at(0x010200, 24);
	struct prefix wider, beside, lifted;
	struct bans bans = { 0 };

	CHECK(bans_find(&bans, &a, 100) == NULL);
	CHECK(!bans_remove(&bans, &one, &lifted));
	CHECK_INT(bans_add(&bans, &one, 0), 0);
	CHECK(bans_find(&bans, &a, 100) != NULL && bans_find(&bans, &b, 100) == NULL);
	CHECK_INT(bans_add(&bans, &net, 0), 0);
	CHECK(bans_find(&bans, &b, 100) != NULL);
	CHECK_INT(bans.count, 2);
	/* Each is taken away on its own, and the wider one for what it covers. */
	CHECK(bans_remove(&bans, &one, &lifted) && prefix_equal(&lifted, &one));
	CHECK(bans_find(&bans, &a, 100) != NULL);
	CHECK(bans_remove(&bans, &one, &lifted) && prefix_equal(&lifted, &net));
	CHECK(bans_find(&bans, &a, 100) == NULL);
	/* None for what it covers a part of, or nothing. */
	CHECK_INT(bans_add(&bans, &net, 0), 0);
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

	CHECK_INT(bans_add(&bans, &one, 100), 0);
	CHECK_INT(bans_add(&bans, &two, 0), 0);
	CHECK(bans_find(&bans, &a, 99) != NULL);
	CHECK(bans_find(&bans, &a, 100) == NULL);
	bans_expire(&bans, 99);
	CHECK_INT(bans.count, 2);
	/* The same again changes how long it lasts. */
	CHECK_INT(bans_add(&bans, &one, 200), 0);
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
		CHECK_INT(bans_add(&bans, &p, i % 2), 0);
	}
	p = prefix_at(BANS_MAX, 32);
	CHECK_INT(bans_add(&bans, &p, 0), -1);
	CHECK(bans_find(&bans, &last, 0) == NULL);
	p = prefix_at(7, 32);
	CHECK_INT(bans_add(&bans, &p, 0), 0);
	CHECK_INT(bans.count, BANS_MAX);
	bans_expire(&bans, 1);
	CHECK_INT(bans.count, BANS_MAX / 2 + 1);
	p = prefix_at(BANS_MAX, 32);
	CHECK_INT(bans_add(&bans, &p, 0), 0);
	bans_finish(&bans);
	CHECK(bans.list == NULL);
	bans_finish(&bans);
}

static const struct unit_test tests[] = {
	{ "added and taken away", test_list },
	{ "their end", test_end },
	{ "the most there can be", test_full },
};

UNIT_MAIN(tests)
