/*
 * Coming and going: the greeting, who is announced and when, and what is seen of those who leave.
 */
#include "test/unit/converse.h"
#include "test/unit/unit.h"

static struct settings settings_with_crowd(uint32_t announce_max)
{
	struct settings settings = converse_settings;

	settings.announce_max = announce_max;
	return settings;
}

static void test_greeting(void)
{
	static const char *const rows[] = {
		"a connects",
		"a < === chatd: you are #1, 1 of 8 online, /help for help",
		"a nothing",
		"b connects",
		"b < === chatd: you are #2, 2 of 8 online, /help for help",
		"all nothing",
	};
	CONVERSE(NULL, rows);
}

static void test_greeting_names_what_is_special(void)
{
	static const char *const rows[] = {
		"a connects",
		"a < === The Café: you are #1, 1 of 8 online, messages up to 1023 "
		"bytes, /help for help",
		"a < === be kind",
		"a < === ",
		"a < === and have fun",
		"a nothing",
	};
	struct settings settings = converse_settings;

	settings.name = "The Café";
	settings.motd = "be kind\n\nand have fun\n";
	settings.max_message = MESSAGE_DEFAULT - 1;
	CONVERSE(&settings, rows);
}

static void test_announced_by_a_line(void)
{
	static const char *const rows[] = {
		"a connects",
		"b connects",
		"all forgets",
		"a > hello",
		"all < *** #1 joined (1 online) --STAMP",
		"all < [#1]: hello --STAMP",
		"b forgets",
		"b > /me waves",
		"all < *** #2 joined (2 online) --STAMP",
		"all < * #2 waves --STAMP",
		"wait 10000",
		"all nothing",
	};
	CONVERSE(NULL, rows);
}

static void test_announced_by_staying(void)
{
	static const char *const rows[] = {
		"a connects",
		"a forgets",
		"wait 1999",
		"a nothing",
		"wait 1",
		"a < *** #1 joined (1 online) --Wed Oct 19 21:24:07 2022",
		"wait 10000",
		"a nothing",
	};
	CONVERSE(NULL, rows);
}

static void test_no_trace_before(void)
{
	static const char *const rows[] = {
		"a enters",
		"b connects",
		"b forgets",
		"a > /who",
		"a < === 1 online:",
		"a < === a (you) since STAMP, idle 0 s",
		"wait 1999",
		"b ends",
		"b closed",
		"c connects",
		"c forgets",
		"c >> half a line",
		"c resets",
		"d connects",
		"d forgets",
		"d > ",
		"d >  \t ",
		"d ends",
		"d closed",
		"wait 60000",
		"a nothing",
	};
	CONVERSE(NULL, rows);
}

/* What says nothing announces nobody, whether it has an effect or not. */
static void test_no_trace_of_commands(void)
{
	static const char *const lines[] = { "/nope", "/", "/ignore a", "/unignore a", "/quiet",
		"/nick a", "/nick", "/claim", "/unclaim", "/kick a", "/help", "/quit", "/quit bye",
		"/me", "/me ", "/me \x1b[1m", "/msg", "/msg a", "/msg c hello", "/r hello" };
	struct converse c;

	converse_begin(&c, NULL);
	converse_row(&c, "a enters");
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		converse_row(&c, "b connects");
		converse_row(&c, "b > %s", lines[i]);
		converse_row(&c, "b forgets");
		converse_row(&c, "b ends");
		converse_row(&c, "a nothing");
	}
	CHECK(converse_end(&c));
}

static void test_nick_first(void)
{
	static const char *const rows[] = {
		"a connects",
		"b connects",
		"all forgets",
		"b > ",
		"b > /nick bob",
		"all < *** bob joined (1 online) --STAMP",
		"all nothing",
		"a > /nick [x]",
		"a < !!! a nick must not have [ ] or : in it",
		"all nothing",
		"a > /nick alice",
		"all < *** alice joined (2 online) --STAMP",
	};
	CONVERSE(NULL, rows);
}

static void test_leaving(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"c enters",
		"d enters",
		"e enters",
		"b > /quit",
		"b closed",
		"all < *** b left (4 online) --STAMP",
		"c > /quit  see you ",
		"c closed",
		"all < *** c left (see you ) --STAMP",
		"d ends",
		"d closed",
		"all < *** d left (2 online) --STAMP",
		"e resets",
		"e closed",
		"a < *** e left (1 online) --STAMP",
		"a > /quit \t ",
		"a closed",
	};
	CONVERSE(NULL, rows);
}

/*
 * Neither ends its side. The place of one who quits is free as soon as it has been sent all; one
 * who was thrown out keeps it for two seconds.
 */
static void test_leaving_without_an_end(void)
{
	static const char *const rows[] = {
		"o operates",
		"o > /nick o",
		"b enters",
		"c enters",
		"b clings",
		"c clings",
		"b stalls",
		"c stalls",
		"o > one",
		"b > /quit",
		"o > /kick c",
		"o forgets",
		"b reads",
		"b < [o]: one --STAMP",
		"c reads",
		"c < [o]: one --STAMP",
		"c < *** b left (2 online) --STAMP",
		"c < !!! you were kicked",
		"d connects",
		"d < === chatd: you are #2, 2 of 8 online, /help for help",
		"d < [o]: one --STAMP",
		"e connects",
		"e < === chatd: you are #4, 3 of 8 online, /help for help",
		"e < [o]: one --STAMP",
		"wait 2000",
		"b closed",
		"c closed",
		"f connects",
		"f < === chatd: you are #3, 4 of 8 online, /help for help",
		"f < [o]: one --STAMP",
		"all forgets",
	};
	CONVERSE(NULL, rows);
}

