/*
 * What was said while somebody was away: told again, told as missed, or said late. Nothing twice.
 */
#include "test/unit/converse.h"
#include "test/unit/unit.h"

#include "proto/message.h"
#include "proto/text.h"

#define TOKEN_1 "01010101010101010101010101010101"

/* A line a second, and two at once: what comes behind them has to wait. */
static struct settings slow_settings(void)
{
	struct settings settings = converse_settings;

	settings.rate = 1;
	settings.burst = 2;
	return settings;
}

/* A line of a history, or one that has been lost from it. */
static void restore(struct converse *c, const char *line)
{
	struct feed *f = chat_feed(c->chat, 0);

	memcpy(feed_reserve(f, strlen(line)), line, strlen(line));
	feed_append(f, f->next,
		&(struct record){ .len = (uint32_t)strlen(line) & 0xffffff, .kind = MESSAGE_SAID,
			.time = (uint32_t)c->now.time });
}

/* A history that lacks lines: who goes on behind them is told how many, where they would stand. */
static void test_lines_that_were_lost(void)
{
	static const char *const held[] = { "one\n", "", "", "four\n", "five\n", "", "seven\n" };
	static const char *const rows[] = {
		"a connects",
		"a < === chatd: you are #1, 1 of 8 online, /help for help",
		"a < one",
		"a < four",
		"a < five",
		"a < seven",
		"a > /resume 0",
		"a < === resume 0 " TOKEN_1,
		"a < @1 EPOCH one",
		"a < === you missed 2 lines",
		"a < @4 EPOCH four",
		"a < @5 EPOCH five",
		"a < === you missed 1 lines",
		"a < @7 EPOCH seven",
		"wait 2000",
		"a < @8 EPOCH *** #1 joined (1 online) --STAMP",
		"a > /resume 1",
		"a < === you missed 2 lines",
		"a < === resume 3 " TOKEN_1,
		"a < @4 EPOCH four",
		"a < @5 EPOCH five",
		"a < === you missed 1 lines",
		"a < @7 EPOCH seven",
		"a < @8 EPOCH *** #1 joined (1 online) --STAMP",
		"a > /resume 5",
		"a < === you missed 1 lines",
		"a < === resume 6 " TOKEN_1,
		"a < @7 EPOCH seven",
		"a < @8 EPOCH *** #1 joined (1 online) --STAMP",
		/* A replay never owed them. */
		"a > /replay",
		"a < === the last messages again:",
		"a < @1 EPOCH one",
		"a < @4 EPOCH four",
		"a < @5 EPOCH five",
		"a < @7 EPOCH seven",
	};
	struct converse c;

	converse_begin(&c, NULL);
	for (size_t i = 0; i < sizeof(held) / sizeof(held[0]); i++)
		restore(&c, held[i]);
	converse_rows(&c, ROWS(rows));
	CHECK(converse_end(&c));
}

/* What has left the feed meanwhile is told, exactly, in its place: before the answer. */
static void test_missed(void)
{
	struct settings settings = converse_settings;
	struct converse c;
	struct message m;
	uint64_t missed = 0, id = 0, said = 0;
	const char *line;
	size_t len;

	settings.feed_bytes = 64 * 1024;
	converse_begin(&c, &settings);
	converse_row(&c, "a enters");
	converse_row(&c, "b enters");
	converse_row(&c, "b > /resume");
	converse_row(&c, "b < === resume 2 " TOKEN_1);
	converse_row(&c, "b resets");
	for (int i = 0; i < 200; i++)
		converse_row(&c, "a > %01000d", i);
	converse_row(&c, "b connects");
	converse_row(&c, "all forgets");
	converse_row(&c, "b > /resume 2 " TOKEN_1);
	line = converse_line(&c, "b", &len);
	CHECK(line != NULL && sscanf(line, "=== you missed %" SCNu64 " lines\n", &missed) == 1);
	line = converse_line(&c, "b", &len);
	CHECK(line != NULL && sscanf(line, "=== resume %" SCNu64 " " TOKEN_1, &id) == 1);
	CHECK(missed > 100 && id == 2 + missed);
	while ((line = converse_line(&c, "b", &len)) != NULL) {
		message_parse(line, len, &m);
		CHECK(m.tagged && m.id == ++id && m.kind == MESSAGE_SAID);
		CHECK(text_number(m.text, m.text_len, 200, &said) && said == id - 3);
	}
	CHECK_INT(id, 202);
	converse_row(&c, "a > /stats");
	for (int i = 0; i < 7; i++)
		line = converse_line(&c, "a", &len);
	CHECK(line != NULL && sscanf(line, "=== errors: 0 told, %" SCNu64, &said) == 1);
	CHECK_INT(said, missed);
	CHECK(converse_end(&c));
}

