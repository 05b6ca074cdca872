/*
 * When a turn looks for more before it sends: how much it is let cost where nothing comes of it,
 * and that it is not given up where something does.
 */
#include "server/shell/gather.h"

#include "test/unit/unit.h"

enum {
	CROWD = 1000000,          /* so many that a look is worth the most */
	WORTH = GATHER_WORTH - 1, /* which rounding keeps one below */
};

/* So many turns in which each look brings nothing; returns how many looks there were. */
static unsigned quiet_turns(struct gather *g, unsigned turns)
{
	unsigned looks = 0;

	for (; turns > 0; turns--) {
		if (!gather_wanted(g))
			continue;
		looks++;
		gather_looked(g, false, CROWD);
	}
	return looks;
}

static void test_quiet(void)
{
	struct gather g = { 0 };

	CHECK_INT(quiet_turns(&g, GATHER_PAUSE - 1), 0);
	CHECK_INT(quiet_turns(&g, 1), 1);
	CHECK_INT(quiet_turns(&g, 100 * GATHER_PAUSE), 100);
}

static void test_lively(void)
{
	struct gather g = { 0 };

	quiet_turns(&g, GATHER_PAUSE - 1);
	for (int i = 0; i < 100; i++) {
		CHECK(gather_wanted(&g));
		gather_looked(&g, true, CROWD);
	}
	/* However much it has brought, one day it is given up. */
	CHECK_INT(quiet_turns(&g, GATHER_SAVED + GATHER_PAUSE - 1), GATHER_SAVED);
}

/* One look in so many is enough to go on. */
static void test_paid(void)
{
	struct gather g = { 0 };

	gather_looked(&g, true, CROWD);
	for (int i = 0; i < 100; i++) {
		CHECK_INT(quiet_turns(&g, WORTH - 1), WORTH - 1);
		CHECK(gather_wanted(&g));
		gather_looked(&g, true, CROWD);
	}
	/* Each has left one over. */
	CHECK_INT(quiet_turns(&g, WORTH + 100 + GATHER_PAUSE - 1), WORTH + 100);
}

/* The fewer there are, the less a turn is worth that was spared; alone there is nothing to spare. */
static void test_few(void)
{
	static const struct {
		uint32_t clients;
		unsigned worth;
	} rows[] = { { 0, 0 }, { 1, 0 }, { 2, 1 }, { 10, 6 }, { 100, 16 }, { 10000, 19 } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct gather g = { 0 };

		gather_looked(&g, true, rows[i].clients);
		/* None of them is taken on trust yet. */
		CHECK_INT(quiet_turns(&g, rows[i].worth + GATHER_PAUSE - 1), rows[i].worth);
	}
}

/* Whatever comes when: not more looks are in vain than others have paid for. */
static void test_bound(void)
{
	for (unsigned seed = 0; seed < 1000; seed++) {
		struct gather g = { 0 };
		unsigned bits = seed, turns = 0, brought = 0, vain = 0;

		for (; turns < 4000; turns++) {
			bool brings;

			bits = bits * 1103515245 + 12345;
			brings = (bits >> 16) % 97 < seed % 97;
			if (!gather_wanted(&g))
				continue;
			gather_looked(&g, brings, CROWD);
			brought += brings;
			vain += !brings;
		}
		CHECK(vain <= WORTH * brought + turns / GATHER_PAUSE);
	}
}

static const struct unit_test tests[] = {
	{ "a quiet room is looked at now and then", test_quiet },
	{ "a lively one at every turn", test_lively },
	{ "some looks may be in vain", test_paid },
	{ "fewer where fewer would be spared a send", test_few },
	{ "vain looks are bounded", test_bound },
};

UNIT_MAIN(tests)
