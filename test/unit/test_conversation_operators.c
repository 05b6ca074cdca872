/*
 * Operators: becoming one, and what they can do.
 */
#include "test/unit/converse.h"
#include "test/unit/unit.h"

#define LOOPBACK "=== nobody on this machine gets in now, nor through a front end or a tunnel on it"

static void test_op(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"a forgets",
		"log forgets",
		"a > /op sesame",
		"a < !!! wrong password",
		"log < client #1 (a) gave a wrong password for operators. TIME: STAMP",
		"a > /op open  sesame",
		"a < !!! wrong password",
		"a > /op open sesame ",
		"a < !!! wrong password",
		"a > /kick b",
		"a < !!! /kick is for operators",
		"log forgets",
		"a > /op open sesame",
		"a < === you are an operator now",
		"log < client #1 (a) is an operator now. TIME: STAMP",
		"a > /op open sesame",
		"a < === you are an operator already",
		"b > /who",
		"b < === 2 online:",
		"b < === a (operator) since STAMP, idle 0 s",
		"b < === b (you) since STAMP, idle 0 s",
		"all nothing",
	};
	struct settings settings = converse_settings;

	settings.operator_password = "open sesame";
	CONVERSE(&settings, rows);
}

static void test_no_operator_password(void)
{
	static const char *const rows[] = {
		"a enters",
		"a > /op x",
		"a < !!! this server has no operator password",
	};
	CONVERSE(NULL, rows);
}

static void test_kick(void)
{
	static const char *const rows[] = {
		"o operates",
		"o > /nick o",
		"a enters",
		"b enters",
		"c enters",
		"o forgets",
		"log forgets",
		"o > /kick A be nice",
		"o < === a was kicked",
		"log < operator o: /kick A be nice",
		"log < client #2 (a) exit, number of current clients: 3. TIME: STAMP",
		"o < *** a left (be nice) --STAMP",
		"b < *** a left (be nice) --STAMP",
		"c < *** a left (be nice) --STAMP",
		"a < !!! you were kicked: be nice",
		"a closed",
		"o > /kick #3",
		"o < === b was kicked",
		"o < *** b left (kicked) --STAMP",
		"c < *** b left (kicked) --STAMP",
		"b < !!! you were kicked",
		"b closed",
		"o > /kick nobody",
		"o < !!! nobody here is called nobody",
		"o > /kick #9",
		"o < !!! nobody here is called #9",
		"b enters",
		"all forgets",
		"o > /kick o enough",
		"o < === o was kicked",
		"o < !!! you were kicked: enough",
		"o closed",
		"all < *** o left (enough) --STAMP",
	};
	CONVERSE(NULL, rows);
}

/* One who is kicked gets what it was owed, and says nothing more. */
static void test_kicked_in_the_middle(void)
{
	static const char *const rows[] = {
		"o operates",
		"o > /nick o",
		"a enters",
		"o forgets",
		"a stalls",
		"o > one",
		"o > /kick a",
		"o < [o]: one --STAMP",
		"o < === a was kicked",
		"o < *** a left (kicked) --STAMP",
		"a > not heard",
		"a >> nor this",
		"a reads",
		"a < [o]: one --STAMP",
		"a < !!! you were kicked",
		"a closed",
		"o nothing",
	};
	CONVERSE(NULL, rows);
}

static void test_ban(void)
{
	static const char *const rows[] = {
		"o operates 198.51.100.1",
		"o > /nick o",
		"a enters 192.0.2.7",
		"b enters 192.0.2.7",
		"c enters 192.0.2.8",
		"d connects 192.0.2.7",
		"all forgets",
		"o > /ban A",
		"o < === 192.0.2.7 is banned",
		"o < *** a left (banned) --STAMP",
		"o < *** b left (banned) --STAMP",
		"a < !!! you were banned",
		"a closed",
		"b < *** a left (banned) --STAMP",
		"b < !!! you were banned",
		"b closed",
		"c < *** a left (banned) --STAMP",
		"c < *** b left (banned) --STAMP",
		"d < *** a left (banned) --STAMP",
		"d < *** b left (banned) --STAMP",
		"d < !!! you were banned",
		"d closed",
		"log forgets",
		"a connects 192.0.2.7",
		"a < !!! you are banned from this server",
		"a closed",
		"log < connect from 192.0.2.7:5001 refused: you are banned from this server. "
		"TIME: STAMP",
		"o > /bans",
		"o < === 1 banned:",
		"o < === 192.0.2.7 for good, by o",
		"o > /unban 192.0.2.7",
		"o < === 192.0.2.7 is no longer banned",
		"o > /bans",
		"o < === 0 banned",
		"a connects 192.0.2.7",
		"a < === chatd: you are #2, 3 of 8 online, /help for help",
		"all nothing",
	};

	/* Two are closed by one ban. */
	if (!converse_is_late())
		CONVERSE(NULL, rows);
}

