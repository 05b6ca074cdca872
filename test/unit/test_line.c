/*
 * Lines: whatever the pieces, the same lines. Each row of the table is run in one piece, in two
 * at every split, and in pieces of every size.
 */
#include "proto/line.h"
#include "test/unit/unit.h"

#include <stdlib.h>

static bool no_memory;

/* The linker puts these in the place of realloc(), so that it can be made to fail. */
void *__real_realloc(void *memory, size_t size);
void *__wrap_realloc(void *memory, size_t size);

void *__wrap_realloc(void *memory, size_t size)
{
	return no_memory ? NULL : __real_realloc(memory, size);
}

enum { STORY_SIZE = 4096, LIMIT = 64 };

/* What came out, written down: "text$", "<9>$" for one too long; "." in place of "$" for the last. */
struct story {
	char text[STORY_SIZE];
	size_t len;
};

static void tell(struct story *s, enum line_status status, const struct line_view *view, char end)
{
	size_t room = sizeof(s->text) - s->len;

	if (status == LINE_WHOLE)
		s->len += (size_t)snprintf(s->text + s->len, room, "%.*s%c", (int)view->len,
			view->text, end);
	else
		s->len += (size_t)snprintf(s->text + s->len, room, "<%zu>%c", view->len, end);
	/* What is kept of a line that is too long can be read, and is how it began. */
	CHECK(status == LINE_WHOLE ? view->kept == view->len : view->kept <= view->len);
	CHECK(memchr(view->text, '\n', view->kept) == NULL);
	CHECK(memchr(view->text, '\r', view->kept) == NULL);
}

/* One piece, copied to memory of its own so that a byte read beyond it is found. */
static void feed(struct line *l, size_t max, const char *piece, size_t len, struct story *s)
{
	uint8_t *copy = malloc(len + 1);
	const uint8_t *in = copy;
	struct line_view view;
	enum line_status status;

	memcpy(copy, piece, len);
	while ((status = line_next(l, max, &in, copy + len, &view)) != LINE_MORE) {
		CHECK(status != LINE_NOMEM);
		tell(s, status, &view, '$');
	}
	CHECK(in == copy + len);
	CHECK(l->held == NULL || l->held->len <= max + (l->begun ? 0 : 3)); /* besides, a byte-order mark */
	free(copy);
}

/* The end of the input: what is left is told with a "." */
static void finish(struct line *l, size_t max, struct story *s)
{
	struct line_view view;
	enum line_status status = line_end(l, max, &view);

	if (status != LINE_MORE)
		tell(s, status, &view, '.');
	CHECK(line_end(l, max, &view) == LINE_MORE);
	line_finish(l);
}

struct row {
	const char *in;
	size_t in_len;
	const char *out;
};

#define MARK "\xef\xbb\xbf"

/* The limit is 8 bytes. */
#define ROW(in, out) { in, sizeof(in) - 1, out }

