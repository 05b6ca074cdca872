/*
 * Telnet: what is text, what is answered, and that it is the same wherever packets cut it.
 */
#include "proto/telnet.h"
#include "test/unit/unit.h"

#include <stdlib.h>

#define IAC "\xff"
#define DONT "\xfe"
#define DO "\xfd"
#define WONT "\xfc"
#define WILL "\xfb"
#define SB "\xfa"
#define GA "\xf9"
#define EL "\xf8"
#define EC "\xf7"
#define AYT "\xf6"
#define NOP "\xf1"
#define SE "\xf0"

enum { STORY_SIZE = 4096 };

/* The text as it is, and among it "$" EOF, "<" EC, "^" EL, "(-WONT+)" an answer. */
struct story {
	char text[STORY_SIZE];
	size_t len;
};

static void put(struct story *s, const void *bytes, size_t len)
{
	if (len <= sizeof(s->text) - s->len) {
		memcpy(s->text + s->len, bytes, len);
		s->len += len;
	}
}

static void tell(struct story *s, enum telnet_event event, const struct telnet_span *span)
{
	switch (event) {
	case TELNET_DATA:
		CHECK(span->len > 0);
		put(s, span->bytes, span->len);
		break;
	case TELNET_ANSWER:
		CHECK_INT(span->len, TELNET_ANSWER_MAX);
		put(s, "(", 1);
		put(s, span->bytes, span->len);
		put(s, ")", 1);
		break;
	case TELNET_EOF:
		put(s, "$", 1);
		break;
	case TELNET_ERASE_CHARACTER:
		put(s, "<", 1);
		break;
	case TELNET_ERASE_LINE:
		put(s, "^", 1);
		break;
	default:
		CHECK(!"an event that there is not");
	}
}

static void feed(struct telnet *t, const char *piece, size_t len, struct story *s)
{
	uint8_t *copy = malloc(len + 1);
	const uint8_t *in = copy;
	struct telnet_span span;
	enum telnet_event event;

	memcpy(copy, piece, len);
	while ((event = telnet_next(t, &in, copy + len, &span)) != TELNET_NONE)
		tell(s, event, &span);
	CHECK(in == copy + len);
	free(copy);
}

struct row {
	const char *in;
	size_t in_len;
	const char *out;
	size_t out_len;
};

#define ROW(in, out) { in, sizeof(in) - 1, out, sizeof(out) - 1 }

static const struct row rows[] = {
	ROW("", ""),
	ROW("hello\r\nworld\n", "hello\r\nworld\n"),
	ROW("\xf0\x9f\x98\x80\xc3\xbf", "\xf0\x9f\x98\x80\xc3\xbf"),
	ROW("a\0b\r\r\n", "a\0b\r\r\n"),
	ROW("\0\0\0", "\0\0\0"),
	/* Line ends are not telnet's business. */
	ROW("a\r\0b\r\n\0", "a\r\0b\r\n\0"),
	ROW(IAC WONT "\x01" "a\r\0b\r\n\r\r\0", "a\r\0b\r\n\r\r\0"),
	ROW("a\r" IAC NOP "\0b", "a\r\0b"),
	ROW("a\r" IAC IAC "b", "a\r\xff" "b"),
	ROW("a\r" IAC EC "b\r" IAC EL "c", "a\r<b\r^c"),
	/* Commands. */
	ROW(IAC IAC, "\xff"),
	ROW("a" IAC IAC IAC IAC "b", "a\xff\xff" "b"),
	ROW("a" IAC NOP "b" IAC AYT "c" IAC GA "d\xff\xef" "e\xff\xed" "f" IAC SE "g", "abcdefg"),
	ROW("a\xff\xec", "a$"),
	ROW("a\xff\xec" "b\xff\xec", "a$b$"),
	ROW("a" IAC EC "b" IAC EL "c", "a<b^c"),
	ROW("a" IAC "b" IAC "\n" IAC "\xeb" "c", "ab\n\xeb" "c"),
	/* Each option is refused once, DO and WILL apart; DONT and WONT need no answer. */
	ROW(IAC WILL "\x1f" "x", "(" IAC DONT "\x1f" ")x"),
	ROW(IAC DO "\x1f" "x", "(" IAC WONT "\x1f" ")x"),
	ROW(IAC WONT "\x1f" IAC DONT "\x1f" "x", "x"),
	ROW(IAC WILL "\x1f" IAC WILL "\x1f" IAC WILL "\x20" "x",
		"(" IAC DONT "\x1f" ")(" IAC DONT "\x20" ")x"),
	ROW(IAC DO "\x01" IAC WILL "\x01" IAC DO "\x01",
		"(" IAC WONT "\x01" ")(" IAC DONT "\x01" ")"),
	ROW(IAC DO "\x01" IAC DONT "\x01" IAC DO "\x01", "(" IAC WONT "\x01" ")"),
	ROW(IAC WILL "\x02" IAC DO "\xff" IAC WILL "\xff",
		"(" IAC DONT "\x02" ")(" IAC WONT "\xff" ")(" IAC DONT "\xff" ")"),
	/* BINARY is agreed to, each way by itself, and given up as easily. */
	ROW(IAC WILL "\0" IAC WILL "\0" IAC DO "\0" IAC DO "\0",
		"(" IAC DO "\0" ")(" IAC WILL "\0" ")"),
	ROW(IAC WONT "\0" IAC DONT "\0" "x", "x"),
	ROW(IAC WILL "\0" IAC WONT "\0" IAC WONT "\0" IAC WILL "\0",
		"(" IAC DO "\0" ")(" IAC DONT "\0" ")(" IAC DO "\0" ")"),
	ROW(IAC DO "\0" IAC DONT "\0" IAC DONT "\0" IAC DO "\0",
		"(" IAC WILL "\0" ")(" IAC WONT "\0" ")(" IAC WILL "\0" ")"),
	/* Ctrl-C in a telnet client: AO or IP, then DO TIMING-MARK. */
	ROW("a\xff\xf4\xff\xfd\x06" "b\xff\xfd\x06" "c",
		"a(" IAC WILL "\x06" ")b(" IAC WILL "\x06" ")c"),
	ROW(IAC WILL "\x06" IAC WILL "\x06", "(" IAC DONT "\x06" ")"),
	/* Subnegotiations. */
	ROW("a" IAC SB "\x18\0xterm\r\n" IAC SE "b", "ab"),
	ROW("a" IAC SB IAC SE "b" IAC SB "\x18" IAC IAC SE IAC SE "c", "abc"),
	ROW("a" IAC SB "\x1f\0\xff\0\x18" IAC SE "b", "ab"),
	ROW("a" IAC SB "\x18" IAC SB "\x18" IAC DO "\x01" IAC SE "b", "ab"),
	ROW("a" IAC SB "never ends\r\nat all" IAC, "a"),
};