/* Cut off at every byte of what it is sent, in either framing: nothing missed, nothing twice. */
static void test_cut_anywhere(void)
{
	bool done = false;

	for (size_t taken = 0; !done; taken += 7) {
		const char *end = taken % 2 ? "\r" : "";
		struct converse c;
		struct message m;
		uint64_t last = 3;
		const char *line;
		size_t len;

		converse_begin(&c, NULL);
		converse_row(&c, "a enters");
		converse_row(&c, "b enters");
		converse_row(&c, "b > /resume%s", end);
		converse_row(&c, "b < === resume 2 " TOKEN_1 "%s", end);
		converse_take(&c, "b", taken);
		converse_row(&c, "a > one\ntwo\n/me three\n/msg b psst\nfour\nfive\nsix");
		done = c.people[1].window > 0;
		last = 2;
		while ((line = converse_line(&c, "b", &len)) != NULL) {
			message_parse(line, len, &m);
			/* A line without its end has not been received. */
			if (m.tagged && line[len] == '\n' &&
				(*end == '\0' || line[len - 1] == '\r'))
				CHECK_INT(m.id, ++last);
			if (line + len == c.people[1].heard.bytes + c.people[1].heard.len)
				break;
		}
		converse_row(&c, "b resets");
		converse_row(&c, "b reads");
		converse_row(&c, "b forgets");
		converse_row(&c, "c connects");
		converse_row(&c, "c > /resume %" PRIu64 " " TOKEN_1, last);
		converse_row(&c, "a > seven");
		converse_row(&c, "a forgets");
		while ((line = converse_line(&c, "c", &len)) != NULL) {
			message_parse(line, len, &m);
			if (m.tagged)
				CHECK_INT(m.id, ++last);
		}
		CHECK_INT(last, 9);
		CHECK(converse_end(&c));
	}
}

/* What somebody with a token said before the reset counts, though it has to wait. */
static void test_lines_before_the_reset(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"b > /resume\n1\n2\n3",
		"b resets",
		"wait 5000",
		"a < [b]: 1 --STAMP",
		"a < [b]: 2 --STAMP",
		"a < [b]: 3 --STAMP",
		"b forgets",
		"b connects",
		"b forgets",
		"b > /resume 2 " TOKEN_1,
		"b < === resume 2 " TOKEN_1,
		"b < @3 EPOCH [b]: 1 --STAMP",
		"b < @4 EPOCH [b]: 2 --STAMP",
		"b < @5 EPOCH [b]: 3 --STAMP",
		"wait 60000",
	};
	struct settings settings = slow_settings();

	CONVERSE(&settings, rows);
}

/* Who is back before they are all said says them on the new connection, within the same rate. */
static void test_lines_that_wait(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"b > /resume\n1\n/me twos\n//3\n\n4 \xff\xff",
		"b >> 5",
		"b resets",
		"a nothing",
		"wait 1000",
		"a < [b]: 1 --STAMP",
		"c connects",
		"c forgets",
		"c > /resume 2 " TOKEN_1 "\nhere",
		"c < === resume 2 " TOKEN_1,
		"c < @3 EPOCH [b]: 1 --STAMP",
		"c > again",
		"b forgets",
		"b closed",
		"c nothing",
		"wait 1000",
		"a < * b twos --STAMP",
		"wait 1000",
		"a < [b]: /3 --STAMP",
		"wait 1000",
		"a < [b]: 4 \xef\xbf\xbd --STAMP",
		"wait 1000",
		"a < [b]: here --STAMP",
		"wait 1000",
		"a < [b]: again --STAMP",
		"c < @4 EPOCH * b twos --STAMP",
		"c < @5 EPOCH [b]: /3 --STAMP",
		"c < @6 EPOCH [b]: 4 \xef\xbf\xbd --STAMP",
		"c < @7 EPOCH [b]: here --STAMP",
		"c < @8 EPOCH [b]: again --STAMP",
		"wait 60000",
	};
	struct settings settings = slow_settings();

	CONVERSE(&settings, rows);
}

/* They come first also where the new connection might say its own at once. */
static void test_lines_behind_unread_answers(void)
{
	static const char *const rows[] = {
		"c connects",
		"c forgets",
		"a nothing",
		"c > /resume 2 " TOKEN_1 "\nhere",
		"a < [b]: 1 --STAMP",
		"a < [b]: 2 --STAMP",
		"a < [b]: here --STAMP",
		"c forgets",
		"wait 60000",
		"b forgets",
	};
	char help[600];
	struct converse c;

	converse_begin(&c, NULL);
	converse_row(&c, "a enters");
	converse_row(&c, "b enters");
	converse_row(&c, "b stalls");
	converse_row(&c, "b > /resume");
	for (size_t i = 0; i < sizeof(help); i++)
		help[i] = "/help\n"[i % 6];
	converse_row(&c, "b >> %.*s1\n2\n", (int)sizeof(help), help);
	converse_rows(&c, ROWS(rows));
	CHECK(converse_end(&c));
}