static const struct row rows[] = {
	ROW("", ""),
	ROW("\n", "$"),
	ROW("a\n", "a$"),
	ROW("a\r\n", "a$"),
	ROW("\r\n", "$"),
	ROW("a", "a."),
	ROW("a\n\nb\r\nc", "a$$b$c."),
	ROW(" a b \n", " a b $"),
	/* A CR ends a line, and what comes right after it may belong to it. */
	ROW("a\rb\n", "a$b$"),
	ROW("\ra\n", "$a$"),
	ROW("a\r\r\n", "a$$"),
	ROW("a\r", "a$"),
	ROW("\r", "$"),
	ROW("a\n\r", "a$$"),
	ROW("a\r\r", "a$$"),
	ROW("a\n\rb", "a$$b."),
	ROW("a\r\0b", "a$b."),
	ROW("\r\0\r\0.", "$$.."),
	ROW("a\r\0\n", "a$$"),
	ROW("a\r\n\n", "a$$"),
	ROW("a\r\bb\n", "a$b$"),
	ROW("a\rb\b\n", "a$$"),
	ROW("a\r\b\n", "a$$"),
	ROW("a\r\x15\n", "a$$"),
	ROW("a\r\x17\n", "a$$"),
	/* Erasing a character. */
	ROW("ab\bc\n", "ac$"),
	ROW("ab\x7f" "c\n", "ac$"),
	ROW("\b\x7f" "a\b\b\b" "b\n", "b$"),
	ROW("ab\b\b\n", "$"),
	ROW("ab\b\b", ""),
	ROW("a\n\bb\n", "a$b$"),
	ROW("x\xc3\xa4\b\n", "x$"),
	ROW("x\xe2\x82\xac\b\n", "x$"),
	ROW("x\xf0\x9f\x98\x80\b\n", "x$"),
	ROW("\xc3\xa4\xc3\xb6\b\r\n", "\xc3\xa4$"),
	/* Of what is not UTF-8, one maximal part of a sequence. */
	ROW("x\x80\x80\b\n", "x\x80$"),
	ROW("x\x80\b\n", "x$"),
	ROW("\xc3\xa4\x80\b\n", "\xc3\xa4$"),
	ROW("\xc3\xa4\x80\b\b\n", "$"),
	ROW("x\xe2\x82\b\n", "x$"),
	ROW("x\xf0\x9f\x98\b\n", "x$"),
	ROW("x\xf0\x9f\x98\x80\x80\b\b\n", "x$"),
	ROW("x\xe0\x80\b\n", "x\xe0$"),
	ROW("x\xed\xa0\x80\b\b\n", "x\xed$"),
	ROW("\xc0\xff\xf5\b\n", "\xc0\xff$"),
	ROW("\x80\x80\x80\x80\x80\b\n", "\x80\x80\x80\x80$"),
	/* The bytes as they are now: a sequence that was cut may go on. */
	ROW("\xe2\x82" "a\b\xac\b\n", "$"),
	/* Erasing a word, and the line. */
	ROW("ab cd\x17" "e\n", "ab e$"),
	ROW("ab cd  \x17" "e\n", "ab e$"),
	ROW("ab\tcd\x17\n", "ab\t$"),
	ROW("ab\x17" "c\n", "c$"),
	ROW("  \x17" "c\n", "c$"),
	ROW("\x17" "c\n", "c$"),
	ROW("a \xe2\x82\xac\xff\x80\x17\n", "a $"),
	ROW("ab cd\x17\x17\x17" "e\n", "e$"),
	ROW("ab cd\x15" "e\n", "e$"),
	ROW("\x15" "e\n\x15", "e$"),
	ROW("ab\x15\n", "$"),
	/* Other controls are text here. */
	ROW("\x01\x1b[A\t\x16\n", "\x01\x1b[A\t\x16$"),
	/* The limit counts what is left, without the line's end. */
	ROW("1234567\n12345678\n123456789\n", "1234567$12345678$<9>$"),
	ROW("12345678\r\n123456789\r\n", "12345678$<9>$"),
	ROW("12345678", "12345678."),
	ROW("12345678\r", "12345678$"),
	ROW("123456789", "<9>."),
	ROW("123456789\rx", "<9>$x."),
	ROW("1234567890\b\b\n", "12345678$"),
	ROW("1234567890\b\n", "<9>$"),
	ROW("1234567890\b\b\b\b\n", "123456$"),
	ROW("1234567\xc3\xa4\n", "<9>$"),
	/* The limit cuts a code point. */
	ROW("1234567\xc3\xa4\b\n", "1234567$"),
	ROW("1234567\xc3\xa4\b8\n", "12345678$"),
	ROW("123456\xf0\x9f\x98\x80xy\b\b\b\n", "123456$"),
	ROW("1234567\xe2\x82\xac\xc3\xa4x\b\b\b8\n", "12345678$"),
	ROW("12345678\x80\x80\x80\x80\x80\x80\b\n", "<13>$"),
	ROW("12345678\x80\x80\b\b\b\n", "1234567$"),
	ROW("1234567\xe2\x82\x82\x82\b\b\n", "1234567$"),
	ROW("1234567\xe2\x82z\b\xac\b\n", "1234567$"),
	ROW("123456789\nok\n", "<9>$ok$"),
	ROW("123456789\r\bok\n", "<9>$ok$"),
	ROW("1234 56789 ab\x17\x17\n", "1234 $"),
	ROW("123456789 ab \x17" "c\n", "<11>$"),
	ROW("123456789\x17" "a\n", "a$"),
	ROW("123456789\x15" "a\n", "a$"),
	/* A byte-order mark at the very beginning is dropped, and does not count. */
	ROW(MARK "a\n" MARK "b\n", "a$" MARK "b$"),
	ROW(MARK "\n" MARK "b\n", "$" MARK "b$"),
	ROW("\n" MARK "b\n", "$" MARK "b$"),
	ROW("a" MARK "\n", "a" MARK "$"),
	ROW(MARK MARK "b\n", MARK "b$"),
	ROW(MARK "12345678\n" MARK "123456\n", "12345678$<9>$"),
	ROW(MARK "123456789\n", "<9>$"),
	ROW(MARK "1234567890\b\b\n", "12345678$"),
	ROW(MARK, "."),
	ROW("\xef\xbb", "\xef\xbb."),
	ROW(MARK "ab\b\b\bc\n", "c$"),
};

