/*
 * The text of the history: what a file's beginning is taken for, and what becomes of good,
 * damaged and hostile lines. What the feed holds afterwards is written as "ID:text" args, with
 * nothing behind the colon for an ID whose line is missing.
 */
#include "server/core/feed/history_format.h"

#include <stdlib.h>

#include "test/unit/unit.h"

#define STAMP " --Wed Oct 19 21:24:05 2022"
#define HEAD(next) "=== chatd history 1, next @" next "\n"
#define JOINED(id, text, end) "@" id " 1666207445 [#1]: " text STAMP end
#define SAID(id, text) JOINED(id, text, "\n")

static void read_text(struct history_reader *l, const char *text, size_t len)
{
	const char *end = text + len;

	for (const char *at = text; at < end;) {
		const char *lf = memchr(at, '\n', (size_t)(end - at));
		char *line = malloc((size_t)(lf - at) + 1);

		/* A copy of just the line, so that a sanitizer sees any read beyond it. */
		memcpy(line, at, (size_t)(lf - at));
		history_reader_line(l, line, (size_t)(lf - at), (uint64_t)(at - text));
		free(line);
		at = lf + 1;
	}
	history_reader_end(l, len);
}

/* Describes the feed, as the head of this file says, and the ID that comes next. */
static void describe(char *out, size_t size, const struct feed *feed)
{
	size_t used = 0;

	for (uint64_t id = feed->first; id < feed->next; id++) {
		struct message m = { 0 };
		size_t len = feed_record(feed, id)->len;

		if (len > 0)
			message_parse(feed_line(feed, id), len - 1, &m);
		used += (size_t)snprintf(out + used, size - used, "%" PRIu64 ":%.*s ", id,
			(int)m.text_len, m.text != NULL ? m.text : "");
	}
	snprintf(out + used, size - used, "next %" PRIu64, feed->next);
}

