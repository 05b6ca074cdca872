/*
 * The line editor, as tables: the line with its cursor written as '|', what is done, and the
 * line after it.
 */
#include "client/core/edit.h"
#include "test/unit/unit.h"

#include <stdlib.h>

#include "proto/text.h"

enum { LIMIT = 64 };

/* Puts a line with its cursor into an empty editor. */
static void put(struct edit *e, const char *line)
{
	const char *bar = strchr(line, '|');

	edit_set(e, line, (size_t)(bar - line));
	edit_insert(e, bar + 1, strlen(bar + 1), false);
	e->cursor = (size_t)(bar - line);
	e->last = EDIT_OTHER;
}

static void check_line(const struct edit *e, const char *want, const char *what)
{
	char line[2 * LIMIT];
	size_t len = e->cursor;

	CHECK(e->cursor <= e->text.len);
	memcpy(line, e->text.data ? e->text.data : "", len);
	line[len++] = '|';
	memcpy(line + len, e->text.data ? e->text.data + e->cursor : "", e->text.len - e->cursor);
	len += e->text.len - e->cursor;
	unit_check_bytes(line, len, want, strlen(want), __FILE__, __LINE__, what);
}

typedef bool op(struct edit *e);

static const struct row {
	const char *name;
	op *op;
	const char *before;
	const char *after;
	bool done;
} rows[] = {
	{ "left", edit_left, "ab|c", "a|bc", true },
	{ "left", edit_left, "|abc", "|abc", false },
	{ "left over a wide one", edit_left, "你好|", "你|好", true },
	{ "left over a cluster", edit_left, "ae\u0301|", "a|e\u0301", true },
	{ "left over joined emoji", edit_left, "x👨‍👩‍👧|y", "x|👨‍👩‍👧y", true },
	{ "left over a flag", edit_left, "🇩🇪🇫🇷|", "🇩🇪|🇫🇷", true },
	{ "right", edit_right, "a|bc", "ab|c", true },
	{ "right", edit_right, "abc|", "abc|", false },
	{ "right over a cluster", edit_right, "|👍🏽x", "👍🏽|x", true },
	{ "right over a flag", edit_right, "|🇩🇪🇫🇷", "🇩🇪|🇫🇷", true },
	{ "home", edit_home, "ab|c", "|abc", true },
	{ "end", edit_end, "|abc", "abc|", true },
	{ "word left", edit_word_left, "one two|", "one |two", true },
	{ "word left", edit_word_left, "one two  |", "one |two  ", true },
	{ "word left", edit_word_left, "one, tw|o", "one, |two", true },
	{ "word left", edit_word_left, "  |x", "|  x", true },
	{ "word left", edit_word_left, "|x", "|x", false },
	{ "word left", edit_word_left, "привет мир|", "привет |мир", true },
	{ "word right", edit_word_right, "|one two", "one| two", true },
	{ "word right", edit_word_right, "one| two", "one two|", true },
	{ "word right", edit_word_right, "one|, ", "one, |", true },
	{ "word right", edit_word_right, "one|", "one|", false },
	{ "backspace", edit_erase_left, "ab|c", "a|c", true },
	{ "backspace", edit_erase_left, "|c", "|c", false },
	{ "backspace over a cluster", edit_erase_left, "xe\u0301|c", "x|c", true },
	{ "backspace over joined emoji", edit_erase_left, "👨‍👩‍👧|", "|", true },
	{ "backspace over a flag", edit_erase_left, "🇩🇪🇫🇷|", "🇩🇪|", true },
	{ "delete", edit_erase_right, "a|bc", "a|c", true },
	{ "delete", edit_erase_right, "abc|", "abc|", false },
	{ "delete over a cluster", edit_erase_right, "|你e\u0301", "|e\u0301", true },
	{ "delete makes a cluster", edit_erase_right, "e|x\u0301", "e|", true },
	{ "delete joins a flag", edit_erase_right, "🇩|x🇪", "🇩🇪|", true },
	{ "kill word left", edit_kill_word_left, "one two|.", "one |.", true },
	{ "kill word left", edit_kill_word_left, "one-two|", "one-|", true },
	{ "kill word left", edit_kill_word_left, "|x", "|x", false },
	{ "kill to the blank", edit_kill_blank_word_left, "a one-two |x", "a |x", true },
	{ "kill to the blank", edit_kill_blank_word_left, "  |x", "|x", true },
	{ "kill word right", edit_kill_word_right, "|one two", "| two", true },
	{ "kill word right", edit_kill_word_right, "one| two", "one|", true },
	{ "kill left", edit_kill_left, "one| two", "| two", true },
	{ "kill right", edit_kill_right, "one| two", "one|", true },
	{ "kill right", edit_kill_right, "one|", "one|", false },
	{ "transpose", edit_transpose, "abc|", "acb|", true },
	{ "transpose", edit_transpose, "a|bc", "ba|c", true },
	{ "transpose", edit_transpose, "|abc", "|abc", false },
	{ "transpose", edit_transpose, "a|", "a|", false },
	{ "transpose clusters", edit_transpose, "你e\u0301|", "e\u0301你|", true },
	{ "yank", edit_yank, "a|", "a|", false },
	{ "undo", edit_undo, "|", "|", false },
};

