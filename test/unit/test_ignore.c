/*
 * Ignore lists: by number and by nick, up to the most, and shared by two holders.
 */
#include "server/core/feed/ignore.h"
#include "test/unit/unit.h"

#include <string.h>

static int remove_user(struct ignores **list, uint32_t id)
{
	for (uint16_t i = 0; *list != NULL && i < (*list)->count; i++)
		if ((*list)->list[i].user_id == id)
			return ignores_remove_at(list, i);
	return -1;
}

static void test_numbers(void)
{
	struct ignores *list = NULL;

	CHECK(!ignores_user(list, 1));
	for (uint32_t i = 1; i <= IGNORES_MAX; i++) {
		CHECK_INT(ignores_add(&list, i, NULL, 0), IGNORE_DONE);
		CHECK_INT(list->count, i);
	}
	CHECK_INT(ignores_add(&list, IGNORES_MAX + 1, NULL, 0), IGNORE_FULL);
	CHECK(!ignores_user(list, IGNORES_MAX + 1));
	for (uint32_t i = 1; i <= IGNORES_MAX; i++) {
		CHECK(ignores_user(list, i));
		CHECK_INT(remove_user(&list, i), 0);
		CHECK(!ignores_user(list, i));
		CHECK(i == IGNORES_MAX || ignores_user(list, i + 1));
	}
	CHECK(list == NULL);
}

static void test_nicks(void)
{
	struct ignores *list = NULL;

	CHECK_INT(ignores_add(&list, 7, "alice", 5), IGNORE_DONE);
	CHECK_INT(ignores_add(&list, 9, "", 0), IGNORE_DONE);
	CHECK(list->list[0].nick_len == 5 && memcmp(list->list[0].nick, "alice", 5) == 0);
	CHECK_INT(list->list[1].nick_len, 0);
	ignores_release(list);
}

/* Whichever holder changes the list first gets one of its own. */
static void test_two_holders(void)
{
	struct ignores *one = NULL, *other;

	CHECK_INT(ignores_add(&one, 7, NULL, 0), IGNORE_DONE);
	other = ignores_share(one);
	CHECK_INT(ignores_add(&one, 8, NULL, 0), IGNORE_DONE);
	CHECK(ignores_user(one, 8) && !ignores_user(other, 8) && ignores_user(other, 7));
	ignores_release(other);
	other = ignores_share(one);
	CHECK_INT(remove_user(&one, 7), 0);
	CHECK(!ignores_user(one, 7) && ignores_user(other, 7));
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
