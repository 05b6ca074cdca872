/*
 * The command table: each command once as it should be, and each way to be refused.
 */
#include <string.h>

#include "server/core/client/client.h"
#include "test/unit/converse.h"
#include "test/unit/unit.h"

#define NO_KEY "a nick must not have a blank; a key after it has 26 characters, a-z and 2-7"

struct usage {
	const char *line;
	const char *answer; /* to one who is no operator */
	const char *operators; /* to an operator, if that is something else */
};

/* Too few arguments, too many, and what may not be used. */
static const struct usage usages[] = {
	{ "/help a b", "usage: /help [COMMAND]", NULL },
	{ "/nick", "usage: /nick NAME [KEY]", NULL },
	{ "/nick \t ", "usage: /nick NAME [KEY]", NULL },
	{ "/nick b c", NO_KEY, NULL },
	{ "/nick b\tc ", NO_KEY, NULL },
	{ "/who a b", "usage: /who [ROOM|*]", NULL },
	{ "/rooms a", "usage: /rooms", NULL },
	{ "/join", "usage: /join ROOM[/WORD] [ID]", NULL },
	{ "/join a b c", "usage: /join ROOM[/WORD] [ID]", NULL },
	{ "/invite 1 2 3", "usage: /invite [MINUTES [USES]]", NULL },
	{ "/slow", "/slow is for operators", "usage: /slow SECONDS" },
	{ "/me", "usage: /me TEXT", NULL },
	{ "/me  \t", "usage: /me TEXT", NULL },
	{ "/msg", "usage: /msg WHO TEXT", NULL },
	{ "/msg b", "usage: /msg WHO TEXT", NULL },
	{ "/msg b ", "usage: /msg WHO TEXT", NULL },
	{ "/r", "usage: /r TEXT", NULL },
	{ "/ignore a b", "usage: /ignore [WHO]", NULL },
	{ "/unignore", "usage: /unignore WHO", NULL },
	{ "/unignore a b", "usage: /unignore WHO", NULL },
	{ "/search", "usage: /search [WHO:] TEXT", NULL },
	{ "/replay 1 2", "usage: /replay [N]", NULL },
	{ "/resume 1 2 3 4", "usage: /resume [ID [TOKEN [SENT]]]", NULL },
	{ "/resume 1 2 x", "/resume takes the number of lines you have sent", NULL },
	{ "/quiet on off", "usage: /quiet [on|off]", NULL },
	{ "/quiet of", "usage: /quiet [on|off]", NULL },
	{ "/w b", "usage: /msg WHO TEXT", NULL },
	{ "/stats x", "usage: /stats", NULL },
	{ "/op", "usage: /op PASSWORD", NULL },
	{ "/kick", "/kick is for operators", "usage: /kick WHO [TEXT]" },
	{ "/ban", "/ban is for operators", "usage: /ban WHO|ADDRESS[/BITS] [MINUTES] [TEXT]" },
	{ "/unban", "/unban is for operators", "usage: /unban ADDRESS" },
	{ "/unban a b", "/unban is for operators", "usage: /unban ADDRESS" },
	{ "/bans x", "/bans is for operators", "usage: /bans" },
	{ "/announce", "/announce is for operators", "usage: /announce TEXT" },
	{ "/kick b", "/kick is for operators", "" },
	{ "/ban b", "/ban is for operators", "" },
	{ "/unban 192.0.2.1", "/unban is for operators", "" },
	{ "/bans", "/bans is for operators", "" },
	{ "/motd x", "/motd is for operators", "" },
	{ "/motd", "/motd is for operators", "" },
	{ "/announce x", "/announce is for operators", "" },
	{ "/shutdown", "/shutdown is for operators", "" },
	{ "/shutdown x", "/shutdown is for operators", "" },
};

static void test_usage(void)
{
	for (size_t i = 0; i < sizeof(usages) / sizeof(usages[0]); i++) {
		const struct usage *u = &usages[i];
		struct converse c;

		converse_begin(&c, NULL);
		converse_row(&c, "a enters");
		converse_row(&c, "b operates");
		converse_row(&c, "b > /nick b");
		converse_row(&c, "all forgets");
		converse_row(&c, "a > %s", u->line);
		converse_row(&c, "a < !!! %s", u->answer);
		if (u->operators == NULL || *u->operators != '\0') {
			converse_row(&c, "b > %s", u->line);
			converse_row(&c, "b < !!! %s",
				u->operators != NULL ? u->operators : u->answer);
		}
		converse_row(&c, "all nothing");
		CHECK(converse_end(&c));
	}
}

