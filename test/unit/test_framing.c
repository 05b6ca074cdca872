/*
 * Dialects: the same records as each kind of receiver wants them.
 */
#include "server/core/wire/framing.h"
#include "test/unit/unit.h"

#include <stdlib.h>

/* The linker lets this stand in for realloc(): no memory as long as no_memory is set. */
static void append(struct feed *f, uint64_t id, size_t len, enum message_kind kind, uint32_t author)
{
	feed_append(f, id, &(struct record){ .len = (uint32_t)len & 0xffffff,
		.kind = (uint32_t)kind & 0xff, .author = author, .time = 1666214645 });
}

static bool no_memory;

void *__real_realloc(void *memory, size_t size);
void *__wrap_realloc(void *memory, size_t size);

void *__wrap_realloc(void *memory, size_t size)
{
	return no_memory ? NULL : __real_realloc(memory, size);
}

static void say(struct feed *f, enum message_kind kind, uint32_t author, const char *line)
{
	memcpy(feed_reserve(f, strlen(line)), line, strlen(line));
	append(f, f->next, strlen(line), kind, author);
}

static void fill(struct feed *f)
{
	CHECK_INT(feed_init(f, 4096), 0);
	feed_begin(f, 9);
	say(f, MESSAGE_EVENT, 0, "joined\n");
	say(f, MESSAGE_SAID, 1, "one\n");
	say(f, MESSAGE_ACTION, 2, "two\n");
	feed_reserve(f, 0);
	append(f, f->next, 0, MESSAGE_OTHER, 0);
	say(f, MESSAGE_SAID, 1, "three\n");
	say(f, MESSAGE_SAID, 0, "restored\n");
}

struct row {
	struct framing framing;
	const char *want; /* records 9 to 14 */
	bool renders;
	int ignores;
};

enum { IGNORES_NOBODY, IGNORES_FIRST, IGNORES_BOTH };

static struct ignores *lists[3]; /* filled when first used */

static const struct row rows[] = {
	{ { 0 }, "joined\none\ntwo\nthree\nrestored\n", false, IGNORES_NOBODY },
	{ { .crlf = true }, "joined\r\none\r\ntwo\r\nthree\r\nrestored\r\n", true, IGNORES_NOBODY },
	{ { .tagged = true },
		"@9 1666214645 joined\n@10 1666214645 one\n@11 1666214645 two\n"
		"@13 1666214645 three\n@14 1666214645 restored\n", true, IGNORES_NOBODY },
	{ { .crlf = true, .tagged = true },
		"@9 1666214645 joined\r\n@10 1666214645 one\r\n@11 1666214645 two\r\n"
		"@13 1666214645 three\r\n@14 1666214645 restored\r\n", true, IGNORES_NOBODY },
	{ { .messages_only = true }, "one\ntwo\nthree\nrestored\n", true, IGNORES_NOBODY },
	{ { 0 }, "joined\ntwo\nrestored\n", true, IGNORES_FIRST },
	{ { 0 }, "joined\nrestored\n", true, IGNORES_BOTH },
	{ { .messages_only = true, .crlf = true, .tagged = true },
		"@14 1666214645 restored\r\n", true, IGNORES_BOTH },
};

static void make_lists(void)
{
	static const uint32_t ids[] = { 1, 2 };

	if (lists[IGNORES_FIRST] != NULL)
		return;
	for (int list = IGNORES_FIRST; list <= IGNORES_BOTH; list++)
		for (int i = 0; i < list; i++)
			CHECK_INT(ignores_add(&lists[list], ids[i], NULL, 0), IGNORE_DONE);
}

static struct framing framing_of(const struct row *row)
{
	struct framing framing = row->framing;

	make_lists();
	framing.ignored = lists[row->ignores];
	return framing;
}

enum { ROW_COUNT = sizeof(rows) / sizeof(rows[0]) };

static void test_rows(void)
{
	struct render_caches s = { 0 };
	struct feed f;

	fill(&f);
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < ROW_COUNT; i++) {
			char got[256];
			struct framing framing = framing_of(&rows[i]);
			size_t len = 0;

			CHECK_INT(framing_renders(&framing), rows[i].renders);
			/* A run ends where a line is not there, unless nothing is rendered. */
			for (uint64_t at = 9; at < 15; at = feed_present(&f, at)) {
				struct iovec run;
				uint64_t from = at;

				at = framing_run(&framing, &f, &s, (struct id_range){ at, 15 },
					&run);
				CHECK_INT(at, from == 9 && rows[i].renders ? 12 : 15);
				memcpy(got + len, run.iov_base, run.iov_len);
				len += run.iov_len;
			}
			CHECK_TEXT(got, len, rows[i].want);
		}
	}
	render_caches_finish(&s);
	render_caches_finish(&s);
	feed_finish(&f);
}

/* Any run of records is that part of the whole, whoever asked for what before. */
static void test_any_run(void)
{
	struct render_caches s = { 0 };
	struct feed f;
	char got[256];

	fill(&f);
	for (uint64_t from = 9; from < 15; from++) {
		for (uint64_t to = from + 1; to <= 15; to++) {
			for (size_t i = 0; i < ROW_COUNT; i++) {
				struct framing framing = framing_of(&rows[i]);
				size_t len = 0;
				struct iovec run;

				for (uint64_t at = 9; at < 15; at = feed_present(&f, at)) {
					uint64_t end = at < from ? from : at < to ? to : 15;

					at = framing_run(&framing, &f, &s,
						(struct id_range){ at, end }, &run);
					CHECK(at <= end);
					if (run.iov_len > 0)
						memcpy(got + len, run.iov_base, run.iov_len);
					len += run.iov_len;
				}
				CHECK_TEXT(got, len, rows[i].want);
			}
		}
	}
	render_caches_finish(&s);
	feed_finish(&f);
}

