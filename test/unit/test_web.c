/*
 * The web listener against the core alone: requests and answers, WebSocket as browsers speak it,
 * and the close code for each end.
 */
#include <stdio.h>
#include <stdlib.h>

#include "test/unit/converse.h"
#include "test/unit/unit.h"

static const char handshake[] = "GET /ws HTTP/1.1\r\n"
	"Host: chat.example.org\r\n"
	"Connection: keep-alive, Upgrade\r\n"
	"Upgrade: websocket\r\n"
	"Sec-WebSocket-Version: 13\r\n"
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	"\r\n";

static const char switched[] = "HTTP/1.1 101 Switching Protocols\r\n"
	"Upgrade: websocket\r\n"
	"Connection: Upgrade\r\n"
	"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
	"\r\n";

static const char packed_page[] = "\x1f\x8b\x08\0\0\0\0\0\x02\x03"
	"\xb3)\xb0+HLO\x05\0" "Br\xd2\xd2\x07\0\0\0";

static struct settings settings_of(void)
{
	struct settings settings = converse_settings;

	settings.page = (struct settings_page){ { packed_page, sizeof(packed_page) - 1 }, 7, "policy" };
	return settings;
}

static struct person *person(struct converse *c, const char *name)
{
	for (size_t i = 0; i < c->count; i++)
		if (strcmp(c->people[i].name, name) == 0)
			return &c->people[i];
	abort();
}

/* What somebody has received since, as it is. */
static struct slice heard(struct converse *c, const char *name)
{
	struct buffer *b = &person(c, name)->heard;
	struct slice all = { b->bytes + b->at, b->len - b->at };

	b->at = b->len;
	return all;
}

static bool begins(struct slice text, const char *with)
{
	return text.len >= strlen(with) && memcmp(text.bytes, with, strlen(with)) == 0;
}

static bool holds(struct slice text, const char *what)
{
	size_t len = strlen(what);

	for (size_t i = 0; i + len <= text.len; i++)
		if (memcmp(text.bytes + i, what, len) == 0)
			return true;
	return false;
}

static bool ends(struct slice text, const char *with)
{
	size_t len = strlen(with);

	return text.len >= len && memcmp(text.bytes + text.len - len, with, len) == 0;
}

/*
 * What somebody has received since, frame by frame: "T" and a text, "P" and a ping's bytes, "O" and a
 * pong's, "C" and a close code, each before a '|'. NULL: no whole frames.
 */
static const char *frames(struct converse *c, const char *name)
{
	static char out[65536];
	struct slice in = heard(c, name);
	const uint8_t *bytes = (const uint8_t *)in.bytes;
	size_t at = 0, len = 0;

	while (at < in.len) {
		unsigned opcode = bytes[at] & 0xf;
		size_t size = bytes[at + 1];

		if ((bytes[at] & 0xf0) != 0x80)
			return NULL;
		at += 2;
		if (size == 126) {
			size = (size_t)(bytes[at] << 8 | bytes[at + 1]);
			at += 2;
		}
		if (size > 125 * 200 || at + size > in.len)
			return NULL;
		out[len++] = opcode == 1 ? 'T' : opcode == 9 ? 'P' : opcode == 10 ? 'O' : 'C';
		if (opcode == 8) {
			if (size >= 2)
				len += (size_t)sprintf(out + len, "%d", bytes[at] << 8 | bytes[at + 1]);
		} else {
			memcpy(out + len, bytes + at, size);
			len += size;
		}
		at += size;
		out[len++] = '|';
	}
	out[len] = '\0';
	return out;
}

/* A frame as a browser sends it. */
static void send_frame(struct converse *c, const char *name, unsigned first, const char *text,
	size_t len)
{
	static const uint8_t mask[4] = { 0x11, 0x82, 0xf3, 0x04 };
	uint8_t frame[8 + 4096];
	size_t at = 0;

	frame[at++] = (uint8_t)first;
	if (len < 126) {
		frame[at++] = (uint8_t)(0x80 | len);
	} else {
		frame[at++] = 0x80 | 126;
		frame[at++] = (uint8_t)(len >> 8);
		frame[at++] = (uint8_t)len;
	}
	memcpy(frame + at, mask, 4);
	at += 4;
	for (size_t i = 0; i < len; i++)
		frame[at++] = (uint8_t)(text[i] ^ mask[i % 4]);
	converse_send(c, name, frame, at);
}