static void test_unknown(void)
{
	static const char *const rows[] = {
		"a enters",
		"b operates",
		"b > /nick b",
		"all forgets",
		"a > /qut",
		"a < !!! unknown command /qut, did you mean /quit?",
		"a > /NICKE x",
		"a < !!! unknown command /NICKE, did you mean /nick?",
		"a > /frobnicate",
		"a < !!! unknown command /frobnicate, /help lists them all",
		"a > /",
		"a < !!! unknown command /, /help lists them all",
		"a > / me",
		"a < !!! unknown command /, /help lists them all",
		"a > /kik b",
		"a < !!! unknown command /kik, did you mean /nick?",
		"b > /kik b",
		"b < !!! unknown command /kik, did you mean /kick?",
		"a > /x0123456789012345678901234567890123456789012345678901234567890123456789",
		"a < !!! unknown command /x01234567890123456789012345678901234567890123456789012345678"
		"9012, /help lists them all",
		"all nothing",
	};
	CONVERSE(NULL, rows);
}

static void test_help(void)
{
	static const char *const rows[] = {
		"a enters",
		"a > /help",
		"a < === /help [COMMAND]           this list, or one of it",
		"a < === /nick NAME [KEY]          take a name; KEY: of a claimed one",
		"a < === /who [ROOM|*]             who is here, since when, and idle",
		"a < === /msg WHO TEXT             a private message",
		"a < === /r TEXT                   answer the last private message",
		"a < === /me TEXT                  say what you do: * alice waves",
		"a < === /rooms                    the rooms there are",
		"a < === /join ROOM[/WORD] [ID]    go to another room",
		"a < === /topic [TEXT]             what this room is about; - for nothing",
		"a < === /invite [MINUTES [USES]]  a word that opens this room",
		"a < === /search [WHO:] TEXT       the newest lines of the feed that hold TEXT",
		"a < === /replay [N]               the last N messages again",
		"a < === /ignore [WHO]             no longer see what WHO says, or list whom",
		"a < === /unignore WHO             see WHO again",
		"a < === /claim                    get a KEY: without it nobody can take your nick",
		"a < === /unclaim                  give up your claim",
		"a < === /quiet [on|off]           no longer see who joins and leaves",
		"a < === /ping [TEXT]              whether the server is there",
		"a < === /stats                    how the server is doing",
		"a < === /resume [ID [TOKEN [SENT]]] tags, and going on after a lost connection",
		"a < === /quit [TEXT]              leave",
		"a < === /op PASSWORD              become an operator",
		"a < === //TEXT                    say /TEXT",
		"a nothing",
		"a > /HELP Me",
		"a < === /me TEXT                  say what you do: * alice waves",
		"a > /help /me",
		"a < === /me TEXT                  say what you do: * alice waves",
		"a > /help r",
		"a < === /r TEXT                   answer the last private message",
		"a > /? kick",
		"a < === /kick WHO [TEXT]          close WHO's connection",
		"a > /help exit",
		"a < === /quit [TEXT]              leave",
		"a > /help mee",
		"a < !!! unknown command /mee, did you mean /me?",
		"a > /help /",
		"a < !!! unknown command /, /help lists them all",
	};
	CONVERSE(NULL, rows);
}

/* The list fits a terminal of 80 columns, and of 24 rows but for operators. */
static void test_help_fits(void)
{
	for (int is_operator = 0; is_operator < 2; is_operator++) {
		struct converse c;
		const char *line;
		size_t len;
		int rows = 0;

		converse_begin(&c, NULL);
		converse_row(&c, "a %s", is_operator ? "operates" : "connects");
		converse_row(&c, "a forgets");
		converse_row(&c, "a > /help");
		while ((line = converse_line(&c, "a", &len)) != NULL) {
			CHECK(len < 80);
			rows++;
		}
		CHECK(rows < 24 || is_operator);
		CHECK(converse_end(&c));
	}
}

static void test_aliases(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"a forgets",
		"a > /w b psst",
		"a < [you -> b]: psst --STAMP",
		"b < [a -> you]: psst --STAMP",
		"b > /W",
		"b < === 2 online:",
		"b forgets",
		"b > /names",
		"b < === 2 online:",
		"b forgets",
		"b > /exit bye",
		"a < *** b left (bye) --STAMP",
		"b closed",
	};
	CONVERSE(NULL, rows);
}

