/*
 * Limits: how many, how fast, how long, and what happens there.
 */
#include <limits.h>

#include "test/unit/converse.h"
#include "test/unit/unit.h"

static void test_full(void)
{
	struct settings settings = converse_settings;
	struct converse c;

	settings.max_clients = SETTINGS_CLIENTS;
	settings.announce_max = 0;
	converse_begin(&c, &settings);
	for (int i = 0; i < SETTINGS_CLIENTS; i++)
		converse_row(&c, "p%d enters", i);
	converse_row(&c, "log forgets");
	converse_row(&c, "x connects 192.0.2.9");
	converse_row(&c, "x < !!! server full (256 of 256 clients), try again later");
	converse_row(&c, "x closed");
	converse_row(&c, "log < connect from 192.0.2.9:5256 refused: server full (256 of 256 "
		"clients), try again later. TIME: STAMP");
	converse_row(&c, "p0 > the room goes on");
	converse_row(&c, "all < [p0]: the room goes on --STAMP");
	converse_row(&c, "p100 > /quit");
	converse_row(&c, "x connects");
	converse_row(&c, "x < === chatd: you are #101, 256 of 256 online, /help for help");
	converse_row(&c, "x < [p0]: the room goes on --STAMP");
	converse_row(&c, "y connects");
	converse_row(&c, "y < !!! server full (256 of 256 clients), try again later");
	converse_row(&c, "y closed");
	CHECK(converse_end(&c));
}

/* Even many at once who do not end are told, and none takes a client that becomes free. */
static void test_full_for_many(void)
{
	struct settings settings = converse_settings;
	struct converse c;

	settings.max_clients = 1;
	settings.announce_max = 0;
	converse_begin(&c, &settings);
	converse_row(&c, "a enters");
	c.stalled = true;
	for (int i = 0; i < CHAT_REFUSALS - 1; i++)
		converse_row(&c, "p%d connects", i);
	CHECK(chat_may_connect(c.chat));
	converse_row(&c, "a > /quit");
	converse_row(&c, "a closed");
	converse_row(&c, "p0 reads");
	converse_row(&c, "p0 < !!! server full (1 of 1 clients), try again later");
	converse_row(&c, "p0 closed");
	converse_row(&c, "a connects");
	converse_row(&c, "a reads");
	converse_row(&c, "a < === chatd: you are #1, 1 of 1 online, /help for help");
	/* Nobody is waited for longer than a little. */
	converse_row(&c, "wait 5000");
	for (int i = 1; i < CHAT_REFUSALS - 1; i++)
		converse_row(&c, "p%d closed", i);
	CHECK(converse_end(&c));
}

/* Sends what a place is owed; true if that was the line that tells it is full. */
static bool tell(struct converse *c, uint32_t place)
{
	static const char full[] = "!!! server full (1 of 1 clients), try again later\n";
	struct iovec iov[CHAT_IOV];
	int count = chat_output(c->chat, place, iov);
	size_t len = sizeof(full) - 1;
	bool told = count == 1 && iov[0].iov_len == len && memcmp(iov[0].iov_base, full, len) == 0;

	if (count > 0)
		chat_sent(c->chat, place, iov[0].iov_len);
	return told;
}

/* A room for one, who is there. */
static void begin_full(struct converse *c)
{
	struct settings settings = converse_settings;

	settings.max_clients = 1;
	converse_begin(c, &settings);
	converse_row(c, "a enters");
}

/* As many more as are let in, up to most; returns how many. All are told that it is full. */
static int refuse(struct converse *c, int most)
{
	struct address from = { .family = ADDRESS_V4 };
	int count = 0;

	for (; count < most && chat_may_connect(c->chat); count++)
		CHECK(tell(c, (uint32_t)chat_connect(c->chat, &from, 0, NULL)));
	return count;
}

/* Frees the places of those who make room; returns how many of the others do not. */
static int count_left(struct converse *c)
{
	int left = 0;

	for (uint32_t i = 1; i < chat_places(c->chat) - CHAT_WEB; i++)
		if (chat_wants(c->chat, i) & CHAT_FREE)
			chat_release(c->chat, i);
		else
			left++;
	return left;
}

