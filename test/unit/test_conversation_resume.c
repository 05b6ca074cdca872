/*
 * Tagged lines, and coming back: docs/protocol.md, "Resuming", sentence by sentence.
 */
#include "test/unit/converse.h"
#include "test/unit/unit.h"

#include <stdlib.h>

#include "proto/message.h"
#include "proto/text.h"

#define TOKEN_1 "01010101010101010101010101010101"
#define TOKEN_2 "02020202020202020202020202020202"
#define NOBODYS "ffffffffffffffffffffffffffffffff"

static void test_tags(void)
{
	static const char *const rows[] = {
		"a enters",
		"b connects",
		"b forgets",
		"a > before",
		"a < [a]: before --STAMP",
		"b < [a]: before --STAMP",
		"b > /resume",
		"a < *** #2 joined (2 online) --STAMP",
		"b < *** #2 joined (2 online) --STAMP",
		"b < === resume 3 " TOKEN_1,
		"wait 5000",
		"a > one",
		"a < [a]: one --STAMP",
		"b < @4 1666214650 [a]: one --Wed Oct 19 21:24:10 2022",
		"b > /me two",
		"a < * #2 two --STAMP",
		"b < @5 EPOCH * #2 two --STAMP",
		"b > /nick b",
		"a < *** #2 is now b --STAMP",
		"b < @6 EPOCH *** #2 is now b --STAMP",
		"a > /msg b three",
		"a < [you -> b]: three --STAMP",
		"b < [a -> you]: three --STAMP",
		"b > /nope\r",
		"b < !!! unknown command /nope, did you mean /op?\r",
		"a > four",
		"a < [a]: four --STAMP",
		"b < @7 EPOCH [a]: four --STAMP\r",
	};
	CONVERSE(NULL, rows);
}

/* The answer has its place: what was owed before it comes before it, and is not tagged. */
static void test_from_here(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"b stalls",
		"a > one",
		"b > /resume",
		"a > two",
		"b > three",
		"b > /resume",
		"a > four",
		"a forgets",
		"b reads",
		"b < [a]: one --STAMP",
		"b < === resume 3 " TOKEN_1,
		"b < @4 EPOCH [a]: two --STAMP",
		"b < @5 EPOCH [b]: three --STAMP",
		"b < === resume 5 " TOKEN_1,
		"b < @6 EPOCH [a]: four --STAMP",
	};
	CONVERSE(NULL, rows);
}

static void test_repeats(void)
{
	static const char *const rows[] = {
		"a enters",
		"a > one\ntwo\n/me three",
		"a forgets",
		"a > /resume 2",
		"a < === resume 2 " TOKEN_1,
		"a < @3 EPOCH [a]: two --STAMP",
		"a < @4 EPOCH * a three --STAMP",
		"a > four",
		"a < @5 EPOCH [a]: four --STAMP",
		"a > /resume 0",
		"a < === resume 0 " TOKEN_1,
		"a < @1 EPOCH *** a joined (1 online) --STAMP",
		"a < @2 EPOCH [a]: one --STAMP",
		"a < @3 EPOCH [a]: two --STAMP",
		"a < @4 EPOCH * a three --STAMP",
		"a < @5 EPOCH [a]: four --STAMP",
		"a > /resume 5",
		"a < === resume 5 " TOKEN_1,
		"a > /replay 2",
		"a < === the last messages again:",
		"a < @4 EPOCH * a three --STAMP",
		"a < @5 EPOCH [a]: four --STAMP",
	};
	CONVERSE(NULL, rows);
}

static void test_future(void)
{
	static const char *const rows[] = {
		"a enters",
		"a > /resume 2",
		"a < !!! line 2 has not been said yet, the last is 1",
		"a < === resume 1 " TOKEN_1,
		"a > one",
		"a < @2 EPOCH [a]: one --STAMP",
		"b connects",
		"b forgets",
		"b > /resume 18446744073709551614",
		"b < *** #2 joined (2 online) --STAMP",
		"b < !!! line 18446744073709551614 has not been said yet, the last is 3",
		"b < === resume 3 " TOKEN_2,
		"a < @3 EPOCH *** #2 joined (2 online) --STAMP",
		"b > /resume 18446744073709551615",
		"b < !!! line 18446744073709551614 has not been said yet, the last is 3",
		"b < === resume 3 " TOKEN_2,
		"b > /resume 99999999999999999999999999999999",
		"b < !!! line 18446744073709551614 has not been said yet, the last is 3",
		"b < === resume 3 " TOKEN_2,
	};
	CONVERSE(NULL, rows);
}