static void say(struct converse *c, const char *name, const char *text)
{
	send_frame(c, name, 0x81, text, strlen(text));
}

/* Somebody comes in over WebSocket, and has taken note of the greeting. */
static void join(struct converse *c, const char *name)
{
	struct slice answer;

	converse_row(c, "%s browses", name);
	converse_send(c, name, handshake, sizeof(handshake) - 1);
	answer = heard(c, name);
	CHECK(begins(answer, switched));
}

/* The page as it stands in the program, and unpacked for others; a HEAD has the lengths of both. */
static void test_page(void)
{
	static const struct {
		const char *method, *field, *length;
		struct slice body;
	} cases[] = {
		{ "GET", "Accept-Encoding: gzip\r\n", "Content-Length: 27\r\n",
			{ packed_page, sizeof(packed_page) - 1 } },
		{ "HEAD", "Accept-Encoding: gzip\r\n", "Content-Length: 27\r\n", { "", 0 } },
		{ "HEAD", "", "Content-Length: 7\r\n", { "", 0 } },
		{ "GET", "", "Content-Length: 7\r\n", { "<p>page", 7 } },
		{ "GET", "Accept-Encoding: gzip;q=0\r\n", "Content-Length: 7\r\n", { "<p>page", 7 } },
	};
	struct settings settings = settings_of();
	struct converse c;

	converse_begin(&c, &settings);
	converse_row(&c, "a browses");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slice body = cases[i].body, answer;
		char request[128];

		converse_send(&c, "a", request, (size_t)sprintf(request,
			"%s / HTTP/1.1\r\nHost: a\r\n%s\r\n", cases[i].method, cases[i].field));
		answer = heard(&c, "a");
		CHECK(begins(answer, "HTTP/1.1 200 "));
		CHECK(holds(answer, cases[i].length));
		CHECK(holds(answer, "Vary: Accept-Encoding\r\n"));
		CHECK(answer.len > body.len + 4);
		answer.bytes += answer.len - body.len - 4;
		CHECK(memcmp(answer.bytes, "\r\n\r\n", 4) == 0);
		CHECK(memcmp(answer.bytes + 4, body.bytes, body.len) == 0);
	}
	converse_end(&c);
}

static void test_answers(void)
{
	static const struct {
		const char *request, *status, *end;
	} cases[] = {
		{ "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 ", "\r\n\r\n<p>page" },
		{ "GET /base/?x HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 ", "\r\n\r\n<p>page" },
		{ "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 ", "\r\n\r\n" },
		{ "GET /x/health HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 ", "\r\n\r\nok 0\n" },
		{ "GET /say HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 404 ", "\n" },
		{ "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 404 ", "\n" },
		{ "POST / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 405 ", "\n" },
		{ "GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400 ", "\n" },
		{ "GET /ws HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 426 ", "\n" },
		{ "GET / HTTP/3.0\r\nHost: a\r\n\r\n", "HTTP/1.1 505 ", "\n" },
	};
	struct settings settings = settings_of();

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (size_t chunk = 1; chunk < 3; chunk++) {
			struct converse c;
			struct slice answer;

			converse_begin(&c, &settings);
			c.chunk = chunk == 1 ? 1 : SIZE_MAX;
			converse_row(&c, "a browses");
			converse_send(&c, "a", cases[i].request, strlen(cases[i].request));
			answer = heard(&c, "a");
			CHECK(begins(answer, cases[i].status));
			CHECK(ends(answer, cases[i].end));
			CHECK_INT(chat_clients(c.chat), 0);
			CHECK(converse_end(&c));
		}
	}
}

static void test_keep_alive(void)
{
	static const char two[] = "GET /health HTTP/1.1\r\nHost: a\r\n\r\n"
		"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n";
	struct settings settings = settings_of();
	struct converse c;
	struct slice answer;

	converse_begin(&c, &settings);
	converse_row(&c, "a browses");
	converse_send(&c, "a", two, sizeof(two) - 1);
	answer = heard(&c, "a");
	CHECK(begins(answer, "HTTP/1.1 200 ") && ends(answer, "\r\n\r\n"));
	/* The next request may be for the WebSocket. */
	converse_send(&c, "a", handshake, sizeof(handshake) - 1);
	CHECK(begins(heard(&c, "a"), switched));
	CHECK_INT(chat_clients(c.chat), 1);
	converse_row(&c, "b browses");
	converse_row(&c, "wait 9999");
	CHECK_INT(person(&c, "b")->heard.len, 0);
	converse_row(&c, "wait 1");
	CHECK(begins(heard(&c, "b"), "HTTP/1.1 408 "));
	heard(&c, "a");
	CHECK(converse_end(&c));
}