/*
 * Many at once who do not end: as many as there are places for, and when these have been told half
 * of them make room.
 */
static void test_full_for_more(void)
{
	struct address from = { .family = ADDRESS_V4 };
	struct converse c;

	begin_full(&c);
	for (int turn = 0; turn < 5; turn++) {
		CHECK_INT(refuse(&c, INT_MAX), turn == 0 ? CHAT_REFUSALS : CHAT_REFUSALS / 2);
		CHECK_INT(chat_connect(c.chat, &from, 0, NULL), -1);
		CHECK(chat_deadline(c.chat) <= c.now.usec);
		/* Some turns are within the same microsecond. */
		c.now.usec += turn % 2;
		chat_tick(c.chat);
		CHECK_INT(count_left(&c), CHAT_REFUSALS / 2);
	}
	CHECK(converse_end(&c));
}

/* Who has quit goes on in such a place too: where it is the last, room is made at once. */
static void test_full_of_quitters(void)
{
	struct converse c;

	begin_full(&c);
	converse_row(&c, "a clings");
	CHECK_INT(refuse(&c, CHAT_REFUSALS - 1), CHAT_REFUSALS - 1);
	converse_row(&c, "a > /quit");
	CHECK(!chat_may_connect(c.chat));
	count_left(&c);
	CHECK(chat_may_connect(c.chat));
	CHECK(converse_end(&c));
}

/* One who is leaving still holds its client: full is full. */
static void test_full_of_leaving(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"b stalls",
		"a > something for b",
		"b > /quit",
		"a forgets",
		"c connects",
		"c < !!! server full (2 of 2 clients), try again later",
		"c closed",
		"b reads",
		"b < [a]: something for b --STAMP",
		"b closed",
		"c connects",
		"c < === chatd: you are #2, 2 of 2 online, /help for help",
		"c < [a]: something for b --STAMP",
	};
	struct settings settings = converse_settings;

	settings.max_clients = 2;
	CONVERSE(&settings, rows);
}

static void test_per_host(void)
{
	static const char *const rows[] = {
		"a enters 192.0.2.1",
		"b enters 192.0.2.1",
		"c connects 192.0.2.1",
		"c < !!! too many connections from your address",
		"c closed",
		"c enters 192.0.2.2",
		"d enters 2001:db8:0:1::1",
		"e enters 2001:db8:0:1:ffff:ffff:ffff:ffff",
		"f connects 2001:db8:0:1::2",
		"f < !!! too many connections from your address",
		"f closed",
		"f enters 2001:db8:0:2::1",
		"b > /quit",
		"b enters 192.0.2.1",
		"u enters unix",
		"v enters unix",
		"all forgets",
	};
	struct settings settings = converse_settings;

	settings.max_per_host = 2;
	CONVERSE(&settings, rows);
}

static void test_per_host_local(void)
{
	static const char *const rows[] = {
		"a enters 127.0.0.1",
		"b enters 127.0.0.1",
		"c connects 127.0.0.1",
		"c < !!! too many connections from your address",
		"c closed",
		"d enters 127.0.0.2",
		"e enters ::1",
		"f enters ::1",
		"g connects ::1",
		"g < !!! too many connections from your address",
		"g closed",
		"all forgets",
	};
	static const char *const exempt[] = {
		"a enters 127.0.0.1",
		"b enters 127.0.0.1",
		"c enters ::1",
		"d enters ::1",
		"all forgets",
	};
	struct settings settings = converse_settings;

	settings.max_per_host = 1;
	CONVERSE(&settings, exempt);
	settings.max_per_host_local = 2;
	CONVERSE(&settings, rows);
}

/* Whoever is at the door counts, who is leaving does not. */
static void test_per_host_at_the_door(void)
{
	static const char *const rows[] = {
		"a connects 192.0.2.1",
		"a < === password:",
		"b connects 192.0.2.1",
		"b < !!! too many connections from your address",
		"b closed",
		"a > sesame",
		"a < === chatd: you are #1, 1 of 8 online, /help for help",
		"a stalls",
		"a > /help",
		"a > /quit",
		"b connects 192.0.2.1",
		"b < === password:",
		"a reads",
		"a forgets",
	};
	struct settings settings = converse_settings;

	settings.max_per_host = 1;
	settings.password = "sesame";
	CONVERSE(&settings, rows);
}