/* As after a start without a history: neither the ID nor the token means anything here. */
static void test_future_with_a_token(void)
{
	static const char *const rows[] = {
		"a enters",
		"b connects",
		"b forgets",
		"b > /resume 41 " NOBODYS,
		"all < *** #2 joined (2 online) --STAMP",
		"b < !!! line 41 has not been said yet, the last is 2",
		"b < === resume 2 " TOKEN_1,
		"a > one",
		"a < [a]: one --STAMP",
		"b < @3 EPOCH [a]: one --STAMP",
	};
	CONVERSE(NULL, rows);
}

static void test_refusals(void)
{
	static const char *const bad[] = { "x", "-1", "+1", "1x", "x1", "0x1", "1.5", "@1",
		"9999999999999999999999x" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct converse c;

		converse_begin(&c, NULL);
		converse_row(&c, "a enters");
		converse_row(&c, "a > /resume %s", bad[i]);
		converse_row(&c,
			"a < !!! /resume takes the number of the last line you have seen");
		converse_row(&c, "a > not tagged");
		converse_row(&c, "a < [a]: not tagged --STAMP");
		CHECK(converse_end(&c));
	}
}

/* A token of nobody changes nothing: no nick, no tags, and no token is given. */
static void test_tokens_of_nobody(void)
{
	static const char *const tokens[] = { NOBODYS, "", "0", TOKEN_2 "0",
		"0101010101010101010101010101010g", "0101010101010101010101010101010",
		"xyz" };

	for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++) {
		struct converse c;

		if (*tokens[i] == '\0')
			continue;
		converse_begin(&c, NULL);
		converse_row(&c, "a enters");
		converse_row(&c, "a > /resume");
		converse_row(&c, "b connects");
		converse_row(&c, "all forgets");
		converse_row(&c, "b > /resume 0 %s", tokens[i]);
		converse_row(&c, "b < !!! nobody is waited for with that token");
		converse_row(&c, "b < *** #2 joined (2 online) --STAMP");
		converse_row(&c, "a < @2 EPOCH *** #2 joined (2 online) --STAMP");
		converse_row(&c, "b > /nick b");
		converse_row(&c, "b < *** #2 is now b --STAMP");
		converse_row(&c, "a < @3 EPOCH *** #2 is now b --STAMP");
		converse_row(&c, "b ends");
		converse_row(&c, "a < @4 EPOCH *** b left (1 online) --STAMP");
		CHECK(converse_end(&c));
	}
}

/* Back in time: the room hears of neither, and nothing is missed or repeated. */
static void test_back_in_time(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"b > /resume",
		"b < === resume 2 " TOKEN_1,
		"a > one",
		"b < @3 EPOCH [a]: one --STAMP",
		"b resets",
		"b closed",
		"a > two",
		"c enters",
		"wait 29000",
		"all forgets",
		"b connects",
		"b < === chatd: you are #3, 3 of 8 online, /help for help",
		"b < [a]: one --STAMP",
		"b < [a]: two --STAMP",
		"b > /resume 3 " TOKEN_1,
		"b < === resume 3 " TOKEN_1,
		"b < @4 EPOCH [a]: two --STAMP",
		"b < @5 EPOCH *** c joined (2 online) --STAMP",
		"b > back",
		"b < @6 EPOCH [b]: back --STAMP",
		"a < [b]: back --STAMP",
		"c < [b]: back --STAMP",
		"wait 60000",
		"a > /who",
		"a < === 3 online:",
		"a < === a (you) since Wed Oct 19 21:24:05 2022, idle 0 s",
		"a < === c since Wed Oct 19 21:24:05 2022, idle 89 s",
		"a < === b since Wed Oct 19 21:24:05 2022, idle 60 s",
		"all nothing",
	};
	CONVERSE(NULL, rows);
}

