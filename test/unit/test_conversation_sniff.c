/*
 * Strangers are closed without a word to the room; telnet is understood and never seen.
 */
#include "test/unit/converse.h"
#include "test/unit/unit.h"

#include <stdlib.h>

#define IAC "\xff"
#define DONT "\xfe"
#define DO "\xfd"
#define WONT "\xfc"
#define WILL "\xfb"
#define SB "\xfa"
#define EL "\xf8"
#define EC "\xf7"
#define SE "\xf0"

#define PROXY "a PROXY header, which this listener does not expect"

struct opening {
	const char *bytes;
	size_t len; /* 0: up to NUL */
	const char *what; /* in the log */
};

static const struct opening strangers[] = {
	{ "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n", 0, "HTTP" },
	{ "HEAD /x?y=z HTTP/1.0\r\n", 0, "HTTP" },
	{ "OPTIONS * HTTP/1.1\n", 0, "HTTP" },
	{ "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 0, "HTTP" },
	{ "POST http://[::1]/ HTTP/1.1\r\n", 0, "HTTP" },
	{ "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11, "TLS" },
	{ "OPTIONS / RTSP/1.0\r\nCSeq: 1\r\n\r\n", 0, "a request" },
	{ "OPTIONS sip:nm SIP/2.0\r\nVia: SIP/2.0/TCP nm\r\n", 0, "a request" },
	{ "EHLO x\r\n", 0, "SMTP" },
	{ "*1\r\n$4\r\nPING\r\n", 0, "Redis" },
	{ "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\nhi\r\n", 0, PROXY },
	{ "SSH-2.0-OpenSSH_9.2\r\n", 0, "SSH" },
	{ "SSH-2.0-OpenSSH_9.2\n", 0, "SSH" },
	{ "SSH-\n", 0, "SSH" },
	{ "hello\0there\n", 12, "binary" },
	{ "\0", 1, "binary" },
	{ "a\x01\n", 0, "binary" },
	{ "\x04", 0, "binary" },
	{ "some text that is long enough\x07\n", 0, "binary" },
	{ "/nick \x1f\n", 0, "binary" },
	{ "\x80\x03\x01", 3, "binary" },
};

static const struct opening people[] = {
	{ "GET off my lawn\n", 0, NULL },
	{ "HTTP/1.1\n", 0, NULL },
	{ "hello HTTP/1.1\n", 0, NULL },
	{ "GET / HTTP/\n", 0, NULL },
	{ "SSH is nice\n", 0, NULL },
	{ "ssh-2.0\n", 0, NULL },
	{ "tab\tcr\rbs\besc\x1b[A\x7f\n", 0, NULL },
	{ "high \x80\x9f\xe2\x82\xac\n", 0, NULL },
	{ "telnet\r\0again\n", 14, NULL },
	{ IAC DO "\x06" "hello\n", 0, NULL },
};

/* A alien leaves no trace but in the log, however its bytes are cut. */
static void test_strangers(void)
{
	for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++) {
		const struct opening *s = &strangers[i];
		size_t len = s->len > 0 ? s->len : strlen(s->bytes);

		for (size_t chunk = 1; chunk <= len; chunk++) {
			struct converse c;

			converse_begin(&c, NULL);
			converse_row(&c, "a enters");
			converse_row(&c, "b connects");
			converse_row(&c, "b forgets");
			converse_row(&c, "log forgets");
			c.chunk = chunk;
			converse_send(&c, "b", s->bytes, len);
			converse_row(&c, "b closed");
			converse_row(&c, "wait 60000");
			converse_row(&c, "a nothing");
			converse_row(&c, "log < client (#2) is no chat client: %s", s->what);
			converse_row(&c,
				"log < client #2 exit, number of current clients: 1. TIME: STAMP");
			if (!converse_end(&c)) {
				printf("# that was number %zu in pieces of %zu\n", i, chunk);
				CHECK(!"turned away");
				return;
			}
		}
	}
}

/* IRC clients are told what this is, and the room hears nothing of them. */
static void test_irc(void)
{
	static const char *const openings[] = { "CAP LS 302\r\nNICK al\r\nUSER al 0 * :Al\r\n",
		"NICK al\r\nUSER al 0 * :Al\r\n", "USER al 0 * :Al\r\n", "PASS secret\r\nNICK al\r\n" };

	for (size_t i = 0; i < sizeof(openings) / sizeof(openings[0]); i++) {
		for (size_t chunk = 1; chunk <= strlen(openings[i]); chunk++) {
			struct converse c;

			converse_begin(&c, NULL);
			converse_row(&c, "a enters");
			converse_row(&c, "b connects");
			converse_row(&c, "b forgets");
			converse_row(&c, "log forgets");
			c.chunk = chunk;
			converse_send(&c, "b", openings[i], strlen(openings[i]));
			converse_row(&c, "log < client (#2) is no chat client: IRC");
			converse_row(&c, "b < !!! this is not an IRC server: come with nc, telnet or "
				"chatc, and choose a name with /nick NAME%s",
				strcspn(openings[i], "\n") % chunk == 0 ? "" : "\r");
			converse_row(&c, "log forgets");
			converse_row(&c, "b closed");
			converse_row(&c, "wait 60000");
			converse_row(&c, "a nothing");
			CHECK(converse_end(&c));
		}
	}
}

/* The same port behind a front end that sends version 2: the log warns, and nobody is told. */
static void test_proxy_2(void)
{
	static const char header[] = "\r\n\r\n\0\r\nQUIT\n\x20\0\0\0";

	for (size_t cut = 0; cut <= 12; cut++) {
		struct converse c;

		converse_begin(&c, NULL);
		converse_row(&c, "a enters");
		converse_row(&c, "b connects");
		converse_row(&c, "b forgets");
		converse_row(&c, "log forgets");
		converse_send(&c, "b", header, cut);
		converse_send(&c, "b", header + cut, sizeof(header) - 1 - cut);
		converse_row(&c, "b closed");
		converse_row(&c, "wait 60000");
		converse_row(&c, "a nothing");
		converse_row(&c, "log < client (#2) is no chat client: " PROXY);
		converse_row(&c, "log forgets");
		CHECK(converse_end(&c));
	}
}

static void test_people(void)
{
	for (size_t i = 0; i < sizeof(people) / sizeof(people[0]); i++) {
		const struct opening *p = &people[i];
		size_t len = p->len > 0 ? p->len : strlen(p->bytes);

		for (size_t chunk = 1; chunk <= len; chunk++) {
			struct converse c;

			converse_begin(&c, NULL);
			converse_row(&c, "a enters");
			converse_row(&c, "b connects");
			c.chunk = chunk;
			converse_send(&c, "b", p->bytes, len);
			converse_row(&c, "a < *** #2 joined (2 online) --STAMP");
			converse_row(&c, "all forgets");
			if (!converse_end(&c)) {
				printf("# that was number %zu in pieces of %zu\n", i, chunk);
				CHECK(!"let in");
				return;
			}
		}
	}
}

/* A request line, or a banner, that is longer than a message may be. */
static void test_long_strangers(void)
{
	static const char *const heads[] = { "GET /", "SSH-2.0-" };

	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		for (size_t chunk = 100; chunk < 10000; chunk *= 10) {
			struct converse c;
			char x[2000];

			memset(x, 'x', sizeof(x));
			converse_begin(&c, NULL);
			converse_row(&c, "a enters");
			converse_row(&c, "b connects");
			converse_row(&c, "b forgets");
			c.chunk = chunk;
			converse_row(&c, "b > %s%.*s HTTP/1.1\r\nHost: x\r", heads[i], 2000, x);
			converse_row(&c, "b closed");
			converse_row(&c, "a nothing");
			CHECK(converse_end(&c));
		}
	}
}