/* A burst, then so many a second: the rest waits, unread, and nothing is lost. */
static void test_rate(void)
{
	struct settings settings = converse_settings;
	struct converse c;

	settings.rate = 10;
	settings.burst = 5;
	converse_begin(&c, &settings);
	converse_row(&c, "a enters");
	converse_row(&c, "b enters");
	converse_row(&c, "wait 10000");
	for (int i = 0; i < 20; i++)
		converse_send(&c, "a", "line\n", 5);
	converse_row(&c, "wait 0");
	for (int i = 0; i < 5; i++)
		converse_row(&c, "all < [a]: line --STAMP");
	converse_row(&c, "all nothing");
	/* Another's message passes at once. */
	converse_row(&c, "b > mine");
	converse_row(&c, "all < [b]: mine --STAMP");
	for (int i = 5; i < 20; i++) {
		converse_row(&c, "wait 99");
		converse_row(&c, "all nothing");
		converse_row(&c, "wait 1");
		converse_row(&c, "all < [a]: line --STAMP");
	}
	/* Half a second of silence is worth five lines. */
	converse_row(&c, "wait 500");
	converse_row(&c, "a > 1\n2\n3\n4\n5\n6");
	for (int i = 1; i <= 5; i++)
		converse_row(&c, "all < [a]: %d --STAMP", i);
	converse_row(&c, "all nothing");
	converse_row(&c, "wait 100");
	converse_row(&c, "all < [a]: 6 --STAMP");
	CHECK(converse_end(&c));
}

/* Commands, and lines that are too long, cost as messages do; blank ones cost nothing. */
static void test_rate_of_others(void)
{
	static const char *const rows[] = {
		"a connects",
		"a forgets",
		"a > \n \n\n\n/op x\n/nope\n/ignore x\n/op x",
		"a < !!! this server has no operator password",
		"a < !!! unknown command /nope, did you mean /op?",
		"a < !!! nobody here is called x",
		"a nothing",
		"wait 999",
		"a nothing",
		"wait 1",
		"a < !!! this server has no operator password",
	};
	struct settings settings = converse_settings;

	settings.rate = 1;
	settings.burst = 3;
	CONVERSE(&settings, rows);
}

static void test_burst_of_one(void)
{
	static const char *const rows[] = {
		"a connects",
		"a forgets",
		"a > 1\n2",
		"a < *** #1 joined (1 online) --STAMP",
		"a < [#1]: 1 --STAMP",
		"wait 999",
		"a nothing",
		"wait 1",
		"a < [#1]: 2 --STAMP",
	};
	struct settings settings = converse_settings;

	settings.rate = 1;
	settings.burst = 1;
	CONVERSE(&settings, rows);
}

static void test_no_rate(void)
{
	struct converse c;
	static char lines[200000];

	for (size_t i = 0; i < sizeof(lines); i++)
		lines[i] = "x\n"[i % 2];
	converse_begin(&c, NULL);
	converse_row(&c, "a enters");
	converse_send(&c, "a", lines, sizeof(lines));
	for (size_t i = 0; i < sizeof(lines) / 2; i++) {
		size_t len;
		const char *line = converse_line(&c, "a", &len);

		if (line == NULL || len != 6 + 3 + STAMP_LEN) {
			CHECK(!"a line");
			break;
		}
	}
	CHECK(converse_end(&c));
}

/* How much is read from one who is over the rate is bounded: the rest stays in the kernel. */
static void test_rate_reads_no_more(void)
{
	struct settings settings = converse_settings;
	struct converse c;
	static char lines[200000];

	for (size_t i = 0; i < sizeof(lines); i++)
		lines[i] = "x\n"[i % 2];
	settings.rate = 1;
	settings.burst = 1;
	converse_begin(&c, &settings);
	converse_row(&c, "a enters");
	converse_send(&c, "a", lines, sizeof(lines));
	CHECK(c.people[0].said.at <= CHAT_READ_MAX + 16);
	converse_row(&c, "a forgets");
	converse_row(&c, "a resets");
	CHECK(converse_end(&c));
}

