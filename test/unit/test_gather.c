/*
 * When a turn looks for more before it sends: how much it is let cost where nothing comes of it,
 * and that it is not given up where something does.
 */
#include "server/shell/gather.h"

#include "test/unit/unit.h"

/* So many turns in which each look brings nothing; returns how many looks there were. */
static unsigned quiet_turns(struct gather *g, unsigned turns)
{
	unsigned looks = 0;

	for (; turns > 0; turns--) {
		if (!gather_wanted(g))
			continue;
		looks++;
		gather_looked(g, false);
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
		gather_looked(&g, true);
	}
}

/* One look in so many is enough to go on. */
static void test_patience(void)
{
	struct gather g = { 0 };

	gather_looked(&g, true);
	for (int i = 0; i < 100; i++) {
		CHECK_INT(quiet_turns(&g, GATHER_PATIENCE - 1), GATHER_PATIENCE - 1);
		CHECK(gather_wanted(&g));
		gather_looked(&g, true);
	}
	CHECK_INT(quiet_turns(&g, GATHER_PATIENCE), GATHER_PATIENCE);
	CHECK_INT(quiet_turns(&g, GATHER_PAUSE - 1), 0);
}

/* Whatever comes when: not many more looks are in vain than others bring something. */
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
			gather_looked(&g, brings);
			brought += brings;
			vain += !brings;
		}
		CHECK(vain <= GATHER_PATIENCE * brought + turns / GATHER_PAUSE);
	}
}

static const struct unit_test tests[] = {
	{ "a quiet room is looked at now and then", test_quiet },
	{ "a lively one at every turn", test_lively },
	{ "some looks may be in vain", test_patience },
	{ "vain looks are bounded", test_bound },
};

UNIT_MAIN(tests)