/* Later lines may have anything in them: it is dropped, and nobody is thrown out for it. */
static void test_only_the_first_line(void)
{
	static const char *const rows[] = {
		"a enters",
		"a > GET / HTTP/1.1",
		"a < [a]: GET / HTTP/1.1 --STAMP",
		"a > x\x01\x16\x03y",
		"a < [a]: xy --STAMP",
		"a > SSH-2.0-x",
		"a < [a]: SSH-2.0-x --STAMP",
	};
	CONVERSE(NULL, rows);
}

static void test_telnet_is_never_seen(void)
{
	static const char *const rows[] = {
		"b enters",
		"a connects",
		"a forgets",
		"a >> he" IAC EC "e" IAC DO "\x03" "l" IAC SB "\x18" "\x01junk\n" IAC IAC IAC SE
		"lo" IAC,
		"a >> " "\xf1" "!" IAC WILL,
		"a >> \x1f\r\n",
		"b < *** #2 joined (2 online) --STAMP",
		"b < [#2]: hello! --STAMP",
		"a < BINARY" IAC WONT "\x03" IAC DONT "\x1f" "*** #2 joined (2 online) --STAMP\r",
		"a < [#2]: hello! --STAMP\r",
		"a > wrong" IAC EL "right",
		"all forgets",
		"a > /replay 1",
		"a < === the last messages again:\r",
		"a < [#2]: right --STAMP\r",
	};
	CONVERSE(NULL, rows);
}

