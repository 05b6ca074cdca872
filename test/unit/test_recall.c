/*
 * The lines that were typed: browsing, searching, and what may be kept.
 */
#include "client/core/recall.h"
#include "test/unit/unit.h"

static void add(struct recall *r, const char *line)
{
	recall_add(r, line, strlen(line));
}

static void check_line(const struct recall_line *line, const char *want)
{
	CHECK(!line == !want);
	if (line && want)
		CHECK_TEXT(line->text, line->len, want);
}

static void test_up_and_down(void)
{
	struct recall r = { 0 };

	check_line(recall_older(&r, "draft", 5), NULL);
	check_line(recall_newer(&r), NULL);
	add(&r, "one");
	add(&r, "two");
	check_line(recall_newer(&r), NULL);
	check_line(recall_older(&r, "draft", 5), "two");
	check_line(recall_older(&r, "two", 3), "one");
	check_line(recall_older(&r, "one", 3), NULL);
	check_line(recall_newer(&r), "two");
	check_line(recall_newer(&r), "draft");
	check_line(recall_newer(&r), NULL);
	check_line(recall_older(&r, "", 0), "two");
	add(&r, "three");
	check_line(recall_older(&r, "", 0), "three");
	recall_finish(&r);
}

static void test_the_same_line_twice_is_kept_once(void)
{
	struct recall r = { 0 };

	add(&r, "one");
	add(&r, "one");
	CHECK_INT(r.count, 1);
	add(&r, "two");
	add(&r, "one");
	CHECK_INT(r.count, 3);
	recall_finish(&r);
}

static void test_the_oldest_leave(void)
{
	for (int extra = -1; extra <= 1; extra++) {
		struct recall r = { 0 };
		char line[16], want[16];

		for (int i = 0; i < RECALL_MAX + extra; i++)
			recall_add(&r, line, (size_t)snprintf(line, sizeof(line), "%d", i));
		CHECK_INT(r.count, extra < 0 ? RECALL_MAX - 1 : RECALL_MAX);
		snprintf(want, sizeof(want), "%d", extra > 0 ? extra : 0);
		check_line(recall_at(&r, 0), want);
		recall_finish(&r);
	}
}

static void test_a_file_is_loaded_by_lines(void)
{
	struct recall r = { 0 };

	recall_load(&r, "one\n\n\x1b[2J\ntwo\nthree", 19);
	CHECK_INT(r.count, 3);
	check_line(recall_older(&r, "", 0), "three");
	check_line(recall_older(&r, "", 0), "two");
	check_line(recall_older(&r, "", 0), "one");
	recall_load(&r, NULL, 0);
	CHECK_INT(r.count, 3);
	recall_finish(&r);
}

static void test_searching_goes_back(void)
{
	struct recall r = { 0 };
	size_t place;

	add(&r, "first apple");
	add(&r, "pear");
	add(&r, "second apple");
	place = r.count;
	check_line(recall_search(&r, "apple", 5, &place), "second apple");
	check_line(recall_search(&r, "apple", 5, &place), "first apple");
	check_line(recall_search(&r, "apple", 5, &place), NULL);
	place = r.count;
	check_line(recall_search(&r, "cherry", 6, &place), NULL);
	check_line(recall_search(&r, "", 0, &place), NULL);
	recall_finish(&r);
}

static void test_no_secret_is_kept(void)
{
	static const struct {
		const char *line;
		enum recall_keeping keeping;
	} rows[] = {
		{ "hello", RECALL_FILE },
		{ "//etc is a path", RECALL_FILE },
		{ "/me waves", RECALL_FILE },
		{ "/nick bob", RECALL_FILE },
		{ "/who", RECALL_FILE },
		{ "/msg alice secret", RECALL_MEMORY },
		{ "/MSG alice secret", RECALL_MEMORY },
		{ "/r secret", RECALL_MEMORY },
		{ "/mgs alice secret", RECALL_MEMORY }, /* mistyped: it could be anything */
		{ "/", RECALL_MEMORY },
		{ "/op password", RECALL_NOWHERE },
		{ "/OP password", RECALL_NOWHERE },
		{ "/resume 4 0123", RECALL_NOWHERE },
		{ " /msg alice secret", RECALL_MEMORY },
		{ "\ufeff /op password", RECALL_NOWHERE },
		{ "/nick bob key", RECALL_NOWHERE },
		{ "/nick bob ", RECALL_FILE },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		CHECK_INT(recall_keeping(rows[i].line, strlen(rows[i].line)), rows[i].keeping);
		struct recall r = { 0 };

		add(&r, rows[i].line);
		CHECK_INT(r.count, rows[i].keeping != RECALL_NOWHERE);
		recall_finish(&r);
	}
}

static const struct unit_test tests[] = {
	{ "up and down", test_up_and_down },
	{ "the same line twice is kept once", test_the_same_line_twice_is_kept_once },
	{ "the oldest leave", test_the_oldest_leave },
	{ "a file is loaded by lines", test_a_file_is_loaded_by_lines },
	{ "searching goes back", test_searching_goes_back },
	{ "no secret is kept", test_no_secret_is_kept },
};

UNIT_MAIN(tests)