static void test_lines(void)
{
	struct settings settings = settings_of();
	struct converse c;

	converse_begin(&c, &settings);
	join(&c, "a");
	say(&c, "a", "/nick alice");
	CHECK(strstr(frames(&c, "a"), "alice joined (1 online)") != NULL);
	converse_row(&c, "b enters");
	heard(&c, "a");
	/* Lines, an empty message, no erasing, a CR before an LF, a ping between fragments. */
	send_frame(&c, "a", 0x01, "on", 2);
	send_frame(&c, "a", 0x89, "ping", 4);
	CHECK_TEXT(frames(&c, "a"), 6, "Oping|");
	send_frame(&c, "a", 0x80, "e\r\ntw\bo\n", 8);
	say(&c, "a", "");
	converse_row(&c, "b < [alice]: one --STAMP");
	converse_row(&c, "b < [alice]: two --STAMP");
	converse_row(&c, "b nothing");
	CHECK(begins((struct slice){ frames(&c, "a"), 20 }, "T[alice]: one"));
	converse_row(&c, "b > hello");
	CHECK(strstr(frames(&c, "a"), "T[b]: hello") != NULL);
	converse_row(&c, "b forgets");
	CHECK(converse_end(&c));
}

/* Frames are whole however little is taken at once, also when the server is replaced meanwhile. */
static void test_cuts(void)
{
	struct settings settings = settings_of();

	for (int upgrades = 0; upgrades < 2; upgrades++) {
		struct converse c;
		const char *got;

		converse_begin(&c, &settings);
		join(&c, "a");
		converse_row(&c, "b enters");
		heard(&c, "a");
		c.upgrades = upgrades > 0;
		converse_row(&c, "a stalls");
		converse_row(&c, "b > first");
		converse_row(&c, "b > second");
		send_frame(&c, "a", 0x89, "x", 1);
		for (int i = 0; i < 200; i++) {
			converse_take(&c, "a", 1);
			if (i % 40 == 0)
				converse_row(&c, "b > more");
		}
		converse_row(&c, "a reads");
		got = frames(&c, "a");
		CHECK(got != NULL && strstr(got, "[b]: first --") != NULL);
		CHECK(got != NULL && strstr(got, "Ox|") != NULL);
		for (int i = 0; got != NULL && i < 5; i++) {
			got = strstr(got, "[b]: more --");
			CHECK(got != NULL);
			got = got != NULL ? got + 1 : NULL;
		}
		converse_row(&c, "b forgets");
		CHECK(converse_end(&c));
	}
}

/* A ping of which a part has come when the server is replaced. */
static void test_cut_control(void)
{
	static const char ping[] = "\x89\x84\0\0\0\0ping";
	struct settings settings = settings_of();
	struct converse c;

	converse_begin(&c, &settings);
	join(&c, "a");
	c.upgrades = true;
	converse_send(&c, "a", ping, 8);
	converse_row(&c, "wait 1");
	converse_send(&c, "a", ping + 8, 2);
	CHECK_TEXT(frames(&c, "a"), 6, "Oping|");
	CHECK(converse_end(&c));
}