/* The slot is free at once, the name is not, and after 30 seconds it is said. */
static void test_not_back(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"b > /resume",
		"b ends",
		"b < === resume 2 " TOKEN_1,
		"b closed",
		"a > /who",
		"a < === 1 online:",
		"a < === a (you) since STAMP, idle 0 s",
		"a > /msg b hello",
		"a < !!! b has lost the connection, perhaps for a moment",
		"a > /nick B",
		"a < !!! the nick B is taken",
		"c connects",
		"c < === chatd: you are #2, 2 of 8 online, /help for help",
		"c > /nick c",
		"all < *** c joined (2 online) --STAMP",
		"wait 29999",
		"all nothing",
		"wait 1",
		"all < *** b left (2 online) --STAMP",
		"a > /nick B",
		"all < *** a is now B --STAMP",
		"d connects",
		"d forgets",
		"d > /resume 2 " TOKEN_1,
		"d < !!! nobody is waited for with that token",
		"all < *** #3 joined (3 online) --STAMP",
	};
	CONVERSE(NULL, rows);
}

/* With /quit, or thrown out, one is gone at once, token or not. */
static void test_gone_for_good(void)
{
	static const char *const rows[] = {
		"o operates",
		"o > /nick o",
		"b enters",
		"c enters",
		"b > /resume",
		"c > /resume",
		"all forgets",
		"b > /quit",
		"b closed",
		"o < *** b left (2 online) --STAMP",
		"c < @4 EPOCH *** b left (2 online) --STAMP",
		"o > /kick c",
		"o < === c was kicked",
		"o < *** c left (kicked) --STAMP",
		"c < !!! you were kicked",
		"c closed",
		"d connects",
		"d forgets",
		"d > /resume 3 " TOKEN_1,
		"d < !!! nobody is waited for with that token",
		"d > /resume 3 " TOKEN_2,
		"all < *** #2 joined (2 online) --STAMP",
		"d < !!! nobody is waited for with that token",
		"wait 60000",
	};
	CONVERSE(NULL, rows);
}

/* A line of a history, or one that has been lost from it. */
static void restore(struct converse *c, const char *line)
{
	struct feed *f = chat_feed(c->chat);

	memcpy(feed_reserve(f, strlen(line)), line, strlen(line));
	feed_commit(f, strlen(line), MESSAGE_SAID, 0, c->now.time);
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

/* The old connection is still there, as after a change of networks: it is closed. */
static void test_old_slot_is_closed(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"b > /resume",
		"b < === resume 2 " TOKEN_1,
		"b stalls",
		"a > one",
		"a < [a]: one --STAMP",
		"c connects",
		"c forgets",
		"log forgets",
		"c > /resume 2 " TOKEN_1,
		"log < client #2 (b) exit, number of current clients: 2. TIME: STAMP",
		"log < client #3 (b) is back. TIME: STAMP",
		"c < === resume 2 " TOKEN_1,
		"c < @3 EPOCH [a]: one --STAMP",
		"c > it is me",
		"c < @4 EPOCH [b]: it is me --STAMP",
		"a < [b]: it is me --STAMP",
		"b > unheard",
		"b reads",
		"b < @3 EPOCH [a]: one --STAMP",
		"b < !!! you have come back on another connection",
		"b closed",
		"wait 60000",
		"a nothing",
		"c nothing",
	};
	CONVERSE(NULL, rows);
}

/* Two that know one token take the place from each other, and there is only ever one of them. */
static void test_two_with_one_token(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"b > /resume",
		"c connects",
		"c > /resume 2 " TOKEN_1,
		"c forgets",
		"d connects",
		"d > /resume 2 " TOKEN_1,
		"b forgets",
		"d forgets",
		"c < !!! you have come back on another connection",
		"c closed",
		"a nothing",
		"d > /resume 2 " TOKEN_1,
		"d < === resume 2 " TOKEN_1,
		"d > /quit",
		"a < *** b left (1 online) --STAMP",
	};
	CONVERSE(NULL, rows);
}

