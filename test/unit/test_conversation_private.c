/*
 * Private messages, and ignoring.
 */
#include "test/unit/converse.h"
#include "test/unit/unit.h"

#include <stdlib.h>

#include "server/core/client/client.h"

static void test_two_ends(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"c enters",
		"log forgets",
		"a > /msg B  well  met ",
		"a < [you -> b]: well  met  --STAMP",
		"b < [a -> you]: well  met  --STAMP",
		"b > /r hi",
		"b < [you -> a]: hi --STAMP",
		"a < [b -> you]: hi --STAMP",
		"a > /msg #3 hi",
		"a < [you -> c]: hi --STAMP",
		"c < [a -> you]: hi --STAMP",
		"b > /r again",
		"b < [you -> a]: again --STAMP",
		"a < [b -> you]: again --STAMP",
		"all nothing",
		"log nothing",
		"a > /replay",
		"a < === nothing has been said yet",
		"d connects",
		"d < === chatd: you are #4, 4 of 8 online, /help for help",
	};
	CONVERSE(NULL, rows);
}

static void test_to_oneself(void)
{
	static const char *const rows[] = {
		"a enters",
		"a > /msg a note",
		"a < [you -> a]: note --STAMP",
		"a < [a -> you]: note --STAMP",
		"a > /r more",
		"a < [you -> a]: more --STAMP",
		"a < [a -> you]: more --STAMP",
	};
	CONVERSE(NULL, rows);
}

static void test_refusals(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"a forgets",
		"a > /r hello",
		"a < !!! nobody has written to you yet",
		"a > /msg nobody hello",
		"a < !!! nobody here is called nobody",
		"a > /msg # hello",
		"a < !!! nobody here is called #",
		"a > /msg #0 hello",
		"a < !!! nobody here is called #0",
		"a > /msg #3 hello",
		"a < !!! nobody here is called #3",
		"a > /msg #9 hello",
		"a < !!! nobody here is called #9",
		"a > /msg #99999999999999999999 hello",
		"a < !!! nobody here is called #99999999999999999999",
		"a > /msg #1x hello",
		"a < !!! nobody here is called #1x",
		"b > /msg a hello\n/quit",
		"a < [b -> you]: hello --STAMP",
		"a < *** b left (1 online) --STAMP",
		"a > /r hello",
		"a < !!! the person who wrote to you last is no longer here",
		"b forgets",
	};
	CONVERSE(NULL, rows);
}

/* /r goes to the person, whatever they are called now, not to who took their name or client. */
static void test_answer_goes_to_the_person(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"b > /msg a hello\n/nick bb",
		"c enters",
		"c > /nick b",
		"all forgets",
		"a > /r to you",
		"a < [you -> bb]: to you --STAMP",
		"b < [a -> you]: to you --STAMP",
		"b > /quit",
		"b closed",
		"d enters",
		"d > /nick bb",
		"all forgets",
		"a > /r to you",
		"a < !!! the person who wrote to you last is no longer here",
	};
	CONVERSE(NULL, rows);
}

/* The place of a private message among what the room says is that of its being said. */
static void test_order(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"b stalls",
		"a > one\n/msg b two\nthree\n/msg b four\n/msg b five\nsix",
		"a forgets",
		"b reads",
		"b < [a]: one --STAMP",
		"b < [a -> you]: two --STAMP",
		"b < [a]: three --STAMP",
		"b < [a -> you]: four --STAMP",
		"b < [a -> you]: five --STAMP",
		"b < [a]: six --STAMP",
	};
	CONVERSE(NULL, rows);
}