/* One that is gone before it has its answer. */
static void test_gone(void)
{
	static const char request[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
	struct settings settings = settings_of();
	struct converse c;

	converse_begin(&c, &settings);
	converse_row(&c, "a browses");
	converse_row(&c, "a stalls");
	converse_send(&c, "a", request, sizeof(request) - 1);
	person(&c, "a")->reset = true;
	converse_row(&c, "a reads");
	converse_row(&c, "a closed");
	CHECK(converse_end(&c));
}

static void check_close(void (*end)(struct converse *c), const char *code)
{
	struct settings settings = settings_of();
	struct converse c;
	const char *got;

	settings.operator_password = "secret";
	settings.idle_timeout = 40;
	converse_begin(&c, &settings);
	converse_row(&c, "o operates");
	join(&c, "a");
	say(&c, "a", "/nick alice");
	heard(&c, "a");
	end(&c);
	got = frames(&c, "a");
	CHECK(got != NULL && ends((struct slice){ got, strlen(got) }, code));
	converse_row(&c, "o forgets");
	CHECK(converse_end(&c));
}

static void quit(struct converse *c)
{
	say(c, "a", "/quit");
}

static void shut_down(struct converse *c)
{
	converse_row(c, "stop");
}

static void kick(struct converse *c)
{
	converse_row(c, "o > /kick alice");
}

static void ban(struct converse *c)
{
	converse_row(c, "o > /ban alice");
}

static void send_binary(struct converse *c)
{
	send_frame(c, "a", 0x82, "x", 1);
}

static void send_unmasked(struct converse *c)
{
	converse_send(c, "a", "\x81\x01x", 3);
}

static void send_bad_text(struct converse *c)
{
	send_frame(c, "a", 0x81, "\xff", 1);
}

static void send_close(struct converse *c)
{
	send_frame(c, "a", 0x88, "\x03\xe8", 2);
}

static void send_empty_close(struct converse *c)
{
	send_frame(c, "a", 0x88, "", 0);
}

static void be_idle(struct converse *c)
{
	converse_row(c, "wait 25000");
	send_frame(c, "a", 0x8a, "", 0);
	converse_row(c, "wait 16000");
}

static void test_close_codes(void)
{
	check_close(quit, "C1000|");
	check_close(shut_down, "C1001|");
	check_close(kick, "C4001|");
	check_close(ban, "C4003|");
	check_close(be_idle, "C4011|");
	check_close(send_binary, "C1003|");
	check_close(send_unmasked, "C1002|");
	check_close(send_bad_text, "C1007|");
	check_close(send_close, "C1000|");
	check_close(send_empty_close, "C|");
}

static bool is_shut(struct converse *c, const char *name)
{
	return (chat_wants(c->chat, (uint32_t)person(c, name)->place) & CHAT_SHUT) != 0;
}

/* The server ends its side when both have closed, or it can't tell any more what the peer says. */
static void test_ends(void)
{
	static const struct {
		void (*end)(struct converse *c);
		bool is_at_once;
	} cases[] = {
		{ quit, false },
		{ kick, false },
		{ send_binary, true },
		{ send_unmasked, true },
		{ send_bad_text, true },
		{ send_close, true },
	};
	struct settings settings = settings_of();

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct converse c;

		converse_begin(&c, &settings);
		converse_row(&c, "o operates");
		join(&c, "a");
		say(&c, "a", "/nick alice");
		converse_row(&c, "a clings");
		cases[i].end(&c);
		CHECK_INT(is_shut(&c, "a"), cases[i].is_at_once);
		send_close(&c);
		CHECK(is_shut(&c, "a"));
		converse_row(&c, "all forgets");
		CHECK(converse_end(&c));
	}
}

static void test_refusals(void)
{
	struct settings settings = settings_of();
	struct converse c;
	struct slice answer;

	settings.max_clients = 1;
	converse_begin(&c, &settings);
	join(&c, "a");
	converse_row(&c, "b browses");
	converse_send(&c, "b", handshake, sizeof(handshake) - 1);
	answer = heard(&c, "b");
	CHECK(begins(answer, switched));
	person(&c, "b")->heard.at -= answer.len - (sizeof(switched) - 1);
	CHECK(begins((struct slice){ frames(&c, "b"), 70 },
		"T!!! server full (1 of 1 clients), try again later\n|C1013|"));
	heard(&c, "a");
	CHECK(converse_end(&c));
}

