/*
 * Coming back: docs/protocol.md, "Tags, and coming back", sentence by sentence. What was said meanwhile:
 * test_conversation_missed.c.
 */
#include "test/unit/converse.h"
#include "test/unit/unit.h"

#define TOKEN_1 "01010101010101010101010101010101"
#define TOKEN_2 "02020202020202020202020202020202"

static struct settings settings_for_two(void)
{
	struct settings settings = converse_settings;

	settings.max_clients = 2;
	return settings;
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

/* The client is free at once, the name is not, and after 30 seconds it is said. */
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
		"d < !!! unknown or expired token",
		"wait 2000",
		"all < *** #3 joined (3 online) --STAMP",
	};
	CONVERSE(NULL, rows);
}

/* One whom the room does not know yet is waited for without a word. */
static void test_lost_before_it_is_announced(void)
{
	static const char *const rows[] = {
		"a enters",
		"b connects",
		"b forgets",
		"b > /resume",
		"b < === resume 1 " TOKEN_1,
		"b resets",
		"wait 5000",
		"a nothing",
		"b connects",
		"b forgets",
		"b > /resume 1 " TOKEN_1,
		"b < === resume 1 " TOKEN_1,
		"all forgets",
		"b resets",
		"b forgets",
		"wait 60000",
		"a forgets",
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
		"d < !!! unknown or expired token",
		"d > /resume 3 " TOKEN_2,
		"d < !!! unknown or expired token",
		"all nothing",
		"wait 60000",
		"all < *** #2 joined (2 online) --STAMP",
	};
	CONVERSE(NULL, rows);
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

/* One that the room has not heard of yet is heard of as a newcomer. */
static void test_token_before_joining(void)
{
	static const char *const rows[] = {
		"a enters",
		"b connects",
		"b forgets",
		"b > /resume",
		"b < === resume 1 " TOKEN_1,
		"c connects",
		"c forgets",
		"c > /resume 1 " TOKEN_1,
		"c < === resume 1 " TOKEN_1,
		"c < @2 EPOCH *** #3 joined (2 online) --STAMP",
		"a < *** #3 joined (2 online) --STAMP",
		"b < !!! you have come back on another connection",
		"b closed",
		"wait 60000",
		"a nothing",
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

/* Without a nick one is known by the client, which may be another's by then. */
static void test_without_nick(void)
{
	static const char *const rows[] = {
		"a enters",
		"b connects",
		"b > /resume",
		"wait 2000",
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

/* Two who have no nick come back in each other's clients: never are there two of a number. */
static void test_two_without_nick(void)
{
	static const char *const rows[] = {
		"a enters",
		"b connects",
		"b > /resume",
		"c connects",
		"c > /resume",
		"wait 2000",
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

	/* Two leave in one moment. */
	if (!converse_is_late())
		CONVERSE(NULL, rows);
}

/* One who has been announced comes back as one without a nick: that one is now called otherwise. */
static void test_without_nick_announced(void)
{
	static const char *const rows[] = {
		"a enters",
		"b connects",
		"b > /resume",
		"wait 2000",
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

/* The same client again: nothing to be told. */
static void test_without_nick_in_the_same_slot(void)
{
	static const char *const rows[] = {
		"a enters",
		"b connects",
		"b > /resume",
		"wait 2000",
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

/* Whom somebody ignores is still ignored if they come back, though the list was looked at. */
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
		"a < === you ignore b",
		"c connects",
		"c > /resume 2 " TOKEN_1,
		"c > hello",
		"a > /ignore",
		"a < === you ignore b",
		"c forgets",
	};
	CONVERSE(NULL, rows);
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
	struct settings settings = settings_for_two();

	CONVERSE(&settings, rows);
}

/* As many are waited for as there are clients: the one who is due first has left then. */
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
	struct settings settings = settings_for_two();

	CONVERSE(&settings, rows);
}

/* One whom the room has not been told of yet comes back: it hears of nobody's number but the new. */
static void test_unknown_holder(void)
{
	static const char *const rows[] = {
		"bob enters",
		"a connects",
		"a > /resume",
		"a forgets",
		"b connects",
		"b forgets",
		"b > /resume 1 01010101010101010101010101010101",
		"b < === resume 1 01010101010101010101010101010101",
		"b < @2 EPOCH *** #3 joined (2 online) --STAMP",
		"bob < *** #3 joined (2 online) --STAMP",
		"a < !!! you have come back on another connection",
		"a closed",
		"all nothing",
	};
	CONVERSE(NULL, rows);
}

static const struct unit_test tests[] = {
	{ "one who is not known yet", test_unknown_holder },
	{ "back in time", test_back_in_time },
	{ "not back in time", test_not_back },
	{ "lost before it is announced", test_lost_before_it_is_announced },
	{ "gone for good", test_gone_for_good },
	{ "the old slot is closed", test_old_slot_is_closed },
	{ "two with one token", test_two_with_one_token },
	{ "a token before joining", test_token_before_joining },
	{ "known by another name", test_known_by_another_name },
	{ "back without a nick", test_without_nick },
	{ "two back without a nick", test_two_without_nick },
	{ "back without a nick, announced", test_without_nick_announced },
	{ "back without a nick in the same slot", test_without_nick_in_the_same_slot },
	{ "ignoring goes on", test_ignoring_goes_on },
	{ "ignoring goes on for the old connection", test_ignoring_goes_on_for_the_old },
	{ "ignored while away", test_ignored_while_away },
	{ "back to a full server", test_full },
	{ "the most who are waited for", test_most_who_are_waited_for },
};

UNIT_MAIN(tests)