static void test_ping(void)
{
	static const char *const rows[] = {
		"a enters",
		"a > /ping",
		"a < === pong",
		"a > /ping  1 2\x1b[31m 3",
		"a < === pong 1 2 3",
		"a > /ping \x07",
		"a < === pong",
	};
	CONVERSE(NULL, rows);
}

/* More names than are remembered, and a text at each of the places that are looked at together. */
static void test_search_among_many(void)
{
	struct converse c;
	size_t len;

	converse_begin(&c, NULL);
	converse_row(&c, "a connects");
	for (int i = 1; i <= SEARCH_NAMES + 200; i++) {
		converse_row(&c, "a > /nick n%d", i);
		converse_row(&c, "a > %*sXy%*s", i % 29, "", i % 31, "");
	}
	converse_row(&c, "a forgets");
	converse_row(&c, "a > /search n1: xy");
	converse_row(&c, "a < === @2 [n1]:  Xy  --STAMP");
	converse_row(&c, "a < === 1 found");
	converse_row(&c, "a > /search N%d: x", SEARCH_NAMES + 200);
	converse_row(&c, "a forgets");
	converse_row(&c, "a > /search xx");
	converse_row(&c, "a < === 0 found");
	converse_row(&c, "a > /search y");
	while (converse_turn(&c))
		continue;
	for (int i = 0; i < SEARCH_SHOWN; i++) {
		const char *line = converse_line(&c, "a", &len);

		CHECK(line != NULL && memcmp(line, "=== @", 5) == 0);
	}
	converse_row(&c, "a < === %d found", SEARCH_NAMES + 200);
	CHECK(converse_end(&c));
}

/* What only asks, and what operators do leaves no trace; two seconds do, all the same. */
static void test_asking_announces_nobody(void)
{
	static const char *const asked[] = { "/help", "/?", "/who", "/stats", "/ping", "/ping x",
		"/replay", "/search x", "/op x", "/resume", "/resume 1", "/resume 1 x", "/resume x", "/bans", "/kick x", "/announce x", "/ban 192.0.2.99" };

	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		for (int ends = 0; ends < 2; ends++) {
			struct converse c;

			converse_begin(&c, NULL);
			converse_row(&c, "a enters");
			converse_row(&c, "b operates");
			converse_row(&c, "b > %s", asked[i]);
			converse_row(&c, "b forgets");
			if (strncmp(asked[i], "/announce", 9) == 0)
				converse_row(&c, "a < *** announcement: x --STAMP");
			converse_row(&c, "a nothing");
			if (ends) {
				converse_row(&c, "b ends");
				converse_row(&c, "b closed");
				converse_row(&c, "wait 60000");
			} else {
				converse_row(&c, "wait 1000");
				converse_row(&c, "b > /ping");
				converse_row(&c, "wait 1000");
				converse_row(&c, "a < *** #2 joined (2 online) --STAMP");
				converse_row(&c, "b forgets");
			}
			CHECK(converse_end(&c));
		}
	}
}

static void test_quiet(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"a > /quiet",
		"a < === you no longer see who joins and leaves",
		"c enters",
		"c > /nick d",
		"all < *** c is now d --STAMP",
		"c > /me joined (2 online)",
		"all < * d joined (2 online) --STAMP",
		"c > x joined (2 online)",
		"all < [d]: x joined (2 online) --STAMP",
		"c > /quit",
		"b < *** d left (2 online) --STAMP",
		"c forgets",
		"e connects",
		"e forgets",
		"e > /nick e",
		"b < *** e joined (3 online) --STAMP",
		"e < *** e joined (3 online) --STAMP",
		"e > /quit see you",
		"b < *** e left (see you) --STAMP",
		"e closed",
		"a nothing",
		/* It goes with the user to another connection. */
		"a > /resume",
		"a forgets",
		"a resets",
		"a connects",
		"a forgets",
		"a > /resume 99 01010101010101010101010101010101",
		"a forgets",
		"b forgets",
		"b > /quit",
		"b closed",
		"a nothing",
		"a > /quiet OFF",
		"a < === you see who joins and leaves again",
		"f connects",
		"f > hello",
		"a < @11 EPOCH *** #2 joined (2 online) --STAMP",
		"a < @12 EPOCH [#2]: hello --STAMP",
		"f forgets",
	};
	CONVERSE(NULL, rows);
}