/* Connections of one browser, of which --max-per-host allows one. */
static void test_spare_connections(void)
{
	static const char request[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
	struct settings settings = settings_of();
	struct converse c;

	settings.max_per_host = 1;
	converse_begin(&c, &settings);
	converse_row(&c, "a browses 192.0.2.1");
	converse_row(&c, "b browses 192.0.2.1");
	converse_row(&c, "z browses 192.0.2.2");
	converse_send(&c, "b", request, sizeof(request) - 1);
	CHECK(begins(heard(&c, "b"), "HTTP/1.1 200 "));
	converse_row(&c, "a closed");
	converse_row(&c, "c browses 192.0.2.1");
	converse_send(&c, "c", handshake, sizeof(handshake) - 1);
	CHECK(begins(heard(&c, "c"), switched));
	converse_row(&c, "b closed");
	CHECK_INT(chat_clients(c.chat), 1);
	converse_row(&c, "d browses 192.0.2.1");
	converse_send(&c, "d", request, sizeof(request) - 1);
	CHECK(begins(heard(&c, "d"), "HTTP/1.1 429 "));
	converse_row(&c, "z nothing");
	CHECK(converse_end(&c));
}

static void test_silence(void)
{
	struct settings settings = settings_of();
	struct converse c;

	converse_begin(&c, &settings);
	join(&c, "a");
	say(&c, "a", "hello");
	heard(&c, "a");
	converse_row(&c, "wait 29999");
	CHECK_TEXT(frames(&c, "a"), 0, "");
	converse_row(&c, "wait 500");
	CHECK_TEXT(frames(&c, "a"), 2, "P|");
	send_frame(&c, "a", 0x8a, "", 0);
	converse_row(&c, "wait 30500");
	CHECK_TEXT(frames(&c, "a"), 2, "P|");
	CHECK_INT(chat_clients(c.chat), 1);
	converse_row(&c, "wait 20500");
	CHECK_INT(chat_clients(c.chat), 0);
	CHECK(converse_end(&c));
}

/* One who has to wait for its turn is not read from, and so not asked either. */
static void test_silence_in_a_slow_room(void)
{
	struct settings settings = settings_of();
	struct converse c;

	converse_begin(&c, &settings);
	converse_row(&c, "o operates");
	converse_row(&c, "o > /slow 120");
	converse_row(&c, "o forgets");
	join(&c, "a");
	say(&c, "a", "hello");
	heard(&c, "a");
	for (int i = 0; i < 4; i++) {
		converse_row(&c, "wait 29000");
		send_frame(&c, "a", 0x8a, "", 0);
	}
	CHECK_INT(chat_clients(c.chat), 2);
	CHECK_TEXT(frames(&c, "a"), 0, "");
	converse_row(&c, "wait 34500");
	CHECK_TEXT(frames(&c, "a"), 2, "P|");
	converse_row(&c, "o forgets");
	CHECK(converse_end(&c));
}

static void test_readers(void)
{
	struct settings settings = settings_of();
	struct converse c;

	converse_begin(&c, &settings);
	c.web.is_readonly = true;
	converse_row(&c, "a browses");
	converse_send(&c, "a", handshake, sizeof(handshake) - 1);
	CHECK(holds(heard(&c, "a"), "you are #1, 1 of 8 online, for reading, /help for help\n"));
	converse_row(&c, "b enters");
	say(&c, "a", "hello");
	CHECK(strstr(frames(&c, "a"), "!!! this door is for reading\n") != NULL);
	converse_row(&c, "wait 3000");
	converse_row(&c, "b > /who");
	converse_row(&c, "b < === 1 online:");
	converse_row(&c, "b forgets");
	converse_row(&c, "b > hello");
	CHECK(strstr(frames(&c, "a"), "T[b]: hello") != NULL);
	converse_row(&c, "b forgets");
	CHECK(converse_end(&c));
}

static void test_says(void)
{
	static const struct {
		const char *head, *body, *status;
	} cases[] = {
		/* A CR is an end, too; a line of which nothing is left is none. */
		{ "Authorization: Bearer 0123456789abcdef\r\nContent-Type: text/plain\r\n",
			"one\n\x1b[m\n\n/two\rthree\r\n", "HTTP/1.1 202 " },
		{ "Authorization: Bearer 0123456789abcdef\r\nContent-Type: text/plain\r\n", "\x1b[m\n",
			"HTTP/1.1 422 " },
		{ "Authorization: Bearer 0123456789abcdeX\r\nContent-Type: text/plain\r\n", "x",
			"HTTP/1.1 401 " },
		{ "Content-Type: text/plain\r\n", "x", "HTTP/1.1 401 " },
		{ "Authorization: Bearer 0123456789abcdef\r\n", "x", "HTTP/1.1 415 " },
		{ "Authorization: Bearer 0123456789abcdef\r\nContent-Type: text/plain\r\n", " \n",
			"HTTP/1.1 422 " },
	};
	struct settings settings = settings_of();

	settings.bots = "backup 0123456789abcdef\n";
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct converse c;
		char request[512];
		int len = snprintf(request, sizeof(request), "POST /say HTTP/1.1\r\nHost: a\r\n%s"
			"Content-Length: %zu\r\n\r\n%s", cases[i].head, strlen(cases[i].body),
			cases[i].body);

		converse_begin(&c, &settings);
		converse_row(&c, "b enters");
		converse_row(&c, "a browses");
		converse_send(&c, "a", request, (size_t)len);
		CHECK(begins(heard(&c, "a"), cases[i].status));
		if (i == 0) {
			converse_row(&c, "b < [backup]: one --STAMP");
			converse_row(&c, "b < [backup]: /two --STAMP");
			converse_row(&c, "b < [backup]: three --STAMP");
		}
		converse_row(&c, "b > /nick Backup");
		converse_row(&c, "b < !!! the nick Backup is taken");
		converse_row(&c, "b > /ignore backup");
		converse_row(&c, "b < === you ignore backup from now on");
		CHECK(converse_end(&c));
	}
}

