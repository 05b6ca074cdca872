/*
 * Deadlines beside an array that is searched: whatever is added, dropped and taken.
 */
#include "server/core/base/deadlines.h"

#include "server/core/base/time.h"
#include "test/unit/unit.h"

enum { PLACES = 50, STEPS = 50000 };

static uint32_t next_random(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)(*state >> 33);
}

/* The first in the model: the earliest, of several the lowest place. */
static uint32_t first_of(const int64_t *at)
{
	uint32_t first = 0;

	for (uint32_t i = 1; i < PLACES; i++)
		if (at[i] < at[first])
			first = i;
	return first;
}

static void test_beside_a_model(void)
{
	struct deadlines d;
	int64_t at[PLACES];
	uint64_t random = 1;

	CHECK_INT(deadlines_init(&d, PLACES), 0);
	for (uint32_t i = 0; i < PLACES; i++)
		at[i] = TIME_NEVER;
	for (int step = 0; step < STEPS; step++) {
		uint32_t place = next_random(&random) % PLACES, taken = 0, first = first_of(at);
		int64_t when = next_random(&random) % 100;

		switch (next_random(&random) % 3) {
		case 0:
			deadlines_add(&d, place, when);
			at[place] = when < at[place] ? when : at[place];
			break;
		case 1:
			deadlines_drop(&d, place);
			at[place] = TIME_NEVER;
			break;
		default:
			CHECK_INT(deadlines_take(&d, when, &taken), at[first] <= when);
			if (at[first] <= when) {
				CHECK_INT(taken, first);
				at[first] = TIME_NEVER;
			}
		}
		CHECK_INT(deadlines_first(&d), at[first_of(at)]);
	}
	deadlines_finish(&d);
}

static const struct unit_test tests[] = {
	{ "beside a model", test_beside_a_model },
};

UNIT_MAIN(tests)
