/*
 * The room's password: nothing is seen before it, guessing is slow, and telnet hides it.
 */
#include "test/unit/converse.h"
#include "test/unit/unit.h"

#define IAC "\xff"
#define DONT "\xfe"
#define DO "\xfd"
#define WONT "\xfc"
#define WILL "\xfb"

static struct settings settings_with_password(const char *password)
{
	struct settings settings = converse_settings;

	settings.password = password;
	return settings;
}

static void converse_at_door(const char *const *rows, size_t count)
{
	struct settings settings = settings_with_password("open sesame");

	CHECK(converse_run(&settings, rows, count));
}

static void test_right(void)
{
	static const char *const rows[] = {
		"a connects",
		"a < === password:",
		"a nothing",
		"a > open sesame",
		"a < === chatd: you are #1, 1 of 8 online, /help for help",
		"a > /nick a",
		"a < *** a joined (1 online) --STAMP",
		"a > hello",
		"a < [a]: hello --STAMP",
		"b connects",
		"b < === password:",
		"b > open sesame\r",
		"b < === chatd: you are #2, 2 of 8 online, /help for help\r",
		"b < [a]: hello --STAMP\r",
		"wait 2000",
		"a < *** #2 joined (2 online) --STAMP",
		"b < *** #2 joined (2 online) --STAMP\r",
	};
	converse_at_door(ROWS(rows));
}

/* Neither the room nor who is in it, whatever is sent, and however long. */
static void test_nothing_is_seen(void)
{
	static const char *const rows[] = {
		"a connects",
		"a > open sesame\n/nick a",
		"a forgets",
		"b connects",
		"b < === password:",
		"a > a secret",
		"a > /nick alice",
		"a > /msg #2 psst",
		"a < [a]: a secret --STAMP",
		"a < *** a is now alice --STAMP",
		"a < !!! nobody here is called #2",
		"wait 59999",
		"b nothing",
		"a > /who",
		"a < === 1 online:",
		"a < === alice (you) since STAMP, idle 0 s",
		"wait 1",
		"b < !!! no password was given",
		"b closed",
		"c connects",
		"c < === password:",
		"c > /who",
		"wait 1000",
		"c < !!! wrong password",
		"c < === password:",
		"c ends",
		"c closed",
		"wait 60000",
		"a nothing",
	};
	converse_at_door(ROWS(rows));
}

static void test_wrong(void)
{
	static const char *const rows[] = {
		"a connects",
		"a < === password:",
		"a > open",
		"wait 999",
		"a nothing",
		"wait 1",
		"a < !!! wrong password",
		"a < === password:",
		"a > open sesame ",
		"wait 1999",
		"a nothing",
		"wait 1",
		"a < !!! wrong password",
		"a < === password:",
		"a > Open sesame",
		"wait 3999",
		"a nothing",
		"wait 1",
		"a < !!! wrong password",
		"a closed",
	};
	converse_at_door(ROWS(rows));
}

static void test_right_at_last(void)
{
	static const char *const rows[] = {
		"a connects",
		"a < === password:",
		"a > one\n\nopen sesame\nhello",
		"wait 3000",
		"a < !!! wrong password",
		"a < === password:",
		"a < !!! wrong password",
		"a < === password:",
		"a < === chatd: you are #1, 1 of 8 online, /help for help",
		"a < *** #1 joined (1 online) --STAMP",
		"a < [#1]: hello --STAMP",
	};
	converse_at_door(ROWS(rows));
}

/* The pause of one costs nobody else anything. */
static void test_pause_of_one(void)
{
	static const char *const rows[] = {
		"a connects",
		"a > open sesame",
		"b connects",
		"b > wrong",
		"all forgets",
		"a > hello",
		"a < *** #1 joined (1 online) --STAMP",
		"a < [#1]: hello --STAMP",
		"c connects",
		"c < === password:",
		"c > open sesame",
		"c < === chatd: you are #3, 3 of 8 online, /help for help",
		"c < [#1]: hello --STAMP",
		"b resets",
		"wait 1000",
		"b closed",
		"c ends",
		"c closed",
	};
	converse_at_door(ROWS(rows));
}