static void test_rows(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];

		for (size_t split = 0; split <= row->in_len; split++) {
			struct telnet t = { .asked = true };
			struct story s = { .len = 0 };

			feed(&t, row->in, split, &s);
			feed(&t, row->in + split, row->in_len - split, &s);
			CHECK_BYTES(s.text, s.len, row->out, row->out_len);
		}
		for (size_t step = 1; step < row->in_len; step++) {
			struct telnet t = { .asked = true };
			struct story s = { .len = 0 };

			for (size_t at = 0; at < row->in_len; at += step) {
				size_t left = row->in_len - at;
				feed(&t, row->in + at, step < left ? step : left, &s);
			}
			CHECK_BYTES(s.text, s.len, row->out, row->out_len);
		}
	}
}

/* Text goes through where it lies, in runs as long as they can be. */
static void test_runs(void)
{
	static const uint8_t in[] = "one\r\ntwo\nthree \xc3\xa4\n" IAC NOP "four";
	const uint8_t *at = in, *end = in + sizeof(in) - 1;
	struct telnet t = { .asked = true };
	struct telnet_span span;

	CHECK_INT(telnet_next(&t, &at, end, &span), TELNET_DATA);
	CHECK(span.bytes == in && span.len == 18);
	CHECK_INT(telnet_next(&t, &at, end, &span), TELNET_DATA);
	CHECK(span.bytes == in + 20 && span.len == 4);
	CHECK_INT(telnet_next(&t, &at, end, &span), TELNET_NONE);
	CHECK(!t.negotiating);
}

/* An IAC at each place of a long run. */
static void test_every_place(void)
{
	for (size_t place = 0; place < 40; place++) {
		char in[42], want[42];
		struct telnet t = { .asked = true };
		struct story s = { .len = 0 };

		memset(in, 'x', sizeof(in));
		memset(want, 'x', sizeof(want));
		memcpy(in + place, IAC NOP, 2);
		feed(&t, in, sizeof(in), &s);
		CHECK_BYTES(s.text, s.len, want, sizeof(want) - 2);

		memcpy(in + place, "\r\0", 2);
		s.len = 0;
		feed(&t, in, sizeof(in), &s);
		CHECK_BYTES(s.text, s.len, in, sizeof(in));
	}
}

static void test_insisting_peer(void)
{
	static const char insist[] = IAC WILL "\x18" IAC DO "\x18";
	struct telnet t = { .asked = true };
	struct story s = { .len = 0 };
	unsigned answers = 0;

	for (int i = 0; i < 100000; i++) {
		char in[] = { '\xff', i % 2 ? '\xfb' : '\xfd', (char)(i / 2) };
		const uint8_t *at = (const uint8_t *)in;
		struct telnet_span span;

		while (telnet_next(&t, &at, (const uint8_t *)in + 3, &span) == TELNET_ANSWER)
			answers++;
	}
	/* Every option, WILL and DO; DO TIMING-MARK each time. */
	CHECK_INT(answers, 256 + 255 + (50000 / 256 + (6 < 50000 % 256)));
	feed(&t, insist, sizeof(insist) - 1, &s);
	CHECK_INT(s.len, 0);
}