/* One whom the room knows by another name already becomes who it was. */
static void test_known_by_another_name(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"b > /resume",
		"b resets",
		"b forgets",
		"c enters",
		"a forgets",
		"c > /resume 3 " TOKEN_1,
		"a < *** c is now b --STAMP",
		"c < === resume 3 " TOKEN_1,
		"c < @4 EPOCH *** c is now b --STAMP",
		"c > /who",
		"c < === 2 online:",
		"c < === a since STAMP, idle 0 s",
		"c < === b (you) since STAMP, idle 0 s",
		"wait 60000",
		"a nothing",
	};
	CONVERSE(NULL, rows);
}

/* Without a nick one is known by the slot, which may be another's by then. */
static void test_without_nick(void)
{
	static const char *const rows[] = {
		"a enters",
		"b connects",
		"b > /resume",
		"b resets",
		"a forgets",
		"b forgets",
		"c connects",
		"c < === chatd: you are #2, 2 of 8 online, /help for help",
		"d connects",
		"d forgets",
		"d > /resume 2 " TOKEN_1,
		"a < *** #2 is now #3 --STAMP",
		"c < *** #2 is now #3 --STAMP",
		"d < === resume 2 " TOKEN_1,
		"d < @3 EPOCH *** #2 is now #3 --STAMP",
		"d resets",
		"d forgets",
		"e connects",
		"e ends",
		"e forgets",
		"e connects",
		"e forgets",
		"e > hello",
		"a < *** #3 left (1 online) --STAMP",
		"a < *** #3 joined (2 online) --STAMP",
		"a < [#3]: hello --STAMP",
		"c forgets",
		"e forgets",
		"b connects",
		"b forgets",
		"b > /resume 6 " TOKEN_1,
		"a < *** #4 joined (3 online) --STAMP",
		"b < === resume 6 " TOKEN_1,
		"b < @7 EPOCH *** #4 joined (3 online) --STAMP",
		"all forgets",
	};
	CONVERSE(NULL, rows);
}

/* Two who have no nick come back in each other's slots: never are there two of a number. */
static void test_two_without_nick(void)
{
	static const char *const rows[] = {
		"a enters",
		"b connects",
		"b > /resume",
		"c connects",
		"c > /resume",
		"b resets",
		"c resets",
		"a forgets",
		"b forgets",
		"c forgets",
		"d connects",
		"d forgets",
		"d > /resume 3 " TOKEN_2,
		"a < *** #2 left (1 online) --STAMP",
		"a < *** #3 is now #2 --STAMP",
		"d < === resume 3 " TOKEN_2,
		"d < @4 EPOCH *** #2 left (1 online) --STAMP",
		"d < @5 EPOCH *** #3 is now #2 --STAMP",
		"e connects",
		"e forgets",
		"e > /resume 3 " TOKEN_1,
		"a < *** #3 joined (3 online) --STAMP",
		"e < === resume 3 " TOKEN_1,
		"e < @4 EPOCH *** #2 left (1 online) --STAMP",
		"e < @5 EPOCH *** #3 is now #2 --STAMP",
		"e < @6 EPOCH *** #3 joined (3 online) --STAMP",
		"d < @6 EPOCH *** #3 joined (3 online) --STAMP",
		"a > /who",
		"a < === 3 online:",
		"a forgets",
		"wait 60000",
		"all nothing",
	};
	CONVERSE(NULL, rows);
}

/* One who has been announced comes back as one without a nick: that one is now called otherwise. */
static void test_without_nick_announced(void)
{
	static const char *const rows[] = {
		"a enters",
		"b connects",
		"b > /resume",
		"b resets",
		"a forgets",
		"b forgets",
		"c connects",
		"d connects",
		"d > /nick d",
		"a < *** d joined (2 online) --STAMP",
		"d forgets",
		"d > /resume 2 " TOKEN_1,
		"a < *** d is now #3 --STAMP",
		"a < *** #2 is now #3 --STAMP",
		"a > /who",
		"a < === 2 online:",
		"all forgets",
		"d > /quit",
		"a < *** #3 left (1 online) --STAMP",
		"all forgets",
		"d closed",
		"wait 1000",
		"all nothing",
	};
	CONVERSE(NULL, rows);
}