static void test_search(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"a > Hello World",
		"b > say hello: b: x",
		"b > /me hellos",
		"a > other",
		"c enters",
		"c > hello from c",
		"all forgets",
		"a > /search HELLO",
		"a < === @3 [a]: Hello World --STAMP",
		"a < === @4 [b]: say hello: b: x --STAMP",
		"a < === @5 * b hellos --STAMP",
		"a < === @8 [c]: hello from c --STAMP",
		"a < === 4 found",
		"a > /search B: hello",
		"a < === @4 [b]: say hello: b: x --STAMP",
		"a < === @5 * b hellos --STAMP",
		"a < === 2 found",
		/* Neither names, nor stamps, nor events, nor private lines. */
		"a > /search joined",
		"a < === 0 found",
		"a > /search 2022",
		"a < === 0 found",
		"a > /search [a]",
		"a < === 0 found",
		"a > /msg b hello",
		"a < [you -> b]: hello --STAMP",
		"a > /ignore c",
		"a forgets",
		"a > /search hello f",
		"a < === 0 found",
		"a > /search c: hello",
		"a < === 0 found",
		"a > /search d\n/ping",
		"a < === @3 [a]: Hello World --STAMP",
		"a < === 1 found",
		"a < === pong",
		"b forgets",
		"all nothing",
	};
	CONVERSE(NULL, rows);
}

/* The newest twenty of many, in a feed that is looked through in many pieces. */
static void test_search_in_pieces(void)
{
	struct settings settings = converse_settings;
	struct converse c;

	settings.feed_bytes = 16 << 20;
	settings.rate = 0;
	converse_begin(&c, &settings);
	converse_row(&c, "a enters");
	converse_row(&c, "b enters");
	for (int i = 0; i < 5000; i++) {
		static const char filler[] = "aaaaaaaaaabaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
			"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
		char line[400];
		int len = snprintf(line, sizeof(line), "%s%s %s%d\n", filler, filler,
			i % 250 == 249 ? "NEEDLE" : "needl", i);

		converse_send(&c, "a", line, (size_t)len);
		if (i % 1000 == 999)
			converse_row(&c, "all forgets");
	}
	converse_row(&c, "b > /search needle");
	converse_row(&c, "b > done");
	for (int i = 0; i < 20; i++) {
		size_t len;
		const char *line = converse_line(&c, "b", &len);
		char want[32];

		snprintf(want, sizeof(want), "=== @%d [a]: ", 3 + 249 + 250 * i);
		CHECK(line != NULL && len > strlen(want) && memcmp(line, want, strlen(want)) == 0);
	}
	converse_row(&c, "b < === 20 found");
	converse_row(&c, "b < [b]: done --STAMP");
	converse_row(&c, "b > /search aaab");
	converse_row(&c, "b > /ping");
	for (int i = 0; i < 20; i++)
		CHECK(converse_line(&c, "b", &(size_t){ 0 }) != NULL);
	converse_row(&c, "b < === 5000 found");
	converse_row(&c, "b < === pong");
	converse_row(&c, "all forgets");
	CHECK(converse_end(&c));
}

static void test_who(void)
{
	static const char *const rows[] = {
		"a enters 192.0.2.1",
		"wait 1000",
		"b operates 2001:db8::1",
		"b > hello",
		"wait 5000",
		"c enters unix",
		"b > ",
		"wait 2500",
		"d connects",
		"all forgets",
		"a > /who",
		"a < === 3 online:",
		"a < === a (you) since Wed Oct 19 21:24:05 2022, idle 0 s",
		"a < === #2 (operator) since Wed Oct 19 21:24:06 2022, idle 7 s",
		"a < === c since Wed Oct 19 21:24:11 2022, idle 2 s",
		"b > /who",
		"b < === 3 online:",
		"b < === a since Wed Oct 19 21:24:05 2022, idle 0 s, from 192.0.2.1:5000",
		"b < === #2 (you) since Wed Oct 19 21:24:06 2022, idle 0 s, from "
		"[2001:db8::1]:5001",
		"b < === c since Wed Oct 19 21:24:11 2022, idle 2 s, from unix",
		"all nothing",
		/* One who asks is here, though the room does not know. */
		"d > /quit",
		"all forgets",
		"d forgets",
		"e connects",
		"e forgets",
		"e > /who",
		"e < === 4 online:",
		"e < === a since Wed Oct 19 21:24:05 2022, idle 0 s",
		"e < === #2 (operator) since Wed Oct 19 21:24:06 2022, idle 0 s",
		"e < === c since Wed Oct 19 21:24:11 2022, idle 2 s",
		"e < === #4 (you) since STAMP, idle 0 s",
		"all nothing",
	};
	CONVERSE(NULL, rows);
}

