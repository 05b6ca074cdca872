/*
 * Slots: the lowest free one is given out, and nobody's moves. Ignore lists.
 */
#include "server/core/slot.h"
#include "test/unit/unit.h"

#include <stdlib.h>

static struct slot *take(struct slots *s, bool refusal)
{
	struct slot *slot = slots_take(s, refusal);

	if (slot != NULL)
		slot->state = SLOT_HERE;
	return slot;
}

static void test_lowest_free(void)
{
	struct slots s;
	struct slot *second, *third;

	CHECK_INT(slots_init(&s, 4, 1), 0);
	for (uint32_t i = 0; i < 4; i++) {
		struct slot *slot = take(&s, false);

		CHECK(slot != NULL && slots_index(&s, slot) == i);
		CHECK(slot->serial == i + 1 && slot->cursor == 0 && slot->nick_len == 0);
		CHECK_INT(s.used, i + 1);
	}
	CHECK(take(&s, false) == NULL);
	second = &s.list[1];
	third = &s.list[2];
	third->cursor = 42;
	slots_release(&s, second);
	CHECK_INT(second->state, SLOT_FREE);
	CHECK_INT(s.used, 3);
	CHECK(take(&s, false) == second);
	CHECK(second->serial == 5 && third->serial == 3 && third->cursor == 42);
	slots_release(&s, third);
	slots_release(&s, second);
	CHECK(take(&s, false) == second);
	CHECK(take(&s, false) == third);
	CHECK(take(&s, false) == NULL);
	slots_finish(&s);
}

/* Refusals have places of their own, behind the clients'. */
static void test_refusals(void)
{
	struct slots s;
	struct slot *refused;

	CHECK_INT(slots_init(&s, 2, 2), 0);
	refused = take(&s, true);
	CHECK_INT(slots_index(&s, refused), 2);
	CHECK_INT(s.used, 0);
	CHECK_INT(s.top, 3);
	CHECK_INT(slots_index(&s, take(&s, true)), 3);
	CHECK(take(&s, true) == NULL);
	CHECK_INT(slots_index(&s, take(&s, false)), 0);
	slots_release(&s, refused);
	CHECK_INT(s.used, 1);
	CHECK(take(&s, true) == refused);
	slots_finish(&s);
}

/* All from top on are free, whatever comes and goes, at and around the words of the bitmap. */
static void test_many(void)
{
	enum { MAX = 200, STEPS = 20000 };
	static bool taken[MAX];
	struct slots s;

	srand(1);
	CHECK_INT(slots_init(&s, MAX, 0), 0);
	for (int step = 0; step < STEPS; step++) {
		uint32_t i = (uint32_t)rand() % MAX, lowest = 0, top = 0;

		if (step / 500 % 2 ? taken[i] : taken[i] && rand() % 3 == 0) {
			slots_release(&s, &s.list[i]);
			taken[i] = false;
		} else {
			struct slot *slot;

			while (lowest < MAX && taken[lowest])
				lowest++;
			slot = take(&s, false);
			CHECK(lowest == MAX ? slot == NULL : slot == &s.list[lowest]);
			if (lowest < MAX)
				taken[lowest] = true;
		}
		for (uint32_t j = 0; j < MAX; j++)
			if (taken[j])
				top = j + 1;
		CHECK_INT(s.top, top);
		if (unit_failures > 0)
			break;
	}
	slots_finish(&s);
	CHECK(s.list == NULL);
	slots_finish(&s);
}

static void test_a_certain_place(void)
{
	struct slots s;

	CHECK_INT(slots_init(&s, 3, 1), 0);
	CHECK(slots_take_place(&s, 2) == &s.list[2]);
	s.list[2].state = SLOT_HERE;
	CHECK(slots_take_place(&s, 2) == NULL);
	CHECK_INT(s.used, 1);
	CHECK_INT(s.top, 3);
	CHECK(take(&s, false) == &s.list[0]);
	CHECK(take(&s, false) == &s.list[1]);
	CHECK(take(&s, false) == NULL);
	slots_finish(&s);
}

/* A serial is never 0, and goes round. */
static void test_serials(void)
{
	struct slots s;

	CHECK_INT(slots_init(&s, 3, 0), 0);
	s.next_serial = UINT32_MAX;
	CHECK_INT(take(&s, false)->serial, UINT32_MAX);
	CHECK_INT(take(&s, false)->serial, 1);
	slots_finish(&s);
}

static void test_release_frees_all(void)
{
	struct slots s;
	struct slot *slot;

	CHECK_INT(slots_init(&s, 1, 0), 0);
	slot = take(&s, false);
	slot->telnet = calloc(1, sizeof(*slot->telnet));
	slot->waiting = malloc(10);
	slot->waiting_len = 10;
	slot->line.held = malloc(10);
	slot->line.size = 10;
	CHECK(reply_add(&slot->reply, 1, 10) != NULL);
	CHECK_INT(slot_ignore(slot, 7), 0);
	slots_release(&s, slot);
	CHECK(slot->telnet == NULL && slot->waiting == NULL && slot->ignored == NULL);
	slots_finish(&s);
}

static void test_ignoring(void)
{
	struct slot slot = { 0 };

	CHECK(!slot_ignores(&slot, 1));
	slot_unignore(&slot, 1);
	for (uint32_t i = 1; i <= IGNORES_MAX; i++) {
		CHECK_INT(slot_ignore(&slot, i), 0);
		CHECK_INT(slot_ignore(&slot, i), 0);
		CHECK_INT(slot.ignored_count, i);
	}
	CHECK_INT(slot_ignore(&slot, IGNORES_MAX + 1), -1);
	CHECK_INT(slot_ignore(&slot, IGNORES_MAX), 0);
	CHECK(!slot_ignores(&slot, IGNORES_MAX + 1));
	for (uint32_t i = 1; i <= IGNORES_MAX; i++) {
		CHECK(slot_ignores(&slot, i));
		slot_unignore(&slot, i);
		CHECK(!slot_ignores(&slot, i));
		CHECK(i == IGNORES_MAX || slot_ignores(&slot, i + 1));
	}
	CHECK(slot.ignored == NULL && slot.ignored_count == 0);
}

static const struct unit_test tests[] = {
	{ "the lowest free one", test_lowest_free },
	{ "refusals", test_refusals },
	{ "many that come and go", test_many },
	{ "a certain place", test_a_certain_place },
	{ "serials", test_serials },
	{ "a release frees all", test_release_frees_all },
	{ "ignoring", test_ignoring },
};

UNIT_MAIN(tests)