/* The same slot again: nothing to be told. */
static void test_without_nick_in_the_same_slot(void)
{
	static const char *const rows[] = {
		"a enters",
		"b connects",
		"b > /resume",
		"b resets",
		"a forgets",
		"b connects",
		"b forgets",
		"b > /resume 2 " TOKEN_1,
		"b < === resume 2 " TOKEN_1,
		"b > here",
		"a < [#2]: here --STAMP",
		"b < @3 EPOCH [#2]: here --STAMP",
		"wait 60000",
		"all nothing",
	};
	CONVERSE(NULL, rows);
}

/* Ignoring, and being ignored, goes on. */
static void test_ignoring_goes_on(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"c enters",
		"a > /ignore b",
		"b > /ignore c",
		"b > /resume",
		"c > /msg b psst",
		"b resets",
		"all forgets",
		"b forgets",
		"c > while b is away",
		"all < [c]: while b is away --STAMP",
		"d connects",
		"d forgets",
		"d > /resume 3 " TOKEN_1,
		"d < === resume 3 " TOKEN_1,
		"d > /nick bb",
		"all forgets",
		"d > hello",
		"d < @6 EPOCH [bb]: hello --STAMP",
		"c < [bb]: hello --STAMP",
		"c > hello bb",
		"a < [c]: hello bb --STAMP",
		"c < [c]: hello bb --STAMP",
		"a > /ignore",
		"a < === you ignore bb",
		"d > /ignore",
		"d < === you ignore c",
		"all nothing",
	};
	CONVERSE(NULL, rows);
}

/* Whom somebody ignores is still ignored if they come back, though the list was looked at. */
/* What is still on its way to the old connection is filtered to the end. */
static void test_ignoring_goes_on_for_the_old(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"b > /resume",
		"b > /ignore a",
		"b forgets",
		"b stalls",
		"a > /nick c",
		"a > one",
		"a forgets",
		"b ends",
		"b reads",
		"b < @3 EPOCH *** a is now c --STAMP",
		"b closed",
	};
	CONVERSE(NULL, rows);
}

static void test_ignored_while_away(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"b > /resume",
		"a > /ignore b",
		"b resets",
		"b forgets",
		"a forgets",
		"a > /ignore",
		"a < === you ignore nobody",
		"c connects",
		"c > /resume 2 " TOKEN_1,
		"c > hello",
		"a > /ignore",
		"a < === you ignore b",
		"c forgets",
	};
	CONVERSE(NULL, rows);
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
	struct settings settings = converse_settings;

	settings.rate = 1;
	settings.burst = 2;
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
		"wait 999",
		"a nothing",
		"wait 1",
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
	struct settings settings = converse_settings;

	settings.rate = 1;
	settings.burst = 2;
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

/* But nobody waits any more for what commands would be answered, and what is too long is no less. */
static void test_commands_that_wait(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"b > /resume\n1\n/quit\n/who\n1234567890123456789012345678901234567890123456789012345678901234x\n/me\n2",
		"c connects",
		"c forgets",
		"c > /resume 2 " TOKEN_1,
		"c < !!! not carried out: 4 lines that waited on your other connection",
		"c < === resume 2 " TOKEN_1,
		"wait 3000",
		"a < [b]: 1 --STAMP",
		"a < [b]: 2 --STAMP",
		"c < @3 EPOCH [b]: 1 --STAMP",
		"c < @4 EPOCH [b]: 2 --STAMP",
		"b forgets",
		"b closed",
		"wait 60000",
	};
	struct settings settings = converse_settings;

	settings.max_message = 64;
	settings.rate = 1;
	settings.burst = 2;
	CONVERSE(&settings, rows);
}