/* How many private messages of so many bytes fit for one who does not read. */
static int count_fitting(size_t len)
{
	struct converse c;
	const char *line;
	size_t line_len;
	int sent = 0;
	char *x = malloc(len);

	memset(x, 'x', len);
	converse_begin(&c, NULL);
	converse_row(&c, "a enters");
	converse_row(&c, "b enters");
	converse_row(&c, "b stalls");
	for (;;) {
		converse_row(&c, "a > /msg b %.*s", (int)len, x);
		line = converse_line(&c, "a", &line_len);
		if (line == NULL || line_len < 3 || memcmp(line, "!!!", 3) == 0)
			break;
		sent++;
	}
	CHECK_TEXT(line, line_len, "!!! b is not reading: not sent");
	converse_row(&c, "a > the room goes on");
	converse_row(&c, "a < [a]: the room goes on --STAMP");
	converse_row(&c, "b reads");
	for (int i = 0; i < sent; i++)
		converse_row(&c, "b < [a -> you]: %.*s --STAMP", (int)len, x);
	converse_row(&c, "b < [a]: the room goes on --STAMP");
	converse_row(&c, "a > /msg b %.*s", (int)len, x);
	converse_row(&c, "a < [you -> b]: %.*s --STAMP", (int)len, x);
	converse_row(&c, "b < [a -> you]: %.*s --STAMP", (int)len, x);
	CHECK(converse_end(&c));
	free(x);
	return sent;
}

/* 64 KiB, of which each takes 12 bytes of books and "[a -> you]: text --STAMP\n". */
static void test_not_reading(void)
{
	for (int len = 1; len <= 1000; len += 111) {
		int line = 12 + 12 + len + 3 + STAMP_LEN + 1;
		int last = 12 + MESSAGE_FRAME_MAX + len; /* room asked for */

		CHECK_INT(count_fitting((size_t)len), (OUTBOX_MAX - last) / line + 1);
	}
}

static void test_ignore(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"c enters",
		"a > /ignore",
		"a < === you ignore nobody",
		"a > /ignore B",
		"a < === you ignore b from now on",
		"a > /ignore b",
		"a < === you ignore b from now on",
		"b > hello\n/me waves\n/msg a psst\n/nick bb\nhello",
		"b < [b]: hello --STAMP",
		"b < * b waves --STAMP",
		"b < [you -> a]: psst --STAMP",
		"b < *** b is now bb --STAMP",
		"b < [bb]: hello --STAMP",
		"c < [b]: hello --STAMP",
		"c < * b waves --STAMP",
		"c < *** b is now bb --STAMP",
		"c < [bb]: hello --STAMP",
		"a < *** b is now bb --STAMP",
		"a > /ignore",
		"a < === you ignore bb",
		"a > /r hello",
		"a < !!! nobody has written to you yet",
		"a > /replay",
		"a < === the last messages again:",
		"a nothing",
		"a > /unignore bb",
		"a < === you see what bb says again",
		"a > /unignore bb",
		"a < !!! you do not ignore bb",
		"b > seen",
		"all < [bb]: seen --STAMP",
		"a > /replay 3",
		"a < === the last messages again:",
		"a < * b waves --STAMP",
		"a < [bb]: hello --STAMP",
		"a < [bb]: seen --STAMP",
	};
	CONVERSE(NULL, rows);
}

static void test_ignore_refusals(void)
{
	static const char *const rows[] = {
		"a enters",
		"a > /ignore a",
		"a < !!! you can't ignore yourself",
		"a > /ignore nobody",
		"a < !!! nobody here is called nobody",
		"a > /unignore nobody",
		"a < !!! nobody here is called nobody",
	};
	CONVERSE(NULL, rows);
}

/* A person is ignored by whatever name they go on with, and so is anyone who comes under theirs. */
static void test_ignored_person(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"c enters",
		"a > /ignore b",
		"b > /nick bob",
		"b > it is me",
		"all forgets",
		"b > unheard",
		"b < [bob]: unheard --STAMP",
		"c < [bob]: unheard --STAMP",
		"b > /quit",
		"all forgets",
		"b enters",
		"all forgets",
		"b > unheard",
		"b < [b]: unheard --STAMP",
		"c < [b]: unheard --STAMP",
		"a > /ignore",
		"a < === you ignore b",
		"a > /unignore b",
		"a < === you see what b says again",
		"b > heard",
		"all < [b]: heard --STAMP",
		"a > /ignore",
		"a < === you ignore nobody",
	};
	CONVERSE(NULL, rows);
}

