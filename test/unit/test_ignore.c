/*
 * Ignore lists: by number and by nick, up to the most, and shared by two holders.
 */
#include "server/core/feed/ignore.h"
#include "test/unit/unit.h"

#include <stdio.h>

static void test_numbers(void)
{
	struct ignores *list = NULL;

	CHECK(!ignores_user(list, 1));
	CHECK(!ignores_remove(&list, 1, NULL, 0));
	for (uint32_t i = 1; i <= IGNORES_MAX; i++) {
		CHECK_INT(ignores_add(&list, i, NULL, 0), IGNORE_DONE);
		CHECK_INT(list->count, i);
	}
	CHECK_INT(ignores_add(&list, IGNORES_MAX + 1, NULL, 0), IGNORE_FULL);
	CHECK(!ignores_user(list, IGNORES_MAX + 1));
	for (uint32_t i = 1; i <= IGNORES_MAX; i++) {
		CHECK(ignores_user(list, i));
		CHECK(ignores_remove(&list, i, NULL, 0));
		CHECK(!ignores_user(list, i));
		CHECK(i == IGNORES_MAX || ignores_user(list, i + 1));
	}
	CHECK(list == NULL);
}

static void test_nicks(void)
{
	struct ignores *list = NULL;

	CHECK_INT(ignores_add(&list, 7, "alice", 5), IGNORE_DONE);
	CHECK_INT(ignores_add(&list, 8, "Alice", 5), IGNORE_DONE);
	CHECK_INT(ignores_add(&list, 9, "", 0), IGNORE_DONE);
	CHECK(ignores_nick(list, "ALICE", 5));
	CHECK(!ignores_nick(list, "alic", 4) && !ignores_nick(list, "", 0));
	/* By the nick alone: both go. */
	CHECK(ignores_remove(&list, 0, "alice", 5));
	CHECK(!ignores_user(list, 7) && !ignores_user(list, 8) && ignores_user(list, 9));
	CHECK(ignores_remove(&list, 9, NULL, 0) && list == NULL);
}

static void test_two_holders(void)
{
	struct ignores *one = NULL, *other;

	CHECK_INT(ignores_add(&one, 7, NULL, 0), IGNORE_DONE);
	other = ignores_share(one);
	CHECK_INT(ignores_add(&one, 8, NULL, 0), IGNORE_DONE);
	CHECK(ignores_user(one, 8) && !ignores_user(other, 8) && ignores_user(other, 7));
	ignores_release(one);
	ignores_release(other);
	ignores_release(NULL);
	CHECK(ignores_share(NULL) == NULL);
}

static const struct unit_test tests[] = {
	{ "by number", test_numbers },
	{ "by nick", test_nicks },
	{ "two holders", test_two_holders },
};

UNIT_MAIN(tests)