/* A prefix of either family, at its borders. */
static void test_ban_prefix(void)
{
	static const struct {
		const char *ban, *shown, *in, *out;
	} prefixes[] = {
		{ "192.0.2.0/24", "192.0.2.0/24", "192.0.2.255", "192.0.3.0" },
		{ "192.0.2.99/24", "192.0.2.0/24", "192.0.2.0", "192.0.1.255" },
		{ "192.0.2.128/25", "192.0.2.128/25", "192.0.2.128", "192.0.2.127" },
		{ "192.0.2.8/32", "192.0.2.8", "192.0.2.8", "192.0.2.9" },
		{ "::ffff:192.0.2.8", "192.0.2.8", "192.0.2.8", "192.0.2.9" },
		{ "::ffff:192.0.2.8/120", "192.0.2.0/24", "192.0.2.9", "192.0.3.9" },
		{ "2001:db8::/32", "2001:db8::/32", "2001:db8:ffff::1", "2001:db9::" },
		{ "2001:db8::8", "2001:db8::8", "2001:db8::8", "2001:db8::9" },
		{ "2001:db8::8/127", "2001:db8::8/127", "2001:db8::9", "2001:db8::a" },
		{ "0.0.0.0/0", "0.0.0.0/0", "203.0.113.9", "2001:db8::1" },
		{ "::/0", "::/0", "2001:db8::1", "203.0.113.9" },
	};

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		struct converse c;

		converse_begin(&c, NULL);
		converse_row(&c, "o operates");
		converse_row(&c, "o > /nick o");
		converse_row(&c, "a enters %s", prefixes[i].in);
		converse_row(&c, "b enters %s", prefixes[i].out);
		converse_row(&c, "all forgets");
		converse_row(&c, "o > /ban %s", prefixes[i].ban);
		converse_row(&c, "o < === %s is banned", prefixes[i].shown);
		if (strstr(prefixes[i].shown, "/0") != NULL)
			converse_row(&c, "o < " LOOPBACK);
		converse_row(&c, "o < *** a left (banned) --STAMP");
		converse_row(&c, "b < *** a left (banned) --STAMP");
		converse_row(&c, "a < !!! you were banned");
		converse_row(&c, "a closed");
		converse_row(&c, "a connects %s", prefixes[i].in);
		converse_row(&c, "a < !!! you are banned from this server");
		converse_row(&c, "a closed");
		converse_row(&c, "o > /unban %s", prefixes[i].shown);
		converse_row(&c, "o < === %s is no longer banned", prefixes[i].shown);
		CHECK(converse_end(&c));
	}
}

/* A ban of this machine keeps more people out than it seems to: it is done, and said. */
static void test_ban_loopback(void)
{
	static const char *const own[] = { "127.0.0.1", "127.0.0.9", "127.0.0.0/24",
		"126.0.0.0/7", "::1" };
	struct converse c;

	converse_begin(&c, NULL);
	converse_row(&c, "o operates");
	converse_row(&c, "o forgets");
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		converse_row(&c, "o > /ban %s", own[i]);
		converse_row(&c, "o < === %s is banned", own[i]);
		converse_row(&c, "o < " LOOPBACK);
	}
	converse_row(&c, "o > /ban 126.0.0.1");
	converse_row(&c, "o < === 126.0.0.1 is banned");
	converse_row(&c, "o > /ban ::2");
	converse_row(&c, "o < === ::2 is banned");
	CHECK(converse_end(&c));
}