/* A list longer than what may wait for one who does not read comes whole, as fast as it is read. */
static void ask_who_of_many(bool ends)
{
	struct settings settings = converse_settings;
	struct converse c;
	const char *line;
	size_t len;
	int listed = 0, others = 0;

	settings.max_clients = 500;
	settings.announce_max = 0;
	converse_begin(&c, &settings);
	for (int i = 0; i < 500; i++)
		converse_row(&c, "name-%03d enters", i);
	converse_row(&c, "name-000 stalls");
	converse_row(&c, "name-000 > /who\nthen this");
	if (ends)
		converse_row(&c, "name-000 ends");
	converse_row(&c, "name-001 > meanwhile");
	for (size_t i = 0; i < 1000; i++)
		converse_take(&c, "name-000", 37);
	converse_row(&c, "name-000 reads");
	converse_row(&c, "name-000 < === 500 online:");
	while ((line = converse_line(&c, "name-000", &len)) != NULL) {
		char want[80] = "[name-001]: meanwhile --Wed Oct 19 21:24:05 2022";

		if (len > 0 && *line == '=') {
			snprintf(want, sizeof(want), "=== name-%03d%s since %s, idle 0 s", listed,
				listed == 0 ? " (you)" : "", "Wed Oct 19 21:24:05 2022");
			listed++;
		} else if (others++ > 0) {
			CHECK_INT(listed, 500);
			strcpy(want, "[name-000]: then this --Wed Oct 19 21:24:05 2022");
		}
		CHECK_TEXT(line, len, want);
	}
	CHECK_INT(listed, 500);
	CHECK_INT(others, 2);
	for (int i = 0; i < 500; i++)
		converse_row(&c, "name-%03d forgets", i);
	CHECK(converse_end(&c));
}

static void test_who_of_many(void)
{
	ask_who_of_many(false);
	ask_who_of_many(true);
}

static void test_me(void)
{
	static const char *const rows[] = {
		"a enters",
		"b connects",
		"b forgets",
		"b > /me  waves  twice ",
		"all < *** #2 joined (2 online) --STAMP",
		"all < * #2 waves  twice  --STAMP",
		"a > /ME\tnods",
		"all < * a nods --STAMP",
	};
	CONVERSE(NULL, rows);
}

static void test_replay(void)
{
	static const char *const rows[] = {
		"a enters",
		"a > /replay",
		"a < === nothing has been said yet",
		"a > one\ntwo\n/me three\n/nick al\nfour",
		"b enters",
		"all forgets",
		"a > /replay 3",
		"a < === the last messages again:",
		"a < [a]: two --STAMP",
		"a < * a three --STAMP",
		"a < [al]: four --STAMP",
		"a > /replay 1\n/replay 99",
		"a < === the last messages again:",
		"a < [al]: four --STAMP",
		"a < === the last messages again:",
		"a < [a]: one --STAMP",
		"a < [a]: two --STAMP",
		"a < * a three --STAMP",
		"a < [al]: four --STAMP",
		"a > /replay",
		"a < === the last messages again:",
		"a < [a]: one --STAMP",
		"a < [a]: two --STAMP",
		"a < * a three --STAMP",
		"a < [al]: four --STAMP",
		"a > /replay 0",
		"a < !!! /replay takes a number of messages, from 1 up",
		"a > /replay -1",
		"a < !!! /replay takes a number of messages, from 1 up",
		"a > /replay many",
		"a < !!! /replay takes a number of messages, from 1 up",
		"a > /replay 4294967296",
		"a < !!! /replay takes a number of messages, from 1 up",
		"a > /replay 4294967295",
		"a < === the last messages again:",
		"a < [a]: one --STAMP",
		"a forgets",
		"b nothing",
	};
	CONVERSE(NULL, rows);
}