/* Commands are not carried out: nobody waits any more for what they would answer. */
static void test_commands_that_wait(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"b > /resume\n1\n/quit\n/who\n"
		"1234567890123456789012345678901234567890123456789012345678901234x\n/me\n2",
		"c connects",
		"c forgets",
		"c > /resume 2 " TOKEN_1,
		"c < === resume 2 " TOKEN_1,
		"wait 3000",
		"a < [b]: 1 --STAMP",
		"a < [b]: 2 --STAMP",
		"c < @3 EPOCH [b]: 1 --STAMP",
		"c < @4 EPOCH [b]: 2 --STAMP",
		"c < !!! not carried out: 4 lines that waited on your other connection",
		"b forgets",
		"b closed",
		"wait 60000",
	};
	struct settings settings = slow_settings();

	settings.max_message = 64;
	CONVERSE(&settings, rows);
}

/* With SENT what is over the rate is not said: the client is told how far it came, and says it again. */
static void test_said_of_sent(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"b > /resume",
		"wait 1000",
		"b > 1\n2\n/who\n3",
		"a < [b]: 1 --STAMP",
		"c connects",
		"b forgets",
		"c forgets",
		"c > /resume 3 " TOKEN_1 " 3",
		"c < === resume 3 " TOKEN_1,
		"c < === said 1 of 3",
		"c > 2\n3",
		"wait 3000",
		"a < [b]: 2 --STAMP",
		"a < [b]: 3 --STAMP",
		"c < @4 EPOCH [b]: 2 --STAMP",
		"c < @5 EPOCH [b]: 3 --STAMP",
		"c resets",
		"d connects",
		"d forgets",
		"d > /resume 5 " TOKEN_1 " 4",
		"d < === resume 5 " TOKEN_1,
		"d < === said 3 of 4",
		"b forgets",
		"wait 60000",
	};
	struct settings settings = slow_settings();

	CONVERSE(&settings, rows);
}

/* What counts is what the room would see, and what begins like it but is refused. */
static void test_what_counts(void)
{
	static const struct {
		const char *line;
		bool counts;
	} lines[] = { { "x", true }, { " x ", true }, { "//x", true }, { "//", true },
		{ "\xe2\x80\x8b//x", true }, { "/me x", true }, { "/me ", true }, { "/me  ", true },
		{ " /me x", true }, { "\xef\xbb\xbf/me x", true }, { "/me", false },
		{ "/meow x", false }, { "/msg a x", false }, { "/nope", false }, { "/ping", false }, { " /ping", false },
		{ "/", false }, { "/ me x", false }, { "", false }, { " \t", false },
		{ "\xe2\x80\x8b", false }, { "\x1b[1m", false },
		{ "x234567890123456789012345678901234567890123456789012345678901234!", true },
		{ "/234567890123456789012345678901234567890123456789012345678901234!", false },
		{ "//34567890123456789012345678901234567890123456789012345678901234!", true },
		{ "/me 567890123456789012345678901234567890123456789012345678901234!", true } };
	struct settings settings = converse_settings;

	settings.max_message = 64;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct converse c;

		converse_begin(&c, &settings);
		converse_row(&c, "a connects");
		converse_row(&c, "a > /resume");
		converse_row(&c, "a > %s", lines[i].line);
		converse_row(&c, "a forgets");
		converse_row(&c, "a > /resume 0 " TOKEN_1 " 18446744073709551615");
		converse_row(&c, "a < === resume 0 " TOKEN_1);
		converse_row(&c, "a < === said %d of 18446744073709551615", lines[i].counts ? 1 : 0);
		converse_row(&c, "a forgets");
		CHECK(converse_end(&c));
	}
}

/* A token that is shown twice in a row: the second waits until the first is done. */
static void test_shown_while_resuming(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"b > /resume\n1\n2\n3",
		"c connects",
		"d connects",
		"c forgets",
		"d forgets",
		"c > /resume 2 " TOKEN_1,
		"d > /resume 2 " TOKEN_1,
		"c < === resume 2 " TOKEN_1,
		"b forgets",
		"wait 9000",
		"a < [b]: 1 --STAMP",
		"a < [b]: 2 --STAMP",
		"a < *** #4 joined (3 online) --STAMP",
		"a < [b]: 3 --STAMP",
		"a < *** #4 is now b --STAMP",
		"c < @3 EPOCH [b]: 1 --STAMP",
		"c < @4 EPOCH [b]: 2 --STAMP",
		"c < @5 EPOCH *** #4 joined (3 online) --STAMP",
		"c < @6 EPOCH [b]: 3 --STAMP",
		"c < !!! you have come back on another connection",
		"d forgets",
		"d > here",
		"a < [b]: here --STAMP",
		"d < @8 EPOCH [b]: here --STAMP",
		"wait 60000",
	};
	struct settings settings = slow_settings();

	CONVERSE(&settings, rows);
}

static const struct unit_test tests[] = {
	{ "lines that were lost", test_lines_that_were_lost },
	{ "what was missed", test_missed },
	{ "cut off anywhere", test_cut_anywhere },
	{ "lines that came before the reset", test_lines_before_the_reset },
	{ "lines that wait", test_lines_that_wait },
	{ "lines behind unread answers", test_lines_behind_unread_answers },
	{ "commands that wait", test_commands_that_wait },
	{ "said N of SENT", test_said_of_sent },
	{ "what counts", test_what_counts },
	{ "shown while resuming", test_shown_while_resuming },
};

UNIT_MAIN(tests)