/* Over so many people online nobody's coming and going is said; renames are. */
static void test_crowd(void)
{
	static const char *const rows[] = {
		"a connects",
		"a forgets",
		"a > /nick a",
		"a < *** a joined (1 online) --STAMP",
		"b connects",
		"b forgets",
		"b > /nick b",
		"all < *** b joined (2 online) --STAMP",
		"c connects",
		"c forgets",
		"c > /nick c",
		"all nothing",
		"c > hello",
		"all < [c]: hello --STAMP",
		"c > /nick cc",
		"all < *** c is now cc --STAMP",
		"c > /quit see you",
		"c closed",
		"all nothing",
		"b > /quit",
		"b closed",
		"a < *** b left (1 online) --STAMP",
	};
	struct settings settings = settings_with_crowd(2);

	CONVERSE(&settings, rows);
}

static void test_no_announcing(void)
{
	static const char *const rows[] = {
		"a connects",
		"a forgets",
		"a > hello",
		"a < [#1]: hello --STAMP",
		"a > /quit",
		"a closed",
	};
	struct settings settings = settings_with_crowd(0);

	CONVERSE(&settings, rows);
}

/* Many are announced together: none too early, none late by more than chat_wake_client_about() allows. */
static void test_many_stay(void)
{
	enum { MANY = 200, STAY = 2000, LATE = MANY / 20 };
	struct settings settings = settings_with_crowd(MANY);
	struct address from = { .family = ADDRESS_V4 };
	struct converse c;
	int usec = 0;
	int64_t start;

	/* It looks for the very moment. */
	if (converse_is_late())
		return;
	settings.max_clients = MANY;
	converse_begin(&c, &settings);
	start = c.now.usec;
	for (int i = 0; i < MANY; i++, c.now.usec += TIME_MS, chat_turn(c.chat, c.now))
		CHECK(chat_connect(c.chat, &from, 0, NULL) >= 0);
	while (chat_deadline(c.chat) != TIME_NEVER && usec < MANY) {
		int64_t stayed, joined;

		c.now.usec = chat_deadline(c.chat);
		chat_turn(c.chat, c.now);
		chat_tick(c.chat);
		joined = (int64_t)chat_feed(c.chat, 0)->next - 1;
		stayed = (c.now.usec - start) / TIME_MS - STAY;
		CHECK(joined <= stayed + 1);
		CHECK(joined >= MANY || joined >= stayed - LATE);
		usec++;
	}
	CHECK_INT((intmax_t)chat_feed(c.chat, 0)->next - 1, MANY);
	CHECK(usec < MANY / 2);
	converse_end(&c);
}

static void test_lowest_free_slot(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"c enters",
		"b > /quit",
		"all forgets",
		"d connects",
		"d < === chatd: you are #2, 3 of 8 online, /help for help",
		"d > hi",
		"all < *** #2 joined (3 online) --STAMP",
		"all < [#2]: hi --STAMP",
		"e connects",
		"e < === chatd: you are #4, 4 of 8 online, /help for help",
	};
	struct settings settings = converse_settings;

	settings.replay = 0;
	CONVERSE(&settings, rows);
}

static void test_log(void)
{
	static const char *const rows[] = {
		"a connects 127.0.0.1",
		"log < client (#1) connect from 127.0.0.1:5000, number of current clients: 1. "
		"TIME: Wed Oct 19 21:24:05 2022",
		"b connects 2001:db8::7",
		"log < client (#2) connect from [2001:db8::7]:5001, number of current clients: 2. "
		"TIME: Wed Oct 19 21:24:05 2022",
		"wait 1000",
		"a > hello",
		"log < client #1: hello --Wed Oct 19 21:24:06 2022",
		"a > /nick alice",
		"log < client #1 is now alice. TIME: STAMP",
		"a > hello",
		"log < client #1 (alice): hello --STAMP",
		"a > /me waves",
		"log < client #1 (alice): /me waves --STAMP",
		"a > /msg #2 between us",
		"b > /quit bye",
		"log < client #2 exit, number of current clients: 1. TIME: STAMP",
		"a resets",
		"log < client #1 (alice) exit, number of current clients: 0. TIME: STAMP",
		"a forgets",
		"b forgets",
	};
	CONVERSE(NULL, rows);
}

static void test_quiet_log(void)
{
	static const char *const rows[] = {
		"a connects 127.0.0.1",
		"log < client (#1) connect from 127.0.0.1:5000, number of current clients: 1. "
		"TIME: STAMP",
		"a > hello",
		"a > /me waves",
		"a ends",
		"log < client #1 exit, number of current clients: 0. TIME: STAMP",
		"a forgets",
	};
	struct settings settings = converse_settings;

	settings.quiet = true;
	CONVERSE(&settings, rows);
}

static const struct unit_test tests[] = {
	{ "a newcomer is greeted", test_greeting },
	{ "the greeting names what is special here", test_greeting_names_what_is_special },
	{ "a line announces", test_announced_by_a_line },
	{ "two seconds announce", test_announced_by_staying },
	{ "who leaves before that leaves no trace", test_no_trace_before },
	{ "a command leaves none either", test_no_trace_of_commands },
	{ "who begins with /nick joins under that name", test_nick_first },
	{ "leaving is said, with the reason", test_leaving },
	{ "leaving without an end", test_leaving_without_an_end },
	{ "a crowd's coming and going is not said", test_crowd },
	{ "nobody's is, if so wished", test_no_announcing },
	{ "many who stay are announced together", test_many_stay },
	{ "the lowest free slot is given out", test_lowest_free_slot },
	{ "the log has its words", test_log },
	{ "a quiet log has no message text", test_quiet_log },
};

UNIT_MAIN(tests)