/* A line too long for a message is a wrong password, and no more than that. */
static void test_long(void)
{
	static const char *const rows[] = {
		"a connects",
		"a < === password:",
		"a > 0123456789012345678901234567890123456789012345678901234567890123x",
		"wait 1000",
		"a < !!! wrong password",
		"a < === password:",
		"a > 0123456789012345678901234567890123456789012345678901234567890123",
		"a < === chatd: you are #1, 1 of 8 online, messages up to 64 bytes, /help for help",
	};
	struct settings settings = settings_with_password(
		"0123456789012345678901234567890123456789012345678901234567890123");

	settings.max_message = 64;
	CONVERSE(&settings, rows);
}

static void test_patience(void)
{
	static const char *const rows[] = {
		"a connects",
		"a < === password:",
		"wait 59000",
		"a > wrong",
		"wait 1000",
		"a < !!! wrong password",
		"a < === password:",
		"wait 59999",
		"a nothing",
		"wait 1",
		"a < !!! no password was given",
		"a closed",
	};
	converse_at_door(ROWS(rows));
}

/* A password that is given as the last line, without LF, opens the door, and that is all. */
static void test_last_line(void)
{
	static const char *const rows[] = {
		"a connects",
		"a < === password:",
		"a >> open sesame",
		"a ends",
		"a < === chatd: you are #1, 1 of 8 online, /help for help",
		"a closed",
		"b connects",
		"b < === password:",
		"b > open sesame",
		"b >> hello",
		"b ends",
		"b < === chatd: you are #1, 1 of 8 online, /help for help",
		"b < *** #1 joined (1 online) --STAMP",
		"b < [#1]: hello --STAMP",
		"b closed",
		"c connects",
		"c < === password:",
		"c > wrong\nopen sesame\nhello",
		"c ends",
		"wait 1000",
		"c < !!! wrong password",
		"c < === password:",
		"c < === chatd: you are #1, 1 of 8 online, /help for help",
		"c < [#1]: hello --STAMP",
		"c < *** #1 joined (1 online) --STAMP",
		"c < [#1]: hello --STAMP",
		"c closed",
	};
	converse_at_door(ROWS(rows));
}

/* Who has ended its side is told all the same. */
static void test_wrong_last_line(void)
{
	static const char *const rows[] = {
		"a connects",
		"a < === password:",
		"a >> wrong",
		"a ends",
		"a nothing",
		"wait 1000",
		"a < !!! wrong password",
		"a < === password:",
		"a closed",
		"b connects",
		"b < === password:",
		"b > wrong\nwrong\nwrong\nwrong",
		"b ends",
		"wait 7000",
		"b < !!! wrong password",
		"b < === password:",
		"b < !!! wrong password",
		"b < === password:",
		"b < !!! wrong password",
		"b closed",
	};
	converse_at_door(ROWS(rows));
}

static void test_telnet_listener(void)
{
	static const char *const rows[] = {
		"a telnets",
		"a < BINARY=== password:\r",
		"a < " IAC WILL "\x01",
		"a > open sesame",
		"a < " IAC WONT "\x01" "=== chatd: you are #1, 1 of 8 online, /help for help\r",
	};
	converse_at_door(ROWS(rows));
}

static void test_telnet(void)
{
	static const char *const rows[] = {
		"a connects",
		"a < === password:",
		"a >> " IAC DO "\x03",
		"a < BINARY" IAC WONT "\x03" IAC WILL "\x01",
		"a >> " IAC DO "\x01",
		"a nothing",
		"a > wrong\r",
		"wait 1000",
		"a < !!! wrong password\r",
		"a < === password:\r",
		"a > open sesame\r",
		"a < " IAC WONT "\x01" "=== chatd: you are #1, 1 of 8 online, /help for help\r",
		"a >> " IAC DONT "\x01",
		"a nothing",
		"b connects",
		"b < === password:",
		"b > wrong\r",
		"wait 1000",
		"b < !!! wrong password\r",
		"b < === password:\r",
		"b >> " IAC WILL "\x1f",
		"b < BINARY" IAC DONT "\x1f" IAC WILL "\x01",
		"a forgets",
	};
	converse_at_door(ROWS(rows));
}