/* A bot that has said as much as it may is not forgiven by an upgrade. */
static void test_rate_of_a_bot(void)
{
	static const char request[] = "POST /say HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\n"
		"Authorization: Bearer one\r\nContent-Length: 4\r\n\r\nx\ny\n";
	struct settings settings = settings_of();
	struct converse c;

	settings.bots = "# who may, and with what\nother two\n\n #backup no\nbackup one\n";
	settings.rate = 1;
	settings.burst = 2;
	converse_begin(&c, &settings);
	c.upgrades = true;
	converse_row(&c, "a browses");
	converse_send(&c, "a", request, sizeof(request) - 1);
	CHECK(begins(heard(&c, "a"), "HTTP/1.1 202 "));
	converse_send(&c, "a", request, sizeof(request) - 1);
	CHECK(begins(heard(&c, "a"), "HTTP/1.1 429 "));
	converse_row(&c, "wait 2000");
	converse_row(&c, "b browses");
	converse_send(&c, "b", request, sizeof(request) - 1);
	CHECK(begins(heard(&c, "b"), "HTTP/1.1 202 "));
	CHECK(converse_end(&c));
}

/* A bot's room, and one that is not there. */
static void test_says_in_a_room(void)
{
	static const char body[] = "POST /say HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\n"
		"Authorization: Bearer %s\r\nContent-Length: 5\r\n\r\nhello";
	static const struct room_settings tea = { .name = "Tea", .feed_bytes = 64 * 1024 };
	struct settings settings = settings_of();
	struct converse c;
	char request[256];

	settings.bots = "backup one #tea\nother two nowhere\n";
	settings.rooms = &tea;
	settings.room_count = 1;
	converse_begin(&c, &settings);
	converse_row(&c, "b visits Tea");
	converse_row(&c, "c connects");
	converse_row(&c, "all forgets");
	converse_row(&c, "a browses");
	converse_send(&c, "a", request, (size_t)sprintf(request, body, "one"));
	CHECK(begins(heard(&c, "a"), "HTTP/1.1 202 "));
	converse_row(&c, "b < [backup]: hello --STAMP");
	converse_send(&c, "a", request, (size_t)sprintf(request, body, "two"));
	CHECK(begins(heard(&c, "a"), "HTTP/1.1 422 "));
	converse_row(&c, "c nothing");
	CHECK(converse_end(&c));
}

static const struct unit_test tests[] = {
	{ "the page", test_page },
	{ "requests and answers", test_answers },
	{ "requests on one connection", test_keep_alive },
	{ "lines over WebSocket", test_lines },
	{ "frames that are taken bit by bit", test_cuts },
	{ "a control frame cut by an upgrade", test_cut_control },
	{ "one that is gone before its answer", test_gone },
	{ "the close code for each end", test_close_codes },
	{ "the end of the server's side", test_ends },
	{ "a WebSocket that is refused", test_refusals },
	{ "spare connections of a browser", test_spare_connections },
	{ "a browser that is silent", test_silence },
	{ "a browser that waits for its turn", test_silence_in_a_slow_room },
	{ "a listener for reading", test_readers },
	{ "lines said over HTTP", test_says },
	{ "the rate of a bot", test_rate_of_a_bot },
	{ "lines said over HTTP in a room", test_says_in_a_room },
};

UNIT_MAIN(tests)