/* A newcomer is shown the last messages, and only those, then what comes from now on. */
static void test_newcomers_replay(void)
{
	static const char *const rows[] = {
		"a enters",
		"a > 1\n2\n3\n4\n/msg a 5\n/me 6\n/nick al\n7\n8\n9\n10\n11\n12",
		"b connects",
		"b < === chatd: you are #2, 2 of 8 online, /help for help",
		"b < [a]: 2 --STAMP",
		"b < [a]: 3 --STAMP",
		"b < [a]: 4 --STAMP",
		"b < * a 6 --STAMP",
		"b < [al]: 7 --STAMP",
		"b < [al]: 8 --STAMP",
		"b < [al]: 9 --STAMP",
		"b < [al]: 10 --STAMP",
		"b < [al]: 11 --STAMP",
		"b < [al]: 12 --STAMP",
		"b nothing",
		"a forgets",
	};
	CONVERSE(NULL, rows);
}

static void test_no_replay(void)
{
	static const char *const rows[] = {
		"a enters",
		"a > 1",
		"a forgets",
		"b connects",
		"b < === chatd: you are #2, 2 of 8 online, /help for help",
		"b nothing",
		"b > /replay",
		"b < === the last messages again:",
		"b < [a]: 1 --STAMP",
	};
	struct settings settings = converse_settings;

	settings.replay = 0;
	CONVERSE(&settings, rows);
}

/* While a replay is read slowly, the room goes on; then comes what was said meanwhile. */
static void test_slow_replay(void)
{
	static const char *const rows[] = {
		"wait 2000",
		"a < *** #2 joined (2 online) --STAMP",
		"a > three",
		"a < [a]: three --STAMP",
		"a > /msg #2 psst",
		"a < [you -> #2]: psst --STAMP",
		"b > four",
		"a nothing",
		"b reads",
		"b < === chatd: you are #2, 2 of 8 online, /help for help",
		"b < [a]: one --STAMP",
		"b < [a]: two --STAMP",
		"b < *** #2 joined (2 online) --STAMP",
		"b < [a]: three --STAMP",
		"b < [a -> you]: psst --STAMP",
		"b < [#2]: four --STAMP",
		"a < [#2]: four --STAMP",
	};
	for (size_t taken = 0; taken < 125; taken++) {
		struct converse c;

		converse_begin(&c, NULL);
		converse_row(&c, "a enters");
		converse_row(&c, "a > one\ntwo");
		converse_row(&c, "a forgets");
		c.stalled = true;
		converse_row(&c, "b connects");
		c.stalled = false;
		converse_take(&c, "b", taken);
		converse_rows(&c, ROWS(rows));
		CHECK(converse_end(&c));
	}
}

static void test_stats(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"b > hello\n/msg a psst\n/quit",
		"a forgets",
		"b forgets",
		"wait 3600000",
		"a > /stats",
		"a < === version " CHAT_VERSION ", uptime 3600 s",
		"a < === clients: 1 now, 2 peak, 8 most",
		"a < === lines: 1 said, 1 private",
	};
	struct converse c;
	const char *line;
	size_t len;

	converse_begin(&c, NULL);
	converse_rows(&c, ROWS(rows));
	line = converse_line(&c, "a", &len);
	CHECK_BYTES(line, 17, "=== bytes: 47 in,", 17);
	converse_row(&c, "a < === feed: 4 lines, @1 to @4, 189 of 262144 bytes");
	converse_row(&c, "a < === connects: 2, 0 refused, 0 strangers");
	converse_row(&c, "a < === errors: 0 told, 0 lines missed, 0 times lagging, "
		"0 log lines dropped, 0 not in the history");
	CHECK(converse_end(&c));
}

static const struct unit_test tests[] = {
	{ "too few, too many, not for you", test_usage },
	{ "unknown commands", test_unknown },
	{ "/help", test_help },
	{ "/help fits a terminal", test_help_fits },
	{ "aliases", test_aliases },
	{ "/ping", test_ping },
	{ "what only asks announces nobody", test_asking_announces_nobody },
	{ "/quiet", test_quiet },
	{ "/search", test_search },
	{ "/search among many", test_search_among_many },
	{ "/search in pieces", test_search_in_pieces },
	{ "/who", test_who },
	{ "/who of many, read slowly", test_who_of_many },
	{ "/me", test_me },
	{ "/replay", test_replay },
	{ "a newcomer's replay", test_newcomers_replay },
	{ "no replay", test_no_replay },
	{ "a replay that is read slowly", test_slow_replay },
	{ "/stats", test_stats },
};

UNIT_MAIN(tests)