static void test_strangers(void)
{
	static const char *const rows[] = {
		"a connects",
		"a < === password:",
		"a > GET / HTTP/1.1\r",
		"a closed",
		"b connects",
		"b < === password:",
		"b >> \x16\x03\x01",
		"b closed",
	};
	converse_at_door(ROWS(rows));
}

static void test_log_keeps_it(void)
{
	static const char *const rows[] = {
		"a connects 127.0.0.1",
		"log < client (#1) connect from 127.0.0.1:5000, number of current clients: 1. "
		"TIME: STAMP",
		"a > wrong",
		"log < client #1 gave a wrong password. TIME: STAMP",
		"wait 1000",
		"a > open sesame",
		"a ends",
		"log < client #1 exit, number of current clients: 0. TIME: STAMP",
		"log nothing",
		"a forgets",
	};
	converse_at_door(ROWS(rows));
}

/* Permissions guard the listener for operators: nobody is asked there, nor has what is said go out. */
static void test_operators_are_not_asked(void)
{
	static const char *const rows[] = {
		"o operates unix",
		"o < === chatd: you are #1, 1 of 8 online, /help for help",
		"o > /ping",
		"o < === pong",
		"a connects",
		"a < === password:",
	};
	struct settings settings = converse_settings;

	settings.password = "sesame";
	CONVERSE(&settings, rows);
}

/* One that begins as another protocol does is taken all the same. */
static void test_protocol(void)
{
	static const char *const rows[] = {
		"a connects",
		"a < === password:",
		"a > GET / HTTP/1.1",
		"a < === chatd: you are #1, 1 of 8 online, /help for help",
		"b connects",
		"b < === password:",
		"b > USER x",
		"wait 1000",
		"b < !!! wrong password",
		"b < === password:",
	};
	struct settings settings = settings_with_password("GET / HTTP/1.1");

	if (!converse_is_late())
		CONVERSE(&settings, rows);
}

/* Without a password any more they come in, and what they type meanwhile is said. */
static void test_lifted(void)
{
	struct settings settings = settings_with_password("open sesame"), open = converse_settings;
	struct converse c;

	for (int typed = 0; typed < 2; typed++) {
		converse_begin(&c, &settings);
		converse_row(&c, "a telnets");
		converse_row(&c, "b connects");
		converse_row(&c, "b > wrong");
		converse_row(&c, "all forgets");
		CHECK_INT(converse_set(&c, &open), 0);
		if (typed == 1)
			converse_row(&c, "a > hello");
		else
			converse_row(&c, "wait 0");
		converse_row(&c, "a < \xff\xfc\x01=== chatd: you are #1, 2 of 8 online, /help for help\r");
		if (typed == 1)
			converse_row(&c, "a < *** #1 joined (1 online) --STAMP\r");
		if (typed == 1)
			converse_row(&c, "a < [#1]: hello --STAMP\r");
		converse_row(&c, "b < === chatd: you are #2, 2 of 8 online, /help for help");
		converse_row(&c, "all forgets");
		CHECK(converse_end(&c));
	}
}

static const struct unit_test tests[] = {
	{ "the right password", test_right },
	{ "nothing is seen before it", test_nothing_is_seen },
	{ "three wrong ones", test_wrong },
	{ "right at last", test_right_at_last },
	{ "the pause costs nobody else", test_pause_of_one },
	{ "longer than a message", test_long },
	{ "the door's patience", test_patience },
	{ "as the last line", test_last_line },
	{ "a wrong one as the last line", test_wrong_last_line },
	{ "telnet does not show it", test_telnet },
	{ "a telnet listener never shows it", test_telnet_listener },
	{ "strangers at the door", test_strangers },
	{ "the log does not tell it", test_log_keeps_it },
	{ "operators are not asked", test_operators_are_not_asked },
	{ "that looks like another protocol", test_protocol },
	{ "that is lifted", test_lifted },
};

UNIT_MAIN(tests)