/* What was meant for an address and is none; and what may be somebody's nick. */
static void test_ban_of_no_address(void)
{
	static const char *const words[] = { "192.0.2.0/33", "192.0.2.0/", "192.0.2", "300.1.1.1",
		"::/129", "fe80::::1", "[::1", "10.0.0.1:70000" };
	struct converse c;

	converse_begin(&c, NULL);
	converse_row(&c, "o operates");
	converse_row(&c, "o forgets");
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		converse_row(&c, "o > /ban %s", words[i]);
		converse_row(&c, "o < !!! %s is not an address or a network, such as 192.0.2.7, "
			"192.0.2.0/24 and 2001:db8::/32", words[i]);
	}
	converse_row(&c, "o > /ban 12");
	converse_row(&c, "o < !!! nobody here is called 12");
	converse_row(&c, "o > /ban x.y");
	converse_row(&c, "o < !!! nobody here is called x.y");
	converse_row(&c, "a connects 192.0.2.7");
	converse_row(&c, "a > /nick 192.0.2");
	converse_row(&c, "o forgets");
	converse_row(&c, "a forgets");
	converse_row(&c, "o > /ban 192.0.2");
	converse_row(&c, "o < === 192.0.2.7 is banned");
	converse_row(&c, "o < *** 192.0.2 left (banned) --STAMP");
	converse_row(&c, "a < !!! you were banned");
	CHECK(converse_end(&c));
}

/* A log without texts has what was done, and not what was said. */
static void test_quiet_log(void)
{
	static const char *const rows[] = {
		"o operates",
		"o > /nick o",
		"a enters 192.0.2.7",
		"b enters 192.0.2.8",
		"all forgets",
		"log forgets",
		"o > /kick  a  be nice",
		"log < operator o: /kick  a",
		"log forgets",
		"o > /ban b 5 be nice",
		"log < operator o: /ban b 5",
		"log forgets",
		"o > /ban 192.0.2.9 be nice",
		"log < operator o: /ban 192.0.2.9",
		"o > /unban 192.0.2.9",
		"log < operator o: /unban 192.0.2.9",
		"o > /announce be nice",
		"log < operator o: /announce",
		"o > /motd be nice",
		"log < operator o: /motd",
		"o > /topic be nice",
		"log < operator o: /topic",
		"o > /slow 1",
		"log < operator o: /slow 1",
		"o > /shutdown be nice",
		"log < operator o: /shutdown",
		"o forgets",
		"a forgets",
		"b forgets",
	};
	struct settings settings = converse_settings;

	settings.quiet = true;
	CONVERSE(&settings, rows);
}

/* A person's IPv6 address stands for its /64, which one host has. */
static void test_ban_host(void)
{
	static const char *const rows[] = {
		"o operates",
		"a enters 2001:db8:0:1::7",
		"b enters 2001:db8:0:1:ffff::7",
		"c enters 2001:db8:0:2::7",
		"u enters unix",
		"all forgets",
		"o > /ban a",
		"o < === 2001:db8:0:1::/64 is banned",
		"o < *** a left (banned) --STAMP",
		"o < *** b left (banned) --STAMP",
		"a forgets",
		"b forgets",
		"c forgets",
		"u forgets",
		"o > /ban u",
		"o < !!! u has no address that could be banned",
		"o > /unban 2001:db8:0:2::7",
		"o < !!! 2001:db8:0:2::7 is not banned",
		"o > /unban 2001:db8:0:1::7",
		"o < === 2001:db8:0:1::/64 is no longer banned",
		"a connects 2001:db8:0:1::7",
		"a < === chatd: you are #2, 4 of 8 online, /help for help",
	};
	CONVERSE(NULL, rows);
}

/* Whom several bans keep out is let in again; a ban of one's own is another matter. */
static void test_unban(void)
{
	static const char *const rows[] = {
		"o operates",
		"o > /nick o",
		"o forgets",
		"o > /ban 192.0.2.0/24",
		"o < === 192.0.2.0/24 is banned",
		"o > /ban 192.0.0.0/16",
		"o < === 192.0.0.0/16 is banned",
		"o > /ban 192.0.2.7",
		"o < === 192.0.2.7 is banned",
		"o > /unban 192.0.0.0/15",
		"o < !!! 192.0.0.0/15 is not banned",
		"o > /unban 192.0.2.7",
		"o < === 192.0.2.7 is no longer banned",
		"o > /bans",
		"o < === 2 banned:",
		"o < === 192.0.2.0/24 for good, by o",
		"o < === 192.0.0.0/16 for good, by o",
		"o > /unban 192.0.2.7",
		"o < === 192.0.2.0/24 is no longer banned",
		"o < === 192.0.0.0/16 is no longer banned",
		"o > /unban 192.0.2.7",
		"o < !!! 192.0.2.7 is not banned",
		"o > /ban 192.0.2.0/24 1",
		"o < === 192.0.2.0/24 is banned for 1 minute",
		"wait 60000",
		"o > /unban 192.0.2.7",
		"o < !!! 192.0.2.7 is not banned",
	};
	CONVERSE(NULL, rows);
}