static void test_idle(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"c connects",
		"a forgets",
		"b forgets",
		"c forgets",
		"wait 2000",
		"all < *** #3 joined (3 online) --STAMP",
		"wait 7999",
		"all nothing",
		"b > still here",
		"all < [b]: still here --STAMP",
		"wait 1",
		"a < !!! idle for 10 seconds, disconnected",
		"a closed",
		"c < *** a left (timed out) --STAMP",
		"c < !!! idle for 10 seconds, disconnected",
		"c closed",
		"b < *** a left (timed out) --STAMP",
		"b < *** #3 left (timed out) --STAMP",
		"wait 9998",
		"b nothing",
		"wait 1",
		"b < !!! idle for 10 seconds, disconnected",
		"b closed",
	};
	struct settings settings = converse_settings;

	/* Two are timed out in one moment: whether the one still sees the other go depends on the order. */
	if (converse_is_late())
		return;
	settings.idle_timeout = 10;
	CONVERSE(&settings, rows);
}

/* Less than the time after which it would be announced. */
static void test_idle_for_a_second(void)
{
	static const char *const rows[] = {
		"a connects",
		"a < === chatd: you are #1, 1 of 8 online, /help for help",
		"wait 999",
		"a nothing",
		"wait 1",
		"a < !!! idle for 1 seconds, disconnected",
		"a closed",
	};
	struct settings settings = converse_settings;

	settings.idle_timeout = 1;
	CONVERSE(&settings, rows);
}

static void test_never_idle(void)
{
	static const char *const rows[] = {
		"a enters",
		"wait 1000000000",
		"a > still here",
		"a < [a]: still here --STAMP",
	};
	struct converse c;

	converse_begin(&c, NULL);
	converse_rows(&c, ROWS(rows) - 1);
	CHECK(chat_deadline(c.chat) == TIME_NEVER);
	converse_row(&c, "a < [a]: still here --Mon Oct 31 11:10:45 2022");
	CHECK(converse_end(&c));
}

/* An idle room asks for no wake-up, whoever is in it and has come and gone. */
static void test_no_wake_up(void)
{
	static const char *const rows[] = {
		"a enters",
		"b connects",
		"c enters",
		"d connects",
		"d resets",
		"c > /quit",
		"a > hello",
		"wait 5000",
	};
	struct settings settings = converse_settings;
	struct converse c;

	settings.rate = SETTINGS_RATE;
	converse_begin(&c, &settings);
	converse_rows(&c, ROWS(rows));
	CHECK(chat_deadline(c.chat) == TIME_NEVER);
	converse_row(&c, "a forgets");
	converse_row(&c, "b forgets");
	converse_row(&c, "c forgets");
	converse_row(&c, "d forgets");
	CHECK(converse_end(&c));
}

/* A client's own commands wait until it has read the answers. */
static void test_commands_wait(void)
{
	struct converse c;
	static char lines[120000];

	for (size_t i = 0; i < sizeof(lines); i++)
		lines[i] = "/help\n"[i % 6];
	converse_begin(&c, NULL);
	converse_row(&c, "a enters");
	converse_row(&c, "b enters");
	converse_row(&c, "a forgets");
	converse_row(&c, "b stalls");
	converse_send(&c, "b", lines, sizeof(lines));
	converse_row(&c, "b > said behind them");
	converse_row(&c, "a nothing");
	CHECK(c.people[1].said.at < CHAT_READ_MAX + 16);
	converse_row(&c, "b reads");
	converse_row(&c, "a < [b]: said behind them --STAMP");
	converse_row(&c, "b forgets");
	CHECK(converse_end(&c));
}