static void test_telnet_is_refused_once(void)
{
	static const char *const rows[] = {
		"a enters",
		"a >> " IAC DO "\x01" IAC DO "\x01" IAC WILL "\x22" IAC WILL "\x22",
		"a < BINARY" IAC WONT "\x01" IAC DONT "\x22",
		"a >> " IAC DONT "\x01" IAC WONT "\x22" IAC DO "\x01",
		"a nothing",
		"a >> " IAC DO "\x06" IAC DO "\x06",
		"a < " IAC WILL "\x06" IAC WILL "\x06",
	};
	CONVERSE(NULL, rows);
}

/* However the bytes are cut, what stands behind a negotiation is answered with CR LF. */
static void test_telnet_ends_lines(void)
{
	static const char bytes[] = IAC SB "\x18" "\x01" IAC SE "/op\n/me\n";

	for (size_t cut = 1; cut < sizeof(bytes); cut++) {
		struct converse c;

		converse_begin(&c, NULL);
		converse_row(&c, "a enters");
		converse_send(&c, "a", bytes, cut);
		converse_send(&c, "a", bytes + cut, sizeof(bytes) - 1 - cut);
		converse_row(&c, "a < BINARY!!! usage: /op PASSWORD\r");
		converse_row(&c, "a < !!! usage: /me TEXT\r");
		CHECK(converse_end(&c));
	}
}

static void test_carriage_return_nul(void)
{
	struct converse c;

	converse_begin(&c, NULL);
	converse_row(&c, "a connects");
	converse_row(&c, "a >> " IAC DO "\x06");
	converse_row(&c, "a forgets");
	converse_send(&c, "a", "one\r\0two\r\n", 10);
	converse_row(&c, "a < *** #1 joined (1 online) --STAMP\r");
	converse_row(&c, "a < [#1]: one --STAMP\r");
	converse_row(&c, "a < [#1]: two --STAMP\r");
	converse_send(&c, "a", IAC IAC "\n", 3);
	converse_row(&c, "a < [#1]: \xef\xbf\xbd --STAMP\r");
	CHECK(converse_end(&c));
}

/* On a listener of its own a client of telnet need say nothing first. */
static void test_telnet_listener(void)
{
	static const char *const rows[] = {
		"a telnets",
		"a < BINARY=== chatd: you are #1, 1 of 8 online, /help for help\r",
		"a >> " IAC WONT "\x01" IAC DO "\x03",
		"a < " IAC WONT "\x03",
		"a > hi",
		"a < *** #1 joined (1 online) --STAMP\r",
		"a < [#1]: hi --STAMP\r",
	};
	CONVERSE(NULL, rows);
}