static void test_one_action_at_a_time(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct edit e = { .max = LIMIT };

		put(&e, rows[i].before);
		if (rows[i].op == edit_undo)
			edit_reset(&e);
		CHECK(rows[i].op(&e) == rows[i].done);
		check_line(&e, rows[i].after, rows[i].name);
		edit_finish(&e);
	}
}

static void test_what_is_done_is_undone(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct edit e = { .max = LIMIT };
		size_t changes;

		put(&e, rows[i].before);
		changes = e.undo_count;
		if (rows[i].op(&e) && e.undo_count > changes) {
			CHECK(edit_undo(&e));
			check_line(&e, rows[i].before, rows[i].name);
		}
		edit_finish(&e);
	}
}

static void test_typing_is_undone_in_runs(void)
{
	struct edit e = { .max = LIMIT };

	edit_insert(&e, "a", 1, true);
	edit_insert(&e, "b", 1, true);
	edit_left(&e);
	edit_insert(&e, "c", 1, true);
	edit_insert(&e, "d", 1, true);
	check_line(&e, "acd|b", "typed");
	edit_undo(&e);
	check_line(&e, "a|b", "the second run undone");
	edit_undo(&e);
	check_line(&e, "|", "the first run undone");
	CHECK(!edit_undo(&e));
	edit_finish(&e);
}

static void test_undo_goes_back_so_far(void)
{
	struct edit e = { .max = 4 * EDIT_UNDO_MAX };
	size_t steps = 0;

	for (int i = 0; i < EDIT_UNDO_MAX + 1; i++)
		edit_insert(&e, "x", 1, false);
	while (edit_undo(&e))
		steps++;
	CHECK_INT(steps, EDIT_UNDO_MAX);
	CHECK_INT(e.text.len, 1);
	edit_finish(&e);
}

static void test_kills_in_a_row_are_yanked_at_once(void)
{
	struct edit e = { .max = LIMIT };

	put(&e, "one two three|");
	edit_kill_word_left(&e);
	edit_kill_word_left(&e);
	check_line(&e, "one |", "killed to the left");
	edit_yank(&e);
	check_line(&e, "one two three|", "yanked");
	edit_home(&e);
	edit_kill_word_right(&e);
	edit_kill_word_right(&e);
	check_line(&e, "| three", "killed to the right");
	edit_end(&e);
	edit_yank(&e);
	check_line(&e, " threeone two|", "yanked at the end");
	edit_kill_left(&e);
	edit_yank(&e);
	edit_yank(&e);
	check_line(&e, " threeone two threeone two|", "yanked twice");
	edit_finish(&e);
}

/* What comes in is made safe, and never more than fits. */
static void test_only_safe_text_comes_in(void)
{
	struct edit e = { .max = LIMIT };
	static const char bad[] = "a\x1b[2J\xc2\x9b\xff\tb\xe2\x80\xae";

	edit_insert(&e, bad, sizeof(bad) - 1, false);
	check_line(&e, "a\uFFFD    b|", "safe");
	edit_finish(&e);
}

static void test_nothing_is_accepted_beyond_the_limit(void)
{
	static const struct {
		size_t max;
		const char *text;
		const char *after;
		size_t left_out;
	} limits[] = {
		{ 3, "abc", "abc|", 0 },
		{ 3, "abcd", "abc|", 1 },
		{ 2, "你", "|", 3 },
		{ 3, "你", "你|", 0 },
		{ 5, "你好", "你|", 3 },
		{ 6, "你好", "你好|", 0 },
		{ 3, "ae\u0301", "a|", 3 }, /* a cluster is not cut */
		{ 4, "ae\u0301", "ae\u0301|", 0 },
	};

	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		struct edit e = { .max = limits[i].max };

		CHECK_INT(edit_insert(&e, limits[i].text, strlen(limits[i].text), false),
			limits[i].left_out);
		check_line(&e, limits[i].after, "inserted");
		edit_set(&e, limits[i].text, strlen(limits[i].text));
		check_line(&e, limits[i].after, "set");
		edit_replace_left(&e, 0, limits[i].text, strlen(limits[i].text));
		check_line(&e, limits[i].after, "replaced");
		edit_finish(&e);
	}
}

