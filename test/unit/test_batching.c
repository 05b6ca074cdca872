/*
 * When turns look for more before they send: in a room where that brings something, and hardly
 * ever in one where it does not, or brings less than it costs.
 */
#include "server/shell/batching.h"

#include "test/unit/unit.h"

enum { CYCLE = 2 * BATCHING_TRIED + BATCHING_KEPT };

/* What a room's turns take in. */
struct room {
	uint32_t clients;
	uint32_t with, without; /* lines of a turn that extra_polls, once, and of one that does not */
};

static const struct room quiet = { 100, 1, 1 }, lively = { 100, 2, 1 };

/* So many turns; returns how many of them looked. */
static unsigned turns(struct batching *g, const struct room *room, unsigned count)
{
	unsigned extra_polls = 0;

	for (; count > 0; count--) {
		extra_polls += g->extra_polls;
		batching_turn(g, &(struct batching_counts){ .extra_polls = g->extra_polls,
			.lines = g->extra_polls ? room->with : room->without,
			.sends = room->clients, .polled = room->clients });
	}
	return extra_polls;
}

static void test_trial(void)
{
	struct batching g = { 0 };

	CHECK_INT(turns(&g, &quiet, BATCHING_TRIED), 0);
	CHECK_INT(turns(&g, &quiet, BATCHING_TRIED), BATCHING_TRIED);
}

static void test_quiet(void)
{
	struct batching g = { 0 };

	CHECK_INT(turns(&g, &quiet, 10 * CYCLE), 10 * BATCHING_TRIED);
}

static void test_lively(void)
{
	struct batching g = { 0 };

	CHECK_INT(turns(&g, &lively, 10 * CYCLE), 10 * (BATCHING_TRIED + BATCHING_KEPT));
}

/*
 * With 1,000 clients a look costs as much as 63 sends, and its wait 15: it has to bring more than
 * every 13th line.
 */
static void test_price(void)
{
	static const struct room rows[] = {
		{ 1000, 107, 100 }, { 1000, 108, 100 },
		{ 10, 10, 10 }, { 10, 11, 10 }, { 10, 12, 10 },
		{ 1, 100, 100 }, { 1, 200, 100 }, { 1, 201, 100 },
	};
	static const bool extra_polls[] = { false, true, false, false, true, false, false, true };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct batching g = { 0 };

		turns(&g, &rows[i], 2 * BATCHING_TRIED);
		CHECK(g.kept);
		CHECK_INT(g.extra_polls, extra_polls[i]);
	}
}

/* What was true for long is soon forgotten. */
static void test_change(void)
{
	struct batching g = { 0 };

	turns(&g, &lively, 100 * CYCLE);
	turns(&g, &quiet, 8 * CYCLE);
	CHECK_INT(turns(&g, &quiet, CYCLE), BATCHING_TRIED);
	turns(&g, &lively, 2 * CYCLE);
	CHECK_INT(turns(&g, &lively, CYCLE), BATCHING_TRIED + BATCHING_KEPT);
}

/* Turns in which nobody has said anything send nothing that could be spared. */
static void test_nothing(void)
{
	struct batching g = { 0 };

	for (int i = 0; i < 10 * CYCLE; i++)
		batching_turn(&g, &(struct batching_counts){ .sends = 100, .polled = 100 });
	CHECK(!g.extra_polls);
	CHECK_INT(turns(&g, &lively, 2 * BATCHING_TRIED), BATCHING_TRIED);
	CHECK(g.kept && g.extra_polls);
}

/* It waits for a part of the last turn in which something was said. */
static void test_wait(void)
{
	static const struct room large = { 1000, 1, 1 }, small = { 15, 1, 1 };
	struct batching g = { 0 };

	CHECK_INT(batching_wait(&g), 0);
	turns(&g, &large, 1);
	CHECK_INT(batching_wait(&g), 62);
	batching_turn(&g, &(struct batching_counts){ .sends = 1 });
	CHECK_INT(batching_wait(&g), 62);
	turns(&g, &small, 1);
	CHECK_INT(batching_wait(&g), 0);
}

static const struct unit_test tests[] = {
	{ "each way is tried", test_trial },
	{ "a quiet room is looked at in trials only", test_quiet },
	{ "a lively one at nearly every turn", test_lively },
	{ "a look has its price", test_price },
	{ "a room may change", test_change },
	{ "it waits for a part of a turn", test_wait },
	{ "turns without a line do not count", test_nothing },
};

UNIT_MAIN(tests)