static void test_shows(void)
{
	struct framing events = framing_of(&rows[4]), ignoring = framing_of(&rows[5]);
	struct feed f;

	fill(&f);
	CHECK(framing_shows(&rows[0].framing, &f, 9));
	CHECK(!framing_shows(&rows[0].framing, &f, 12));
	CHECK(!framing_shows(&events, &f, 9));
	CHECK(framing_shows(&ignoring, &f, 9));
	CHECK(!framing_shows(&ignoring, &f, 10));
	CHECK(framing_shows(&ignoring, &f, 11));
	feed_finish(&f);
}

/* The length that a line takes is that of its rendering. */
static void test_lengths(void)
{
	struct render_caches s = { 0 };
	struct feed f;

	fill(&f);
	for (size_t i = 0; i < ROW_COUNT; i++) {
		struct framing framing = framing_of(&rows[i]);

		for (uint64_t id = 9; id < 15; id++) {
			struct iovec run = { 0 };

			framing_run(&framing, &f, &s, (struct id_range){ id, id + 1 }, &run);
			CHECK_INT(framing_length(&framing, &f, id), run.iov_len);
		}
	}
	render_caches_finish(&s);
	feed_finish(&f);
}

/* Two who want the same get the same bytes, made once; a filter's are nobody else's. */
static void test_sharing(void)
{
	struct framing crlf = { .crlf = true };
	struct framing filtered = { .crlf = true, .ignored = framing_of(&rows[5]).ignored };
	struct render_caches s = { 0 };
	struct iovec one, two;
	struct feed f;

	fill(&f);
	framing_run(&crlf, &f, &s, (struct id_range){ 10, 15 }, &one);
	memcpy(one.iov_base, "ONE", 3);
	framing_run(&filtered, &f, &s, (struct id_range){ 10, 15 }, &two);
	CHECK_TEXT(two.iov_base, two.iov_len, "two\r\n");
	framing_run(&crlf, &f, &s, (struct id_range){ 10, 15 }, &two);
	CHECK_TEXT(two.iov_base, two.iov_len, "ONE\r\ntwo\r\n");
	framing_run(&crlf, &f, &s, (struct id_range){ 10, 11 }, &two);
	CHECK_TEXT(two.iov_base, two.iov_len, "one\r\n");
	render_caches_finish(&s);
	feed_finish(&f);
}

/* A rendering ends after some 128 KiB, at a line; a longer line still comes whole. */
static void test_long(void)
{
	enum { LINE = 50000, LINES = 16, LONG = 300000 };
	struct framing tagged = { .crlf = true, .tagged = true };
	struct render_caches s = { 0 };
	char *line = malloc(LONG);
	struct feed f;
	uint64_t at = 1;

	memset(line, 'x', LONG);
	CHECK_INT(feed_init(&f, 2 << 20), 0);
	for (int i = 0; i < LINES; i++) {
		size_t len = i == LINES - 1 ? LONG : LINE;
		char *to = feed_reserve(&f, len);

		memcpy(to, line, len);
		to[len - 1] = '\n';
		feed_append(&f, f.next, &(struct record){ .len = (uint32_t)len & 0xffffff,
			.kind = MESSAGE_SAID, .author = 1 });
	}
	while (at < f.next) {
		struct iovec run;
		uint64_t to = framing_run(&tagged, &f, &s, (struct id_range){ at, f.next }, &run);
		size_t want = 0;

		CHECK(to > at);
		CHECK(at == LINES || (run.iov_len > 64 * 1024 && run.iov_len <= 128 * 1024) ||
			to == LINES);
		for (; at < to; at++)
			want += (at == LINES ? LONG : LINE) + 1 + (at < 10 ? 5 : 6);
		CHECK_INT(run.iov_len, want);
	}
	render_caches_finish(&s);
	feed_finish(&f);
	free(line);
}

/*
 * There was no memory for one who wanted a run. That was remembered as a run of nothing, and ended
 * everyone who wanted the same.
 */
static void test_no_memory(void)
{
	struct framing crlf = { .crlf = true };
	struct render_caches s = { 0 };
	struct iovec run;
	struct feed f;

	fill(&f);
	no_memory = true;
	CHECK_INT(framing_run(&crlf, &f, &s, (struct id_range){ 10, 15 }, &run), 10);
	no_memory = false;
	CHECK_INT(framing_run(&crlf, &f, &s, (struct id_range){ 10, 15 }, &run), 12);
	CHECK_TEXT(run.iov_base, run.iov_len, "one\r\ntwo\r\n");
	render_caches_finish(&s);
	feed_finish(&f);
}

static void test_no_lists_are_left(void)
{
	for (int i = 0; i <= IGNORES_BOTH; i++) {
		ignores_release(lists[i]);
		lists[i] = NULL;
	}
}

static const struct unit_test tests[] = {
	{ "each framing", test_rows },
	{ "any run of records", test_any_run },
	{ "what is shown", test_shows },
	{ "the length of a line", test_lengths },
	{ "what is shared", test_sharing },
	{ "long runs and long lines", test_long },
	{ "no memory for one", test_no_memory },
	{ "no lists are left", test_no_lists_are_left },
};

UNIT_MAIN(tests)