static bool has_crlf(const char *s, size_t len)
{
	for (size_t i = 1; i < len; i++)
		if (s[i - 1] == '\r' && s[i] == '\n')
			return true;
	return false;
}

static void test_rows(void)
{
	enum { MAX = 8 };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		size_t len = row->in_len;

		for (size_t split = 0; split <= len; split++) {
			struct line l = { 0 };
			struct story s = { .len = 0 };

			feed(&l, MAX, row->in, split, &s);
			feed(&l, MAX, row->in + split, len - split, &s);
			CHECK_INT(l.crlf, has_crlf(row->in, len));
			finish(&l, MAX, &s);
			CHECK_TEXT(s.text, s.len, row->out);
		}
		for (size_t step = 1; step < len; step++) {
			struct line l = { 0 };
			struct story s = { .len = 0 };

			for (size_t at = 0; at < len; at += step)
				feed(&l, MAX, row->in + at, step < len - at ? step : len - at, &s);
			finish(&l, MAX, &s);
			CHECK_TEXT(s.text, s.len, row->out);
		}
	}
}

static void test_zero_copy(void)
{
	static const uint8_t in[] = "one\r\ntwo\nthr";
	const uint8_t *at = in, *end = in + sizeof(in) - 1;
	struct line l = { 0 };
	struct line_view view;

	CHECK_INT(line_next(&l, LIMIT, &at, end, &view), LINE_WHOLE);
	CHECK((const uint8_t *)view.text == in && view.len == 3 && l.crlf);
	CHECK_INT(line_next(&l, LIMIT, &at, end, &view), LINE_WHOLE);
	CHECK((const uint8_t *)view.text == in + 5 && view.len == 3);
	CHECK(l.held == NULL);
	CHECK_INT(line_next(&l, LIMIT, &at, end, &view), LINE_MORE);
	CHECK(l.held != NULL && l.held->len == 3);
	line_finish(&l);
	CHECK(l.held == NULL);
}

/* What an unfinished line held is freed when nothing of it is on view any more. */
static void test_memory_is_freed(void)
{
	struct line l = { 0 };
	struct story s = { .len = 0 };

	feed(&l, LIMIT, "half", 4, &s);
	CHECK(l.held != NULL);
	feed(&l, LIMIT, "done\n", 5, &s);
	CHECK(l.held == NULL);
	feed(&l, LIMIT, "erased", 6, &s);
	line_erase(&l);
	feed(&l, LIMIT, "", 0, &s);
	CHECK(l.held == NULL);
	CHECK_TEXT(s.text, s.len, "halfdone$");
}

/* Whoever stops at a line's end, or who has no more input, can have it freed at once. */
static void test_release(void)
{
	static const uint8_t in[] = "half\nmore";
	const uint8_t *at = in;
	struct line l = { 0 };
	struct line_view view;

	line_release(&l);
	CHECK_INT(line_next(&l, LIMIT, &at, in + 4, &view), LINE_MORE);
	line_release(&l);
	CHECK(l.held != NULL && l.held->len == 4);
	CHECK_INT(line_next(&l, LIMIT, &at, in + 5, &view), LINE_WHOLE);
	CHECK_TEXT(view.text, view.len, "half");
	line_release(&l);
	CHECK(l.held == NULL);
	CHECK_INT(line_next(&l, LIMIT, &at, in + 9, &view), LINE_MORE);
	CHECK_INT(line_end(&l, LIMIT, &view), LINE_WHOLE);
	CHECK_TEXT(view.text, view.len, "more");
	line_release(&l);
	CHECK(l.held == NULL);
}