/* Moved again and again it stays within its limit, and what is over it is counted. */
static void test_most_that_waits(void)
{
	static const char resume[] = "/resume 0 " TOKEN_1 "\n";
	struct settings settings = converse_settings;
	unsigned long lost = 0, moves = 0;
	struct converse c;
	char said[16384];
	const char *line;
	size_t len;

	settings.rate = 1;
	settings.burst = 1;
	settings.max_clients = 40;
	converse_begin(&c, &settings);
	converse_row(&c, "a0 connects");
	converse_send(&c, "a0", "/resume\n", 8);
	memset(said, 'x', sizeof(said));
	memcpy(said, resume, strlen(resume));
	for (size_t i = sizeof(said); i > strlen(resume); i -= 64)
		said[i - 1] = '\n';
	while (lost == 0 && moves < 10) {
		converse_row(&c, "a%lu connects", ++moves);
		converse_row(&c, "a%lu forgets", moves);
		converse_send(&c, c.people[moves].name, said, sizeof(said));
		line = converse_line(&c, c.people[moves].name, &len);
		if (line != NULL)
			sscanf(line, "!!! not carried out: %lu lines", &lost);
	}
	/* From the first to the fifth each adds almost 16 KiB; 64 are moved to the sixth. */
	CHECK_INT(moves, 6);
	CHECK(lost > 240 && lost < 256);
	for (size_t i = 0; i < c.count; i++)
		converse_row(&c, "%s forgets", c.people[i].name);
	CHECK(converse_end(&c));
}

/* The place that is waited for does not keep anybody out, and a full server has no other place. */
static void test_full(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"b > /resume",
		"b resets",
		"b forgets",
		"c enters",
		"a forgets",
		"b connects",
		"b < !!! server full (2 of 2 clients), try again later",
		"b closed",
		"c > /quit",
		"a < *** c left (1 online) --STAMP",
		"b connects",
		"b forgets",
		"b > /resume 4 " TOKEN_1,
		"b < === resume 4 " TOKEN_1,
		"wait 60000",
	};
	struct settings settings = converse_settings;

	settings.max_clients = 2;
	CONVERSE(&settings, rows);
}

/* As many are waited for as there are slots: the one who is due first has left then. */
static void test_most_who_are_waited_for(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"b > /resume",
		"b resets",
		"wait 1000",
		"c enters",
		"c > /resume",
		"c resets",
		"wait 1000",
		"a forgets",
		"d enters",
		"a nothing",
		"d > /resume",
		"d resets",
		"a < *** b left (1 online) --STAMP",
		"wait 28999",
		"a nothing",
		"wait 1",
		"a < *** c left (1 online) --STAMP",
		"wait 999",
		"a nothing",
		"wait 1",
		"a < *** d left (1 online) --STAMP",
		"b forgets",
		"c forgets",
		"d forgets",
	};
	struct settings settings = converse_settings;

	settings.max_clients = 2;
	CONVERSE(&settings, rows);
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

/* Cut off at every byte of what it is sent, in either dialect: nothing missed, nothing twice. */
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

static const struct unit_test tests[] = {
	{ "tags", test_tags },
	{ "tags from here on", test_from_here },
	{ "an ID repeats what came after it", test_repeats },
	{ "an ID from the future", test_future },
	{ "… with a token of nobody's", test_future_with_a_token },
	{ "IDs that are none", test_refusals },
	{ "tokens of nobody", test_tokens_of_nobody },
	{ "back in time", test_back_in_time },
	{ "not back in time", test_not_back },
	{ "gone for good", test_gone_for_good },
	{ "lines that were lost", test_lines_that_were_lost },
	{ "the old slot is closed", test_old_slot_is_closed },
	{ "two with one token", test_two_with_one_token },
	{ "known by another name", test_known_by_another_name },
	{ "back without a nick", test_without_nick },
	{ "two back without a nick", test_two_without_nick },
	{ "back without a nick, announced", test_without_nick_announced },
	{ "back without a nick in the same slot", test_without_nick_in_the_same_slot },
	{ "ignoring goes on", test_ignoring_goes_on },
	{ "ignoring goes on for the old connection", test_ignoring_goes_on_for_the_old },
	{ "ignored while away", test_ignored_while_away },
	{ "lines that came before the reset", test_lines_before_the_reset },
	{ "lines that wait", test_lines_that_wait },
	{ "lines behind unread answers", test_lines_behind_unread_answers },
	{ "commands that wait", test_commands_that_wait },
	{ "the most that waits", test_most_that_waits },
	{ "back to a full server", test_full },
	{ "the most who are waited for", test_most_who_are_waited_for },
	{ "what was missed", test_missed },
	{ "cut off anywhere", test_cut_anywhere },
};

UNIT_MAIN(tests)
