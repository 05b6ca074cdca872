/*
 * Coming back to a server that is full, or that takes no more from one's address, while the old
 * connection holds a place: it is one's own.
 */
#include "test/unit/converse.h"
#include "test/unit/unit.h"

#define TOKEN_1 "01010101010101010101010101010101"
#define TOKEN_2 "02020202020202020202020202020202"
#define FULL "!!! server full (2 of 2 clients), try again later"
#define BACK "!!! you have come back on another connection"

static struct settings settings_for_two(void)
{
	struct settings settings = converse_settings;

	settings.max_clients = 2;
	return settings;
}

static void test_takes_its_own_place(void)
{
	static const char *const rows[] = {
		"alice enters",
		"bob enters",
		"alice forgets",
		"bob > /resume",
		"bob < === resume 2 " TOKEN_1,
		"alice > hello",
		"alice < [alice]: hello --STAMP",
		"bob < @3 EPOCH [alice]: hello --STAMP",
		"bob stalls",
		"alice > again",
		"alice < [alice]: again --STAMP",
		"log forgets",
		"b connects",
		"b < " FULL,
		"b nothing",
		"b > /resume 3 " TOKEN_1 " 0",
		"b < === chatd: you are #2, 2 of 2 online, /help for help",
		"b < === resume 3 " TOKEN_1,
		"b < === said 0 of 0",
		"b < @4 EPOCH [alice]: again --STAMP",
		"b > I am back",
		"alice < [bob]: I am back --STAMP",
		"b < @5 EPOCH [bob]: I am back --STAMP",
		"bob reads",
		"bob < @4 EPOCH [alice]: again --STAMP",
		"bob < " BACK,
		"bob closed",
		"log < connect from 192.0.2.3:5002 refused: server full (2 of 2 clients), try again later. TIME: STAMP",
		"log < client #2 (bob) exit, number of current clients: 1. TIME: STAMP",
		"log < client (#2) connect from 192.0.2.3:5002, number of current clients: 2. TIME: STAMP",
		"log < client #2 (bob) is back. TIME: STAMP",
		"log < client #2 (bob): I am back --STAMP",
		"wait 60000",
	};
	struct settings settings = settings_for_two();

	if (!converse_is_late())
		CONVERSE(&settings, rows);
}

/* Who is not that one is closed in good order, as everybody was before. */
static void test_others(void)
{
	static const char *const lines[] = {
		"x > hello",
		"x > /resume",
		"x > /resume 3",
		"x > /resume 3 " TOKEN_2,
		"x > /resume x " TOKEN_2 " 0",
		"x > /resume 3 " TOKEN_1 " 0 and more",
		"x > /who",
		"x >> GET / HTTP/1.1\r\n",
		"x ends",
		"x resets",
		"wait 1000",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct settings settings = settings_for_two();
		struct converse c;

		converse_begin(&c, &settings);
		converse_row(&c, "alice enters");
		converse_row(&c, "alice > /resume");
		converse_row(&c, "bob enters");
		converse_row(&c, "all forgets");
		converse_row(&c, "x connects");
		converse_row(&c, "x < " FULL);
		converse_row(&c, "wait 999");
		converse_row(&c, "x nothing");
		converse_row(&c, "%s", lines[i]);
		converse_row(&c, "x closed");
		converse_row(&c, "alice > hello");
		converse_row(&c, "bob < [alice]: hello --STAMP");
		converse_row(&c, "alice forgets");
		CHECK(converse_end(&c));
	}
}

/* Where nobody has a token nobody is waited for. */
static void test_without_tokens(void)
{
	static const char *const rows[] = {
		"alice enters",
		"bob enters",
		"bob > /resume",
		"bob > /quit",
		"bob forgets",
		"carol enters",
		"alice forgets",
		"x connects",
		"x < " FULL,
		"x closed",
	};
	struct settings settings = settings_for_two();

	CONVERSE(&settings, rows);
}

/* The password is asked for as of anybody, and the line that was shown counts after it. */
static void test_password(void)
{
	static const char *const rows[] = {
		"bob connects",
		"bob > sesame",
		"bob > /nick bob",
		"bob > /resume",
		"bob forgets",
		"x connects",
		"x < !!! server full (1 of 1 clients), try again later",
		"x > /resume 1 " TOKEN_1,
		"x < === password:",
		"x nothing",
		"bob < " BACK,
		"bob closed",
		"x > wrong",
		"wait 1000",
		"x < !!! wrong password",
		"x < === password:",
		"x > sesame",
		"x < === chatd: you are #1, 1 of 1 online, /help for help",
		"x < === resume 1 " TOKEN_1,
		"x > hello",
		"x < @2 EPOCH [bob]: hello --STAMP",
	};
	static const char *const gone[] = {
		"bob connects",
		"bob > sesame",
		"bob > /nick bob",
		"bob > /resume",
		"bob forgets",
		"x connects",
		"x forgets",
		"x > /resume 1 " TOKEN_1,
		"x forgets",
		"bob forgets",
		"x ends",
		"x closed",
		"bob connects",
		"bob < === password:",
	};
	struct settings settings = converse_settings;

	settings.max_clients = 1;
	settings.password = "sesame";
	CONVERSE(&settings, rows);
	CONVERSE(&settings, gone);
}