static void test_lines(void)
{
	static const struct {
		const char *text;
		const char *feed;
		int skipped;
		int skipped_at;
	} cases[] = {
		{ "", "next 1", 0, 0 },
		{ HEAD("1"), "next 1", 0, 0 },
		{ HEAD("501"), "next 501", 0, 0 },
		{ HEAD("1") SAID("1", "a"), "1:a next 2", 0, 0 },
		{ HEAD("1") SAID("1", "a") SAID("2", "b"), "1:a 2:b next 3", 0, 0 },
		/* a piece of a file, and files one behind the other */
		{ SAID("7", "a"), "7:a next 8", 0, 0 },
		{ SAID("7", "a") SAID("8", "b"), "7:a 8:b next 9", 0, 0 },
		{ SAID("7", "a") HEAD("8") SAID("8", "b"), "7:a 8:b next 9", 0, 0 },
		/* lines that were never written, before a header */
		{ SAID("7", "a") HEAD("9") SAID("9", "b"), "7:a 8: 9:b next 10", 0, 0 },
		{ SAID("7", "a") HEAD("9"), "7:a 8: next 9", 0, 0 },
		/* lines that were taken out by hand */
		{ SAID("7", "a") SAID("9", "b") SAID("10", "c"), "7:a 8: 9:b 10:c next 11", 0, 0 },
		{ SAID("7", "a") SAID("9", "b"), "7:a 8: 9:b next 10", 0, 0 },
		/* damage in the middle, at the end, at the start */
		{ SAID("7", "a") "?\n" SAID("9", "b"), "7:a 8: 9:b next 10", 1, 49 },
		{ SAID("7", "a") "?\n\n" SAID("9", "b"), "7:a 8: 9:b next 10", 2, 49 },
		{ SAID("7", "a") "?\n" SAID("8", "b"), "7:a 8:b next 9", 1, 49 },
		{ SAID("7", "a") "?\n?\n", "7:a 8: 9: next 10", 2, 49 },
		/* a line feed damaged at the end, two of them, in the middle; none at all */
		{ JOINED("7", "a", "|") SAID("8", "b"), "7:a" STAMP "|@8 1666207445 [#1]: b 8: next 9",
			0, 0 },
		{ JOINED("7", "a", "|") JOINED("8", "b", "|") SAID("9", "c"), "7:a" STAMP
			"|@8 1666207445 [#1]: b" STAMP "|@9 1666207445 [#1]: c 8: 9: next 10", 0, 0 },
		{ JOINED("7", "a", "|") SAID("8", "b") SAID("9", "c"),
			"7:a" STAMP "|@8 1666207445 [#1]: b 8: 9:c next 10", 0, 0 },
		{ SAID("7", "@8 @9 1666207445 c"), "7:@8 @9 1666207445 c next 8", 0, 0 },
		{ SAID("6", "z") JOINED("7", "a", "\1") SAID("8", "b"), "6:z 7: 8: next 9", 1, 49 },
		{ "?\n" SAID("7", "a") SAID("8", "b"), "7:a 8:b next 9", 1, 0 },
		{ "?\n" SAID("7", "a") "?\n" SAID("9", "b"), "7:a 8: 9:b next 10", 2, 0 },
		{ "?\n", "next 1", 1, 0 },
		/* an ID too high in the middle, at the start, twice */
		{ SAID("7", "a") SAID("98", "b") SAID("9", "c"), "7:a 8: 9:c next 10", 1, 49 },
		{ SAID("97", "a") SAID("8", "b") SAID("9", "c"), "8:b 9:c next 10", 1, 0 },
		{ SAID("7", "a") SAID("98", "b") "?\n" SAID("10", "c"), "7:a 8: 9: 10:c next 11",
			2, 49 },
		{ SAID("7", "a") "?\n" SAID("99", "b") SAID("10", "c"), "7:a 8: 9: 10:c next 11",
			2, 49 },
		{ SAID("7", "a") HEAD("98") SAID("8", "b"), "7:a 8:b next 9", 1, 49 },
		/* an ID too low, or twice the same */
		{ HEAD("7") SAID("7", "a") SAID("1", "b") SAID("9", "c"), "7:a 8: 9:c next 10",
			1, 78 },
		{ HEAD("7") SAID("7", "a") SAID("7", "b") SAID("8", "c"), "7:a 8:c next 9", 1, 78 },
		{ HEAD("7") SAID("7", "a") HEAD("1") SAID("8", "c"), "7:a 8:c next 9", 1, 78 },
		/* what a record can't be */
		{ SAID("7", "a") SAID("0", "b") SAID("9", "c"), "7:a 8: 9:c next 10", 1, 49 },
		{ SAID("7", "a") SAID("08", "b") SAID("9", "c"), "7:a 8: 9:c next 10", 1, 49 },
		{ SAID("7", "a") SAID("-8", "b") SAID("9", "c"), "7:a 8: 9:c next 10", 1, 49 },
		{ SAID("7", "a") "@8 -1 [#1]: b" STAMP "\n" SAID("9", "c"), "7:a 8: 9:c next 10",
			1, 49 },
		{ SAID("7", "a") "@8 4294967296 [#1]: b" STAMP "\n" SAID("9", "c"),
			"7:a 8: 9:c next 10", 1, 49 },
		{ SAID("7", "a") "@8 1 === b\n" SAID("9", "c"), "7:a 8: 9:c next 10", 1, 49 },
		{ SAID("7", "a") "@8 1 [#1]: b\n" SAID("9", "c"), "7:a 8: 9:c next 10", 1, 49 },
		{ SAID("7", "a") SAID("8", "\x1b[2J") SAID("9", "c"), "7:a 8: 9:c next 10", 1, 49 },
		{ SAID("7", "a") SAID("8", "\xff") SAID("9", "c"), "7:a 8: 9:c next 10", 1, 49 },
		{ SAID("7", "a") SAID("8", "\xc2\x9b") SAID("9", "c"), "7:a 8: 9:c next 10",
			1, 49 },
		{ SAID("7", "a") SAID("9223372036854775807", "b"), "7:a 8: next 9", 1, 49 },
		{ SAID("7", "a") SAID("9223372036854775808", "b"), "7:a 8: next 9", 1, 49 },
		{ SAID("7", "a") SAID("18446744073709551615", "b"), "7:a 8: next 9", 1, 49 },
		/* an ID so far on that nothing of before can be kept */
		{ SAID("7", "a") SAID("9223372036854775806", "b"),
			"9223372036854775806:b next 9223372036854775807", 0, 0 },
		/* then the highest is the next: beyond it there would be none that can be read again */
		{ SAID("7", "a") SAID("9223372036854775806", "b") "?\n",
			"9223372036854775806:b next 9223372036854775807", 1, 116 },
		{ HEAD("9223372036854775807") "?\n", "next 9223372036854775807", 1, 47 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char got[512];
		struct feed feed;

		feed_init(&feed, 4096);
		struct history_reader l = { .feed = &feed };
		read_text(&l, cases[i].text, strlen(cases[i].text));
		describe(got, sizeof(got), &feed);
		CHECK_TEXT(got, strlen(got), cases[i].feed);
		CHECK_INT(l.skipped, cases[i].skipped);
		CHECK_INT(l.skipped_at, cases[i].skipped_at);
		if (strcmp(got, cases[i].feed) != 0)
			unit_print("text", cases[i].text, strlen(cases[i].text));
		feed_finish(&feed);
	}
}

/* What the feed holds of a record. */
static void test_record(void)
{
	static const char text[] = "@3 1666207445 *** alice joined (2 online)" STAMP "\n"
		"@4 1666207446 * alice waves" STAMP "\n";
	struct feed feed;

	feed_init(&feed, 4096);
	struct history_reader l = { .feed = &feed };
	read_text(&l, text, sizeof(text) - 1);
	CHECK_INT(feed_record(&feed, 3)->kind, MESSAGE_EVENT);
	CHECK_INT(feed_record(&feed, 3)->time, 1666207445);
	CHECK_INT(feed_record(&feed, 3)->author, 0);
	CHECK_TEXT(feed_line(&feed, 3), feed_record(&feed, 3)->len,
		"*** alice joined (2 online)" STAMP "\n");
	CHECK_INT(feed_record(&feed, 4)->kind, MESSAGE_ACTION);
	CHECK_TEXT(feed_line(&feed, 4), feed_record(&feed, 4)->len, "* alice waves" STAMP "\n");
	feed_finish(&feed);
}

/* A line that is longer than the whole feed, as after --feed was made smaller. */
static void test_larger_than_feed(void)
{
	char text[8192] = "@7 1666207445 [#1]: ";
	char got[64];
	struct feed feed;

	memset(text + strlen(text), 'x', 6000);
	strcat(text, STAMP "\n" SAID("8", "b"));
	feed_init(&feed, 4096);
	struct history_reader l = { .feed = &feed };
	read_text(&l, text, strlen(text));
	describe(got, sizeof(got), &feed);
	CHECK_TEXT(got, strlen(got), "8:b next 9");
	CHECK_INT(l.skipped, 0);
	feed_finish(&feed);
}

static void test_origin(void)
{
	static const struct {
		const char *start;
		enum history_origin want;
	} cases[] = {
		{ "", HISTORY_TORN },
		{ "=", HISTORY_TORN },
		{ "=== chatd history 1, next @", HISTORY_TORN },
		{ "=== chatd history 1, next @12", HISTORY_TORN },
		{ "=== chatd history 1, next @12\n", HISTORY_OURS },
		{ "=== chatd history 1, next @12\n@12 1 ", HISTORY_OURS },
		{ "=== chatd history 1, next @12, ro", HISTORY_TORN },
		{ "=== chatd history 1, next @12, room tea", HISTORY_TORN },
		{ "=== chatd history 1, next @12, room tea\n", HISTORY_OURS },
		{ "=== chatd history 1, next @12, room \n", HISTORY_NEWER },
		{ "=== chatd history 1, next @12, roof\n", HISTORY_NEWER },
		{ "=== chatd history 1, next @12, room 123456789012345678901234567890123\n",
			HISTORY_NEWER },
		{ "=== chatd history 1, next @12, room tea\r\n", HISTORY_OURS },
		{ "=== chatd history 1, next @x\n", HISTORY_OURS }, /* damaged */
		{ "=== chatd history 1, next @12\x01, room tea\n", HISTORY_OURS },
		{ "=== chatd history 1, next @", HISTORY_TORN },
		{ "=== chatd history 1, next @x", HISTORY_NEWER },
		{ "=== chatd history 1; next @12\n", HISTORY_NEWER },
		{ "=== chatd history 1, next @12\r\n", HISTORY_CONVERTED },
		{ "\xef\xbb\xbf=== chatd history 1, next @12\n", HISTORY_PREFIXED },
		{ "\xef\xbb\xbfhello\n", HISTORY_FOREIGN },
		{ "=== chatd history 2, next @12\n", HISTORY_NEWER },
		{ "=== chatd history 2", HISTORY_NEWER },
		{ "@1 1666207445 [#1]: hello" STAMP, HISTORY_OURS },
		{ "@1 1666207445 [#1]: longer than a header, so there is no LF yet",
			HISTORY_OURS },
		{ "@1 1666207445", HISTORY_FOREIGN },
		{ "@", HISTORY_FOREIGN },
		{ "hello\n", HISTORY_FOREIGN },
		{ "\n", HISTORY_FOREIGN },
		{ "\n=== chatd history 1, next @12\n", HISTORY_FOREIGN },
		{ "=== chat\n", HISTORY_FOREIGN },
		{ "== chatd history 1, next @12\n", HISTORY_FOREIGN },
		{ "[#1]: hello" STAMP "\n", HISTORY_FOREIGN },
		{ "\x7f" "ELF\2\1\1", HISTORY_FOREIGN },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t len = strlen(cases[i].start);
		enum history_origin got = history_origin(cases[i].start, len);

		CHECK_INT(got, cases[i].want);
		if (got != cases[i].want)
			unit_print("start", cases[i].start, len);
	}
}

/* Every header that can be written is known again, whole and torn anywhere. */
static void test_header(void)
{
	static const uint64_t ids[] = { 1, 9, 10, 1234567890, INT64_MAX };

	static const char *const rooms[] = { "", "tea", "12345678901234567890123456789012" };

	for (size_t i = 0; i < 3 * sizeof(ids) / sizeof(ids[0]); i++) {
		char header[HISTORY_HEADER_MAX];
		size_t len = history_header(header, ids[i / 3], rooms[i % 3]);

		for (size_t k = 0; k < len; k++)
			CHECK_INT(history_origin(header, k), HISTORY_TORN);
		CHECK_INT(history_origin(header, len), HISTORY_OURS);
		len = history_first_header(header, ids[i / 3], rooms[i % 3]);
		CHECK_INT(history_marked(header, len), ids[i / 3]);
		history_mark(header + HISTORY_MARK_AT, 77);
		CHECK_INT(history_marked(header, len), 77);
	}
	char header[HISTORY_HEADER_MAX];
	CHECK_TEXT(header, history_header(header, 501, ""), HEAD("501"));
	CHECK_TEXT(header, history_header(header, 501, "tea"),
		"=== chatd history 1, next @501, room tea\n");
	CHECK_INT(history_header(header, UINT64_MAX, rooms[2]), HISTORY_HEADER_MAX);
}

static void test_room(void)
{
	static const struct history_room tea = { "tea", false, false };
	static const struct history_room lobby = { "lobby", true, true };
	static const struct {
		const char *start;
		bool of_tea, of_lobby;
	} cases[] = {
		{ "=== chatd history 1, next @12, room tea\n", true, false },
		{ "=== chatd history 1, next @12, room lobby\n", false, true },
		{ "=== chatd history 1, next @12, room teas\n", false, false },
		{ "=== chatd history 1, next @12, room te\n", false, false },
		{ "=== chatd history 1, next @12\n", false, true },
		/* One whose first lines were cut off may be anybody's. */
		{ "@12 1666207445 [#1]: hello" STAMP "\n", true, true },
		{ "", true, true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t len = strlen(cases[i].start);

		CHECK_INT(history_is_of(cases[i].start, len, &tea), cases[i].of_tea);
		CHECK_INT(history_is_of(cases[i].start, len, &lobby), cases[i].of_lobby);
	}
}

static const struct unit_test tests[] = {
	{ "lines, good and bad", test_lines },
	{ "what the feed holds of a record", test_record },
	{ "a line larger than the feed", test_larger_than_feed },
	{ "what a file is taken for", test_origin },
	{ "headers", test_header },
	{ "whose file it is", test_room },
};

UNIT_MAIN(tests)