/* Nor does it help to come back while the one who ignores is away, or under a look-alike. */
static void test_ignored_comes_back(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"o enters",
		"a > /resume\n/ignore b",
		"b > spam",
		"all forgets",
		"b > /quit",
		"a resets",
		"c connects",
		"c > /nick \xef\xbd\x82",
		"a connects",
		"a forgets",
		"a > /resume 6 01010101010101010101010101010101",
		"a forgets",
		"c > unheard",
		"a nothing",
		"a > /replay 9",
		"a < === the last messages again:",
		"all forgets",
	};
	CONVERSE(NULL, rows);
}

static void test_ignored_by_many_framings(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"c enters",
		"a > /ignore b\r",
		"a < === you ignore b from now on\r",
		"c > /ignore b\r\n/resume",
		"c < === you ignore b from now on\r",
		"c < === resume 3 01010101010101010101010101010101\r",
		"b > one",
		"a > two",
		"a < [a]: two --STAMP\r",
		"b < [b]: one --STAMP",
		"b < [a]: two --STAMP",
		"c < @5 EPOCH [a]: two --STAMP\r",
	};
	CONVERSE(NULL, rows);
}

/* The list has an end; a nick stays in it, whoever is gone. */
static void test_most_ignored(void)
{
	struct settings settings = converse_settings;
	struct converse c;

	settings.max_clients = 260;
	settings.announce_max = 0;
	converse_begin(&c, &settings);
	converse_row(&c, "a enters");
	for (int i = 0; i < IGNORES_MAX + 1; i++)
		converse_row(&c, "x%d enters", i);
	for (int i = 0; i < IGNORES_MAX; i++) {
		converse_row(&c, "a > /ignore x%d", i);
		converse_row(&c, "a < === you ignore x%d from now on", i);
	}
	converse_row(&c, "a > /ignore x%d", IGNORES_MAX);
	converse_row(&c, "a < !!! you ignore 256 people already, that is the most");
	converse_row(&c, "x7 > /quit");
	converse_row(&c, "a > /ignore x%d", IGNORES_MAX);
	converse_row(&c, "a < !!! you ignore 256 people already, that is the most");
	converse_row(&c, "a > /unignore x7");
	converse_row(&c, "a < === you see what x7 says again");
	converse_row(&c, "a > /ignore x%d", IGNORES_MAX);
	converse_row(&c, "a < === you ignore x256 from now on");
	converse_row(&c, "x%d > unheard", IGNORES_MAX);
	converse_row(&c, "x%d > unheard", 8);
	converse_row(&c, "a nothing");
	for (int i = 0; i < IGNORES_MAX + 1; i++)
		converse_row(&c, "x%d forgets", i);
	CHECK(converse_end(&c));
}

/* Ignored or not: who writes to one who does not read is told the same, at the same message. */
static void test_ignored_cannot_tell(void)
{
	struct converse c;

	for (int ignored = 0; ignored < 2; ignored++) {
		converse_begin(&c, NULL);
		converse_row(&c, "a enters");
		converse_row(&c, "b enters");
		if (ignored)
			converse_row(&c, "b > /ignore a");
		converse_row(&c, "all forgets");
		converse_row(&c, "b stalls");
		converse_row(&c, "a > /msg b hello");
		converse_row(&c, "a < [you -> b]: hello --STAMP");
		converse_row(&c, "b reads");
		if (!ignored)
			converse_row(&c, "b < [a -> you]: hello --STAMP");
		CHECK(converse_end(&c));
	}
}

static const struct unit_test tests[] = {
	{ "seen by its two ends only", test_two_ends },
	{ "to oneself", test_to_oneself },
	{ "refused", test_refusals },
	{ "/r goes to the person", test_answer_goes_to_the_person },
	{ "in its place among what the room says", test_order },
	{ "to one who does not read", test_not_reading },
	{ "/ignore and /unignore", test_ignore },
	{ "ignoring refused", test_ignore_refusals },
	{ "it is the person who is ignored", test_ignored_person },
	{ "the ignored one comes back", test_ignored_comes_back },
	{ "ignoring in every framing", test_ignored_by_many_framings },
	{ "as many as can be ignored", test_most_ignored },
	{ "the ignored can't tell", test_ignored_cannot_tell },
};

UNIT_MAIN(tests)