/* From an address that has as many as may be, only by a token of one of these. */
static void test_host(void)
{
	static const char *const rows[] = {
		"alice connects 192.0.2.7",
		"alice > /nick alice",
		"alice > /resume",
		"bob connects 192.0.2.8",
		"bob > /nick bob",
		"bob > /resume",
		"all forgets",
		"x connects 192.0.2.8",
		"x < !!! too many connections from your address",
		"x > /resume 2 " TOKEN_1,
		"x closed",
		"x connects 192.0.2.8",
		"x < !!! too many connections from your address",
		"x > /resume 2 " TOKEN_2,
		"x < === chatd: you are #2, 2 of 2 online, /help for help",
		"x < === resume 2 " TOKEN_2,
		"bob < " BACK,
		"bob closed",
	};
	struct settings settings = settings_for_two();

	settings.max_per_host = 1;
	CONVERSE(&settings, rows);
}

static void test_banned(void)
{
	static const char *const rows[] = {
		"alice operates",
		"bob enters",
		"bob > /resume",
		"alice > /ban 192.0.2.9",
		"all forgets",
		"x connects 192.0.2.9",
		"x < !!! you are banned from this server",
		"x closed",
	};
	struct settings settings = settings_for_two();

	CONVERSE(&settings, rows);
}

/* What has come on the old connection, and waits for its turn, is dealt with first. */
static void test_what_waits(void)
{
	static const char *const rows[] = {
		"bob enters",
		"wait 9000",
		"bob > /resume",
		"wait 9000",
		"bob >> one\ntwo\nhalf",
		"bob forgets",
		"x connects",
		"x < !!! server full (1 of 1 clients), try again later",
		"x > /resume 2 " TOKEN_1 " 3",
		"x closed",
		"wait 2000",
		"bob < @3 EPOCH [bob]: two --STAMP",
		"x connects",
		"x < !!! server full (1 of 1 clients), try again later",
		"x > /resume 3 " TOKEN_1 " 3",
		"x forgets",
		"bob < " BACK,
		"bob closed",
		"x > /ping",
		"x < === pong",
	};
	struct settings settings = converse_settings;

	settings.max_clients = 1;
	settings.rate = settings.burst = 1;
	if (!converse_is_late())
		CONVERSE(&settings, rows);
}

/* Telnet, and what follows the line in one piece. */
static void test_pieces(void)
{
	static const char line[] = "\xff\xfb\x18\r\n/resume 1 " TOKEN_1 " 0\r\nhello\r\nagain\r\n";

	for (size_t chunk = 1; chunk <= sizeof(line); chunk++) {
		struct settings settings = settings_for_two();
		struct converse c;

		converse_begin(&c, &settings);
		converse_row(&c, "alice enters");
		converse_row(&c, "bob enters");
		converse_row(&c, "bob > /resume");
		converse_row(&c, "all forgets");
		c.chunk = chunk;
		converse_row(&c, "x connects");
		converse_send(&c, "x", line, sizeof(line) - 1);
		converse_row(&c, "alice < [bob]: hello --STAMP");
		converse_row(&c, "alice < [bob]: again --STAMP");
		converse_row(&c, "bob < " BACK);
		converse_row(&c, "all forgets");
		converse_row(&c, "x > /ping here");
		converse_row(&c, "x < === pong here\r");
		CHECK(converse_end(&c));
	}
}

static void test_telnet_listener(void)
{
	static const char *const rows[] = {
		"bob telnets",
		"bob > sesame",
		"bob > /nick bob",
		"bob > /resume",
		"bob forgets",
		"x telnets",
		"x < !!! server full (1 of 1 clients), try again later\r",
		"x < BINARY",
		"x > /resume 1 " TOKEN_1,
		"x < === password:\r",
		"x < \xff\xfb\x01",
		"x > sesame",
		"x < \xff\xfc\x01=== chatd: you are #1, 1 of 1 online, /help for help\r",
		"x < === resume 1 " TOKEN_1 "\r",
		"bob forgets",
	};
	struct settings settings = converse_settings;

	settings.max_clients = 1;
	settings.password = "sesame";
	CONVERSE(&settings, rows);
}

/* Its listener's rights are a newcomer's own. */
static void test_operators_listener(void)
{
	static const char *const rows[] = {
		"bob operates",
		"bob > /nick bob",
		"bob > /resume",
		"bob forgets",
		"x operates",
		"x < !!! server full (1 of 1 clients), try again later",
		"x > /resume 1 " TOKEN_1,
		"x < === chatd: you are #1, 1 of 1 online, /help for help",
		"x < === resume 1 " TOKEN_1,
		"x > /kick nobody",
		"x < !!! nobody here is called nobody",
		"bob < " BACK,
		"bob closed",
	};
	struct settings settings = converse_settings;

	settings.max_clients = 1;
	CONVERSE(&settings, rows);
}

static const struct unit_test tests[] = {
	{ "the old place is its own", test_takes_its_own_place },
	{ "others are refused", test_others },
	{ "nobody is waited for without tokens", test_without_tokens },
	{ "a password", test_password },
	{ "too many from an address", test_host },
	{ "banned", test_banned },
	{ "what waits on the old connection", test_what_waits },
	{ "telnet, in pieces", test_pieces },
	{ "a telnet listener", test_telnet_listener },
	{ "an operators' listener", test_operators_listener },
};

UNIT_MAIN(tests)