static void test_telnet_listener_refuses(void)
{
	static const char *const rows[] = {
		"a enters",
		"b telnets",
		"b < !!! server full (1 of 1 clients), try again later\r",
		"b closed",
	};
	struct settings settings = converse_settings;

	settings.max_clients = 1;
	CONVERSE(&settings, rows);
}

/* Telnet's EOF ends the input as a FIN does; what comes after it does not count. */
static void test_telnet_eof(void)
{
	static const char bytes[] = "one\r\n" "two\xff\xec" "three\r\n";

	for (size_t chunk = 1; chunk < sizeof(bytes); chunk++) {
		struct converse c;

		converse_begin(&c, NULL);
		converse_row(&c, "b enters");
		converse_row(&c, "a enters");
		converse_row(&c, "all forgets");
		c.chunk = chunk;
		converse_send(&c, "a", bytes, sizeof(bytes) - 1);
		converse_row(&c, "b < [a]: one --STAMP");
		converse_row(&c, "b < [a]: two --STAMP");
		converse_row(&c, "b < *** a left (1 online) --STAMP");
		converse_row(&c, "a forgets");
		converse_row(&c, "a closed");
		CHECK(converse_end(&c));
	}
}

/* … once what was asked for before it is answered. */
static void test_telnet_eof_waits(void)
{
	static const char *const rows[] = {
		"b enters",
		"a enters",
		"all forgets",
		"a stalls",
		"a >> /who\n/op" "\xff\xec",
		"a >> no more\n",
		"a ends",
		"a reads",
		"a < === 2 online:",
		"a < === b since STAMP, idle 0 s",
		"a < === a (you) since STAMP, idle 0 s",
		"a < BINARY!!! usage: /op PASSWORD",
		"a closed",
		"b < *** a left (1 online) --STAMP",
	};
	CONVERSE(NULL, rows);
}

/* Answers to telnet are not without bound for one who does not read them. */
static void test_telnet_flood(void)
{
	for (int door = 0; door < 2; door++) {
		static char flood[300000];
		struct settings settings = converse_settings;
		struct converse c;
		uint32_t place;

		settings.password = door ? "sesame" : NULL;
		converse_begin(&c, &settings);
		converse_row(&c, "a connects");
		converse_row(&c, "a forgets");
		converse_row(&c, "a stalls");
		for (size_t i = 0; i < sizeof(flood); i++)
			flood[i] = (IAC DO "\x06")[i % 3];
		converse_send(&c, "a", flood, sizeof(flood));
		place = (uint32_t)c.people[0].place;
		CHECK((chat_wants(c.chat, place) & CHAT_READ) == 0);
		CHECK(c.people[0].said.at < 2 * CHAT_READ_MAX);
		converse_row(&c, "a resets");
		converse_row(&c, "a reads");
		CHECK(converse_end(&c));
	}
}

static const struct unit_test tests[] = {
	{ "strangers leave no trace", test_strangers },
	{ "IRC clients are told", test_irc },
	{ "a PROXY header of version 2", test_proxy_2 },
	{ "people are no strangers", test_people },
	{ "strangers with a long first line", test_long_strangers },
	{ "only the first line tells strangers", test_only_the_first_line },
	{ "telnet is understood and never seen", test_telnet_is_never_seen },
	{ "telnet's options are refused once", test_telnet_is_refused_once },
	{ "telnet's negotiation ends lines with CR LF", test_telnet_ends_lines },
	{ "CR NUL and IAC IAC", test_carriage_return_nul },
	{ "a telnet listener", test_telnet_listener },
	{ "a telnet listener refuses", test_telnet_listener_refuses },
	{ "telnet's EOF ends the input", test_telnet_eof },
	{ "telnet's EOF waits for answers", test_telnet_eof_waits },
	{ "telnet's answers are bounded", test_telnet_flood },
};

UNIT_MAIN(tests)