/* A server that takes only shorter lines than the one before: what was typed stays, and no more. */
static void test_the_limit_may_come_down(void)
{
	struct edit e = { .max = LIMIT };

	put(&e, "abc de|");
	e.max = 3;
	CHECK_INT(edit_insert(&e, "x", 1, true), 1);
	check_line(&e, "abc de|", "inserted");
	edit_replace_left(&e, 4, "dent", 4);
	check_line(&e, "abc |", "replaced");
	edit_finish(&e);
}

/* Undo brings back nothing that would be too long now, but has it when it fits again. */
static void test_undo_keeps_to_the_limit(void)
{
	struct edit e = { .max = LIMIT };

	put(&e, "abcd|");
	edit_kill_left(&e);
	edit_insert(&e, "xy", 2, false);
	e.max = 3;
	CHECK(edit_undo(&e));
	check_line(&e, "|", "what fits");
	CHECK(!edit_undo(&e));
	check_line(&e, "|", "too long");
	e.max = LIMIT;
	CHECK(edit_undo(&e));
	check_line(&e, "abcd|", "it fits again");
	edit_insert(&e, "ef", 2, false);
	e.max = 3;
	CHECK(edit_undo(&e));
	check_line(&e, "abcd|", "a line that becomes shorter");
	edit_finish(&e);
}

static void test_the_cursor_never_stands_in_a_cluster(void)
{
	struct edit e = { .max = LIMIT };

	put(&e, "|\u0301x");
	edit_insert(&e, "e", 1, true);
	check_line(&e, "e\u0301|x", "a base before its mark");
	edit_finish(&e);
	e.max = LIMIT;
	put(&e, "a|b");
	edit_insert(&e, "\u0301", 2, true);
	check_line(&e, "a\u0301|b", "a mark behind its base");
	edit_erase_left(&e);
	check_line(&e, "|b", "both erased");
	edit_finish(&e);
}

/* Any ops in any order: the cursor stays between clusters, the line within its limit. */
static void test_random_actions(void)
{
	static op *const ops[] = { edit_left, edit_right, edit_word_left, edit_word_right,
		edit_home, edit_end, edit_erase_left, edit_erase_right, edit_kill_word_left,
		edit_kill_blank_word_left, edit_kill_word_right, edit_kill_left, edit_kill_right,
		edit_yank, edit_transpose, edit_undo };
	static const char *const texts[] = { "a", "bc d", "你", "\u0301", "👨‍👩‍👧", "🇩🇪", "\u200d",
		" ", "ا", "🇩" };
	struct edit e = { .max = LIMIT };
	size_t at;

	srand(1);
	for (int i = 0; i < 20000; i++) {
		int what = rand() % (16 + 10);

		if (what < 16)
			(void)ops[what](&e);
		else
			edit_insert(&e, texts[what - 16], strlen(texts[what - 16]), rand() & 1);
		CHECK(e.text.len <= e.max && e.cursor <= e.text.len);
		for (at = 0; at < e.cursor;)
			at += text_cluster(e.text.data + at, e.text.len - at, NULL);
		CHECK_INT(e.cursor, at);
	}
	edit_finish(&e);
}

static const struct unit_test tests[] = {
	{ "one action at a time", test_one_action_at_a_time },
	{ "what is done is undone", test_what_is_done_is_undone },
	{ "typing is undone in runs", test_typing_is_undone_in_runs },
	{ "undo goes back so far", test_undo_goes_back_so_far },
	{ "kills in a row are yanked at once", test_kills_in_a_row_are_yanked_at_once },
	{ "only safe text comes in", test_only_safe_text_comes_in },
	{ "nothing is accepted beyond the limit", test_nothing_is_accepted_beyond_the_limit },
	{ "the limit may come down", test_the_limit_may_come_down },
	{ "undo keeps to the limit", test_undo_keeps_to_the_limit },
	{ "the cursor never stands in a cluster", test_the_cursor_never_stands_in_a_cluster },
	{ "random actions", test_random_actions },
};

UNIT_MAIN(tests)