/* A byte at a time: memory grows by doubling, and not beyond the limit. */
static void test_growth(void)
{
	enum { MAX = 65536 };
	struct line l = { 0 };
	struct story s = { .len = 0 };
	unsigned growths = 0;
	uint32_t size = 0;

	for (size_t i = 0; i < 2 * MAX; i++) {
		feed(&l, MAX, "x", 1, &s);
		growths += l.held->size != size;
		size = l.held->size;
		CHECK(l.held->size <= MAX + 3 && l.held->beyond_size <= LINE_BEYOND_MAX / 2);
	}
	CHECK(growths <= 12);
	feed(&l, MAX, "\n", 1, &s);
	CHECK_TEXT(s.text, s.len, "<131072>$");
}

static void feed_often(struct line *l, const char *piece, size_t times, struct story *s)
{
	for (size_t i = 0; i < times; i++)
		feed(l, LIMIT, piece, strlen(piece), s);
}

static void check_limit(const char *extra, size_t extra_times, size_t erasers, const char *want)
{
	struct line l = { .begun = true };
	struct story s = { .len = 0 };

	feed_often(&l, "x", LIMIT, &s);
	feed_often(&l, extra, extra_times, &s);
	feed_often(&l, "\b", erasers, &s);
	feed(&l, LIMIT, "\n", 1, &s);
	CHECK_TEXT(s.text, s.len, want);
	line_finish(&l);
}

/* How far beyond the limit a line can be erased. */
static void test_erase_beyond_limit(void)
{
	static const char whole[] =
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx$";
	struct line l = { 0 };
	struct story s = { .len = 0 };

	check_limit("y", 1, 0, "<65>$");
	check_limit("y", 1, 1, whole);
	check_limit("y", 1, 2, whole + 1);
	check_limit("y", 5000, 5000, whole);
	check_limit("y", 5000, 4999, "<65>$");
	check_limit("y", LINE_BEYOND_MAX, LINE_BEYOND_MAX, whole);
	check_limit("y", LINE_BEYOND_MAX, LINE_BEYOND_MAX + 1, whole + 1);
	check_limit("y", LINE_BEYOND_MAX, LINE_BEYOND_MAX - 1, "<65>$");
	check_limit("\xc3\xa4", LINE_BEYOND_MAX / 2, LINE_BEYOND_MAX / 2, whole);
	check_limit("\xf0\x9f\x98\x80", LINE_BEYOND_MAX / 4, LINE_BEYOND_MAX / 4 + 1, whole + 1);
	check_limit("\xc3\xa4yyyyyyyyyyyyyyyyyyyy", 300, 6299, "<66>$");
	check_limit("\xc3\xa4yyyyyyyyyyyyyyyyyyyy", 300, 6300, whole);
	/* One byte more: the first is forgotten, so the line stays too long. */
	check_limit("y", LINE_BEYOND_MAX + 1, 5 * LINE_BEYOND_MAX, "<65>$");
	check_limit("\xc3\xa4", LINE_BEYOND_MAX / 2 + 1, LINE_BEYOND_MAX, "<66>$");
	check_limit("y", 3 * LINE_BEYOND_MAX, 10, "<49206>$");

	/* Forgotten for this line only. */
	feed_often(&l, "\xc3\xa4", LINE_BEYOND_MAX, &s);
	feed_often(&l, "\b", LINE_BEYOND_MAX, &s);
	feed(&l, LIMIT, "\nnext\n", 6, &s);
	CHECK(strstr(s.text, "next$") != NULL);
	line_finish(&l);
}

static void test_erase_from_outside(void)
{
	struct line l = { 0 };
	struct story s = { .len = 0 };

	line_erase_character(&l);
	line_erase(&l);
	feed(&l, LIMIT, "ab\xc3\xa4", 4, &s);
	line_erase_character(&l);
	line_erase_character(&l);
	feed(&l, LIMIT, "c\r", 2, &s);
	line_erase_character(&l);
	feed(&l, LIMIT, "\ngone", 5, &s);
	line_erase(&l);
	feed(&l, LIMIT, "kept\r", 5, &s);
	line_erase(&l);
	feed(&l, LIMIT, "\n", 1, &s);
	CHECK_TEXT(s.text, s.len, "ac$$kept$$");
}