static void test_ban_minutes(void)
{
	static const char *const rows[] = {
		"o operates",
		"o > /nick o",
		"o forgets",
		"o > /ban 192.0.2.7 2",
		"o < === 192.0.2.7 is banned for 2 minutes",
		"o > /bans",
		"o < === 1 banned:",
		"o < === 192.0.2.7 until Wed Oct 19 21:26:05 2022, by o",
		"wait 119000",
		"a connects 192.0.2.7",
		"a < !!! you are banned from this server until Wed Oct 19 21:26:05 2022",
		"a closed",
		"wait 1000",
		"a connects 192.0.2.7",
		"a < === chatd: you are #2, 2 of 8 online, /help for help",
		"a > /quit",
		"a closed",
		"o > /bans",
		"o < === 0 banned",
		"o > /ban 192.0.2.7 1\n/ban 192.0.2.7",
		"o < === 192.0.2.7 is banned for 1 minute",
		"o < === 192.0.2.7 is banned",
		"o > /bans",
		"o < === 1 banned:",
		"o < === 192.0.2.7 for good, by o",
	};
	CONVERSE(NULL, rows);
}

/* The banned are told why and until when, the room why; who did it and why stands in the list. */
static void test_ban_reason(void)
{
	static const char *const rows[] = {
		"o operates",
		"o > /nick o",
		"a enters 192.0.2.7",
		"b enters 192.0.2.8",
		"all forgets",
		"log forgets",
		"o > /ban a 2  too  loud: go",
		"o < === 192.0.2.7 is banned for 2 minutes",
		"o < *** a left (too  loud: go) --STAMP",
		"b < *** a left (too  loud: go) --STAMP",
		"a < !!! you were banned until Wed Oct 19 21:26:05 2022: too  loud: go",
		"a closed",
		"log < operator o: /ban a 2  too  loud: go",
		"log forgets",
		"a connects 192.0.2.7",
		"a < !!! you are banned from this server until Wed Oct 19 21:26:05 2022: too  loud: go",
		"a closed",
		"log < connect from 192.0.2.7:5001 refused: you are banned from this server until "
			"Wed Oct 19 21:26:05 2022: too  loud: go. TIME: STAMP",
		"o > /ban b spam",
		"o < === 192.0.2.8 is banned",
		"o < *** b left (spam) --STAMP",
		"b < !!! you were banned: spam",
		"b closed",
		"b connects 192.0.2.8",
		"b < !!! you are banned from this server: spam",
		"b closed",
		"o > /bans",
		"o < === 2 banned:",
		"o < === 192.0.2.7 until Wed Oct 19 21:26:05 2022, by o: too  loud: go",
		"o < === 192.0.2.8 for good, by o: spam",
		"o > /ban 192.0.2.8 1",
		"o < === 192.0.2.8 is banned for 1 minute",
		"o > /ban 192.0.2.9:5555 \x1b[2J x\x1b[3",
		"o < === 192.0.2.9 is banned",
		"o > /bans",
		"o < === 3 banned:",
		"o < === 192.0.2.7 until Wed Oct 19 21:26:05 2022, by o: too  loud: go",
		"o < === 192.0.2.8 until Wed Oct 19 21:25:05 2022, by o",
		"o < === 192.0.2.9 for good, by o:  x",
	};
	CONVERSE(NULL, rows);
}

static void test_ban_refusals(void)
{
	static const char *const rows[] = {
		"o operates",
		"o > /nick o",
		"o forgets",
		"o > /ban nobody",
		"o < !!! nobody here is called nobody",
		"o > /ban 192.0.2.7 0",
		"o < !!! a ban lasts a number of minutes, from 1 up",
		"o > /ban 192.0.2.7 -1",
		"o < !!! a ban lasts a number of minutes, from 1 up",
		"o > /ban 192.0.2.7 5m of rest",
		"o < !!! a ban lasts a number of minutes, from 1 up",
		"o > /ban 192.0.2.7 4294967296",
		"o < !!! a ban lasts a number of minutes, from 1 up",
		"o > /unban nobody",
		"o < !!! /unban takes an address, as /bans shows it",
		"o > /unban 192.0.2.7",
		"o < !!! 192.0.2.7 is not banned",
		"o > /bans",
		"o < === 0 banned",
	};
	CONVERSE(NULL, rows);
}