/* What was asked for is agreed to, or not, in silence; and is not asked for again. */
static void test_binary_is_asked_for(void)
{
	static const char agreed[] = IAC WILL "\0" IAC WILL "\0";
	static const char refused[] = IAC WONT "\0" IAC DONT "\0" IAC WONT "\0" IAC DONT "\0";
	uint8_t out[TELNET_ANSWER_MAX];
	struct telnet t = { .asked = true };
	struct story s = { .len = 0 };

	CHECK_BYTES(out, telnet_begin(&t, out), IAC DO "\0", 3);
	feed(&t, agreed, sizeof(agreed) - 1, &s);
	CHECK_INT(s.len, 0);
	feed(&t, IAC WONT "\0", 3, &s);
	CHECK_BYTES(s.text, s.len, "(" IAC DONT "\0" ")", 5);

	t = (struct telnet){ 0 };
	s.len = 0;
	telnet_begin(&t, out);
	feed(&t, refused, sizeof(refused) - 1, &s);
	CHECK_INT(s.len, 0);
	/* A peer that changes its mind is agreed with. */
	feed(&t, IAC WILL "\0", 3, &s);
	CHECK_BYTES(s.text, s.len, "(" IAC DO "\0" ")", 5);
}

/* The first IAC brings the question, after the text before it and before all else. */
static void test_first_iac_asks(void)
{
	static const char in[] = "a" IAC WILL "\0" IAC NOP "b";
	static const char want[] = "a(" IAC DO "\0" ")b";

	for (size_t split = 0; split < sizeof(in); split++) {
		struct telnet t = { 0 };
		struct story s = { .len = 0 };

		feed(&t, in, split, &s);
		feed(&t, in + split, sizeof(in) - 1 - split, &s);
		CHECK_BYTES(s.text, s.len, want, sizeof(want) - 1);
	}
}

static void test_negotiating(void)
{
	static const char *const first[] = { WILL, WONT, DO, DONT, SB };
	struct telnet t = { .asked = true };
	struct story s = { .len = 0 };

	feed(&t, "text" IAC NOP IAC EC IAC IAC, 10, &s);
	CHECK(!t.negotiating);
	for (size_t i = 0; i < 5; i++) {
		t = (struct telnet){ .asked = true };
		feed(&t, IAC, 1, &s);
		feed(&t, first[i], 1, &s);
		CHECK(t.negotiating);
	}
}

static void test_echo(void)
{
	static const char take[] = IAC DO "\x01", drop[] = IAC DONT "\x01";
	struct telnet t = { .asked = true };
	struct story s = { .len = 0 };
	uint8_t out[TELNET_ANSWER_MAX];

	CHECK_INT(telnet_offer_echo(&t, false, out), 0);
	CHECK_BYTES(out, telnet_offer_echo(&t, true, out), IAC WILL "\x01", 3);
	CHECK_INT(telnet_offer_echo(&t, true, out), 0);
	feed(&t, take, 3, &s);
	feed(&t, take, 3, &s);
	CHECK_INT(s.len, 0);
	CHECK_BYTES(out, telnet_offer_echo(&t, false, out), IAC WONT "\x01", 3);
	CHECK_INT(telnet_offer_echo(&t, false, out), 0);
	feed(&t, drop, 3, &s);
	CHECK_INT(s.len, 0);
	/* Asked for when it was not offered, it is refused like any other. */
	feed(&t, take, 3, &s);
	feed(&t, take, 3, &s);
	CHECK_BYTES(s.text, s.len, "(" IAC WONT "\x01" ")", 5);
}

/* Whoever stops behind a line gets what is behind it again, whatever the run ended with. */
static void test_unread(void)
{
	static const char *const ends[] = { "b", "b\r", "b\xff\xf7", "\xff\xfd\x06", "\xff\xff" };
	static const char *const stories[] = { "bc", "b\rc", "b<c", "(\xff\xfb\x06)c", "\xff" "c" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		char in[16] = "a\n";
		size_t len = 2 + strlen(ends[i]);
		const uint8_t *at = (const uint8_t *)in;
		struct telnet t = { .asked = true };
		struct telnet_span span;
		struct story s = { .len = 0 };

		memcpy(in + 2, ends[i], len - 2);
		CHECK_INT(telnet_next(&t, &at, (const uint8_t *)in + len, &span), TELNET_DATA);
		CHECK(span.bytes == (const uint8_t *)in && span.len >= 2);
		telnet_unread(&t);
		feed(&t, in + 2, len - 2, &s);
		feed(&t, "c", 1, &s);
		CHECK_TEXT(s.text, s.len, stories[i]);
	}
}

static const struct unit_test tests[] = {
	{ "every split gives the same events", test_rows },
	{ "text is not copied", test_runs },
	{ "a command at every place", test_every_place },
	{ "a peer that insists", test_insisting_peer },
	{ "BINARY is asked for", test_binary_is_asked_for },
	{ "the first IAC asks for it", test_first_iac_asks },
	{ "who speaks telnet", test_negotiating },
	{ "echo", test_echo },
	{ "text that is given back", test_unread },
};

UNIT_MAIN(tests)