/* What can be changed while it runs takes effect at once. */
static void test_settings_change(void)
{
	struct settings settings = converse_settings;
	struct converse c;

	converse_begin(&c, NULL);
	converse_row(&c, "a enters");
	settings.max_message = 64;
	settings.name = "new";
	settings.motd = "changed";
	settings.max_per_host = 1;
	settings.idle_timeout = 3;
	CHECK_INT(converse_set(&c, &settings), 0);
	converse_row(&c, "a > 01234567890123456789012345678901234567890123456789012345678901234");
	converse_row(&c, "a < !!! message too long (65 bytes, at most 64): not sent");
	converse_row(&c, "b connects");
	converse_row(&c, "b < === new: you are #2, 2 of 8 online, messages up to 64 bytes, "
		"/help for help");
	converse_row(&c, "b < === changed");
	converse_row(&c, "b ends");
	converse_row(&c, "log forgets");
	/* The feed is as large as it was. */
	settings.max_message = MESSAGE_MAX;
	CHECK_INT(converse_set(&c, &settings), 0);
	converse_row(&c, "wait 0");
	converse_row(&c, "log < max-message is %zu: the feed has no room for more before a restart", feed_message_max(settings.feed_bytes));
	CHECK(FEED_LINES_MIN * feed_line_max(feed_message_max(settings.feed_bytes)) <=
		settings.feed_bytes);
	CHECK(FEED_LINES_MIN * feed_line_max(feed_message_max(settings.feed_bytes) + 1) >
		settings.feed_bytes);
	CHECK_INT(feed_message_max(0), 0);
	converse_row(&c, "wait 3000");
	converse_row(&c, "a < !!! idle for 3 seconds, disconnected");
	converse_row(&c, "a closed");
	CHECK(converse_end(&c));
}

/* Whoever has used up much of a rate owes a line of another one at most, and none where none is. */
static void test_new_rate(void)
{
	static const char *const faster[] = {
		"a > 1\n2\n3",
		"a nothing",
		"wait 99",
		"a nothing",
		"wait 1",
		"a < [a]: 1 --STAMP",
		"wait 99",
		"a nothing",
		"wait 1",
		"a < [a]: 2 --STAMP",
	};
	static const char *const again[] = {
		"a > 4\n5\n6\n7",
		"a < [a]: 4 --STAMP",
		"a < [a]: 5 --STAMP",
		"a < [a]: 6 --STAMP",
		"wait 99",
		"a nothing",
		"wait 1",
		"a < [a]: 7 --STAMP",
	};
	struct settings settings = converse_settings;
	struct converse c;

	settings.rate = 1;
	settings.burst = 100;
	converse_begin(&c, &settings);
	converse_row(&c, "a enters");
	for (int i = 0; i < 99; i++)
		converse_row(&c, "a > x");
	for (int i = 0; i < 99; i++)
		converse_row(&c, "a < [a]: x --STAMP");
	settings.rate = 10;
	settings.burst = 3;
	CHECK_INT(converse_set(&c, &settings), 0);
	converse_rows(&c, ROWS(faster));
	settings.rate = 0;
	CHECK_INT(converse_set(&c, &settings), 0);
	converse_row(&c, "wait 0");
	converse_row(&c, "a < [a]: 3 --STAMP");
	settings.rate = 10;
	CHECK_INT(converse_set(&c, &settings), 0);
	converse_rows(&c, ROWS(again));
	CHECK(converse_end(&c));
}

static const struct unit_test tests[] = {
	{ "server full", test_full },
	{ "server full, for many who do not read", test_full_for_many },
	{ "server full, for more than there are places", test_full_for_more },
	{ "full of quitters", test_full_of_quitters },
	{ "server full of who is leaving", test_full_of_leaving },
	{ "clients from one address", test_per_host },
	{ "clients from a loopback address", test_per_host_local },
	{ "clients at the door and on their way out", test_per_host_at_the_door },
	{ "rate and burst", test_rate },
	{ "what counts for the rate", test_rate_of_others },
	{ "a burst of one", test_burst_of_one },
	{ "no rate", test_no_rate },
	{ "over the rate no more is read", test_rate_reads_no_more },
	{ "idle timeout", test_idle },
	{ "idle for a second", test_idle_for_a_second },
	{ "no idle timeout", test_never_idle },
	{ "no wake-up for nothing", test_no_wake_up },
	{ "commands wait for their answers to be read", test_commands_wait },
	{ "settings change", test_settings_change },
	{ "a new rate", test_new_rate },
};

UNIT_MAIN(tests)