/* The limit may change while a line is unfinished: a reload of the configuration. */
static void test_limit_changes(void)
{
	struct line l = { 0 };
	struct story s = { .len = 0 };

	l.begun = true;
	feed(&l, 8, "1234567", 7, &s);
	feed(&l, 4, "8\n", 2, &s);
	feed(&l, 4, "12345", 5, &s);
	feed(&l, 8, "6\n", 2, &s);
	feed(&l, 4, "12345", 5, &s);
	feed(&l, 8, "\b5\n", 3, &s);
	feed(&l, 4, "12345", 5, &s);
	feed(&l, 8, "6\b7\n", 4, &s);
	CHECK_TEXT(s.text, s.len, "<8>$<6>$12345$<6>$");
}

/* Without memory the line says so, and what it held can still be freed. */
static void test_no_memory(void)
{
	uint8_t in[2 * LIMIT];
	const uint8_t *at = in, *end = in + sizeof(in);
	struct line l = { 0 };
	struct line_view view;

	memset(in, 'x', sizeof(in));
	no_memory = true;
	CHECK_INT(line_next(&l, sizeof(in), &at, end, &view), LINE_NOMEM);
	no_memory = false;
	at = in;
	CHECK_INT(line_next(&l, sizeof(in), &at, in + LIMIT, &view), LINE_MORE);
	no_memory = true;
	CHECK_INT(line_next(&l, sizeof(in), &at, end, &view), LINE_NOMEM);
	no_memory = false;
	line_finish(&l);
	CHECK(l.held == NULL);
}

/* Nor where there is none for what is past the limit. */
static void test_no_memory_beyond(void)
{
	uint8_t in[LIMIT + 4];
	const uint8_t *at = in;
	struct line l = { .begun = true };
	struct line_view view;

	memset(in, 'x', sizeof(in));
	CHECK_INT(line_next(&l, LIMIT, &at, in + LIMIT, &view), LINE_MORE);
	no_memory = true;
	CHECK_INT(line_next(&l, LIMIT, &at, in + sizeof(in), &view), LINE_NOMEM);
	no_memory = false;
	line_finish(&l);
	CHECK(l.held == NULL);
}

static void test_nul_is_text(void)
{
	static const uint8_t in[] = "a\0b\n";
	const uint8_t *at = in;
	struct line l = { 0 };
	struct line_view view;

	CHECK_INT(line_next(&l, LIMIT, &at, in + 4, &view), LINE_WHOLE);
	CHECK_BYTES(view.text, view.len, "a\0b", 3);
}

/* Of a line that is too long it is known how it begins, wherever it is cut. */
static void test_kept(void)
{
	static const uint8_t in[] = "123456789\n";

	for (size_t split = 0; split < 10; split++) {
		const uint8_t *at = in;
		struct line l = { 0 };
		struct line_view view;

		CHECK_INT(line_next(&l, 8, &at, in + split, &view), LINE_MORE);
		CHECK_INT(line_next(&l, 8, &at, in + 10, &view), LINE_LONG);
		CHECK_INT(view.len, 9);
		CHECK_TEXT(view.text, view.kept, "12345678");
		line_release(&l);
	}
}

static const struct unit_test tests[] = {
	{ "every split gives the same lines", test_rows },
	{ "a whole line is not copied", test_zero_copy },
	{ "memory is freed with the line", test_memory_is_freed },
	{ "memory is freed on request", test_release },
	{ "memory grows by doubling", test_growth },
	{ "erasing beyond the limit", test_erase_beyond_limit },
	{ "erasing by telnet's commands", test_erase_from_outside },
	{ "how a line that is too long begins", test_kept },
	{ "the limit changes within a line", test_limit_changes },
	{ "there is no memory", test_no_memory },
	{ "there is no memory past the limit", test_no_memory_beyond },
	{ "NUL is text", test_nul_is_text },
};

UNIT_MAIN(tests)