/* Nobody locks themselves out: operators who are here stay. */
static void test_operators_stay(void)
{
	static const char *const rows[] = {
		"o operates 192.0.2.7",
		"o > /nick o",
		"p operates 192.0.2.7",
		"p > /nick p",
		"a enters 192.0.2.7",
		"o forgets",
		"p forgets",
		"o > /ban 0.0.0.0/0",
		"o < === 0.0.0.0/0 is banned",
		"o < " LOOPBACK,
		"all < *** a left (banned) --STAMP",
		"a < !!! you were banned",
		"a closed",
	};
	CONVERSE(NULL, rows);
}

static void test_motd(void)
{
	static const char *const rows[] = {
		"o operates",
		"o < === chatd: you are #1, 1 of 8 online, /help for help",
		"o < === welcome",
		"o > /nick o",
		"o forgets",
		"o > /motd",
		"o < === welcome",
		"o > /motd meeting  at noon",
		"o < === newcomers see it from now on",
		"o > /motd",
		"o < === meeting  at noon",
		"a connects",
		"a < === chatd: you are #2, 2 of 8 online, /help for help",
		"a < === meeting  at noon",
	};
	struct settings settings = converse_settings;

	settings.motd = "welcome\n";
	CONVERSE(&settings, rows);
}

/* The newest counts: what /motd has set, or a file that has changed since. */
static void test_motd_file(void)
{
	struct settings settings = converse_settings;
	struct converse c;

	settings.motd = "welcome";
	converse_begin(&c, &settings);
	converse_row(&c, "o operates");
	converse_row(&c, "o > /motd at noon");
	converse_row(&c, "o forgets");
	CHECK_INT(converse_set(&c, &settings), 0);
	converse_row(&c, "o > /motd");
	converse_row(&c, "o < === at noon");
	settings.motd = "hello";
	CHECK_INT(converse_set(&c, &settings), 0);
	converse_row(&c, "o > /motd");
	converse_row(&c, "o < === hello");
	converse_row(&c, "o > /motd at one\n/motd -\n/motd");
	converse_row(&c, "o < === newcomers see it from now on");
	converse_row(&c, "o < === newcomers see the file's from now on");
	converse_row(&c, "o < === hello");
	CHECK(converse_end(&c));
}

static void test_announce(void)
{
	static const char *const rows[] = {
		"o operates",
		"o > /nick o",
		"a enters",
		"all forgets",
		"log forgets",
		"o > /announce back in  five minutes",
		"all < *** announcement: back in  five minutes --STAMP",
		"log < operator o: /announce back in  five minutes",
	};
	CONVERSE(NULL, rows);
}

static void test_shutdown(void)
{
	static const char *const rows[] = {
		"o operates",
		"o > /nick o",
		"a enters",
		"b enters",
		"b stalls",
		"a > /nick al",
		"all forgets",
		"o > /shutdown for  a rest",
		"o < === the server is shutting down",
		"o < *** server shutting down (for  a rest) --STAMP",
		"o closed",
		"a < *** server shutting down (for  a rest) --STAMP",
		"a closed",
		"b reads",
		"b < *** a is now al --STAMP",
		"b < *** server shutting down (for  a rest) --STAMP",
		"b closed",
	};
	CONVERSE(NULL, rows);
}

static void test_stop(void)
{
	static const char *const rows[] = {
		"a enters",
		"b connects",
		"b forgets",
		"stop",
		"a < *** server shutting down --STAMP",
		"a closed",
		"b < *** server shutting down --STAMP",
		"b closed",
	};
	CONVERSE(NULL, rows);
}

/* The stop is over when all have taken what they are owed. */
static void test_stop_owes(void)
{
	struct converse c;

	converse_begin(&c, NULL);
	converse_row(&c, "a enters");
	converse_row(&c, "b enters");
	converse_row(&c, "a stalls");
	converse_row(&c, "all forgets");
	converse_row(&c, "stop");
	CHECK(chat_is_owing(c.chat));
	CHECK_INT(chat_clients(c.chat), 0);
	converse_row(&c, "b < *** server shutting down --STAMP");
	converse_row(&c, "b closed");
	CHECK(chat_is_owing(c.chat));
	converse_row(&c, "a reads");
	converse_row(&c, "a < *** server shutting down --STAMP");
	converse_row(&c, "a closed");
	CHECK(!chat_is_owing(c.chat));
	CHECK(converse_end(&c));
}

static void test_history_fails(void)
{
	struct settings settings = converse_settings;
	struct converse c;

	settings.operator_password = "sesame";
	converse_begin(&c, &settings);
	converse_row(&c, "o operates");
	converse_row(&c, "o > /nick o");
	converse_row(&c, "a enters");
	converse_row(&c, "all forgets");
	converse_row(&c, "log forgets");
	chat_history_failed(c.chat, 0, "No space left on device");
	converse_row(&c, "wait 0");
	converse_row(&c, "o < === the history can't be written: No space left on device");
	converse_row(&c,
		"log < the history can't be written: No space left on device. TIME: STAMP");
	/* Who becomes an operator meanwhile is told, too. */
	converse_row(&c, "p operates");
	converse_row(&c, "p < === chatd: you are #3, 3 of 8 online, /help for help");
	converse_row(&c, "p < === the history can't be written: No space left on device");
	converse_row(&c, "p > /quit");
	converse_row(&c, "p forgets");
	converse_row(&c, "p closed");
	converse_row(&c, "b connects");
	converse_row(&c, "b < === chatd: you are #3, 3 of 8 online, /help for help");
	converse_row(&c, "b nothing");
	converse_row(&c, "b > /op sesame");
	converse_row(&c, "b < === you are an operator now");
	converse_row(&c, "b < === the history can't be written: No space left on device");
	converse_row(&c, "b > /quit");
	converse_row(&c, "b forgets");
	converse_row(&c, "b closed");
	converse_row(&c, "all forgets");
	converse_row(&c, "log forgets");
	chat_history_works(c.chat, 0, 7);
	converse_row(&c, "q operates");
	converse_row(&c, "q < === chatd: you are #3, 3 of 8 online, /help for help");
	converse_row(&c, "o < === the history is written again, 7 lines are not in it");
	converse_row(&c,
		"log < the history is written again, 7 lines are not in it. TIME: STAMP");
	converse_row(&c, "o nothing");
	converse_row(&c, "a nothing");
	CHECK(converse_end(&c));
}

/* A successor takes over no reason that could move an operator's cursor. */
static void test_history_fault_is_text(void)
{
	static const char reason[] = "No space";
	static const struct {
		char byte;
		bool taken;
	} cases[] = {
		{ 'n', true }, { ' ', true }, { '~', true },
		{ '\n', false }, { '\x1b', false }, { '\x7f', false }, { '\x9b', false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct codec state = { 0 };
		struct chat *chat;
		struct converse c;
		const char *why;
		size_t at = 0;

		converse_begin(&c, NULL);
		chat_history_failed(c.chat, 0, reason);
		chat_save(c.chat, &state);
		while (memcmp(state.bytes + at, reason, sizeof(reason) - 1) != 0)
			at++;
		state.bytes[at] = (uint8_t)cases[i].byte;
		codec_rewind(&state);
		chat = chat_load(&state, &(struct chat_setup){ &c.settings, &c.log, NULL, c.now },
			&why);
		CHECK_INT(chat != NULL, cases[i].taken);
		chat_destroy(chat);
		codec_finish(&state);
		CHECK(converse_end(&c));
	}
}

static const struct unit_test tests[] = {
	{ "/op", test_op },
	{ "/op where there is none", test_no_operator_password },
	{ "/kick", test_kick },
	{ "kicked in the middle", test_kicked_in_the_middle },
	{ "/ban, /bans and /unban", test_ban },
	{ "prefixes of both families", test_ban_prefix },
	{ "a ban of this machine", test_ban_loopback },
	{ "what is no address", test_ban_of_no_address },
	{ "a log without texts", test_quiet_log },
	{ "a host's /64", test_ban_host },
	{ "/unban of an address that bans cover", test_unban },
	{ "bans with an end", test_ban_minutes },
	{ "bans refused", test_ban_refusals },
	{ "operators stay", test_operators_stay },
	{ "bans with a reason", test_ban_reason },
	{ "/motd", test_motd },
	{ "/motd and its file", test_motd_file },
	{ "/announce", test_announce },
	{ "/shutdown", test_shutdown },
	{ "a stop in order", test_stop },
	{ "a stop that owes something", test_stop_owes },
	{ "the history fails and works again", test_history_fails },
	{ "why the history fails is text", test_history_fault_is_text },
};

UNIT_MAIN(tests)
