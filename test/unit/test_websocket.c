/*
 * WebSocket frames: a table of cases after the list of the Autobahn test suite, generated here.
 * Each comes whole, byte by byte and cut at random, and has to give the same events. Then frames
 * that we make.
 */
#include "server/core/wire/websocket.h"

#include <stdarg.h>
#include <stdlib.h>

#include "test/unit/unit.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { CASE_SIZE = 3 * WEBSOCKET_MESSAGE_MAX, CUTS = 6 };
enum { FIN = 0x80, CONTINUATION = 0, TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10 };

static bool no_memory;

/* The linker puts this in the place of malloc(), so that it can be made to fail. */
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

void *__wrap_malloc(size_t size)
{
	return no_memory ? NULL : __real_malloc(size);
}

/* Bytes that are put together piece by piece. */
struct text {
	uint8_t bytes[CASE_SIZE];
	size_t len;
};

/* What a browser sends, and the events it has to give. */
static struct text input, wanted, found;
static uint8_t mask[4];
static size_t fails_at; /* the byte with which FAIL has to come; 0: not looked at */
static unsigned cases;

static void add(struct text *t, const void *bytes, size_t len)
{
	if (len > 0)
		memcpy(t->bytes + t->len, bytes, len);
	t->len += len;
}

/* An event, written down: its kind, a number, and bytes. */
static void add_event(struct text *t, char kind, unsigned number, const void *bytes, size_t len)
{
	char head[32];

	add(t, head, (size_t)snprintf(head, sizeof(head), "%c%u.%zu:", kind, number, len));
	add(t, bytes, len);
}

static void begin(void)
{
	input.len = wanted.len = 0;
	fails_at = 0;
	memcpy(mask, "\x37\xfa\x21\x3d", 4);
}

/* A head with a length in as many bytes as given (0, 2 or 8), and a mask. */
static void add_head(unsigned start, size_t size, uint64_t len)
{
	uint8_t head[14] = { (uint8_t)start };

	head[1] = (uint8_t)(0x80 | (size == 0 ? len : size == 2 ? 126 : 127));
	for (size_t i = 0; i < size; i++)
		head[2 + i] = (uint8_t)(len >> 8 * (size - 1 - i));
	memcpy(head + 2 + size, mask, 4);
	add(&input, head, 2 + size + 4);
}

static void add_payload(const void *bytes, size_t len)
{
	const uint8_t *at = bytes;

	for (size_t i = 0; i < len; i++)
		input.bytes[input.len++] = at[i] ^ mask[i % 4];
}

static void add_frame(unsigned start, const void *bytes, size_t len)
{
	add_head(start, len < 126 ? 0 : len < 65536 ? 2 : 8, len);
	add_payload(bytes, len);
}

static void add_text(const char *text)
{
	add_frame(FIN | TEXT, text, strlen(text));
}

static void want_text(const void *bytes, size_t len)
{
	add_event(&wanted, 'T', 0, bytes, len);
}

static void want_fail(unsigned code)
{
	add_event(&wanted, 'F', code, NULL, 0);
}

static void want_close(unsigned code, const char *reason)
{
	add_event(&wanted, 'C', code, reason, strlen(reason));
}

/* A decoder, the message that it is in, and how much it has been given. */
struct reader {
	struct websocket websocket;
	struct text message;
	size_t taken;
	bool byte_by_byte;
};

static void note(struct reader *r, enum websocket_event event, const struct websocket_span *span,
	size_t at)
{
	if (event == WEBSOCKET_TEXT) {
		const uint8_t *lf = memchr(span->bytes, '\n', span->len);

		CHECK(lf == NULL || lf == span->bytes + span->len - 1);
		add(&r->message, span->bytes, span->len);
		CHECK(r->message.len <= WEBSOCKET_MESSAGE_MAX);
		if (span->ends) {
			add_event(&found, 'T', 0, r->message.bytes, r->message.len);
			r->message.len = 0;
		}
	} else if (event == WEBSOCKET_PING) {
		add_event(&found, 'P', 0, span->bytes, span->len);
	} else if (event == WEBSOCKET_CLOSE) {
		add_event(&found, 'C', span->code, span->bytes, span->len);
	} else if (event == WEBSOCKET_FAIL) {
		CHECK(span->reason[0] != '\0');
		add_event(&found, 'F', span->code, NULL, 0);
		if (fails_at != 0 && r->byte_by_byte)
			CHECK_INT(at, fails_at);
	}
}

/* Gives the decoder a piece, in memory of its own so that a byte read beyond it is found. */
static void give(struct reader *r, const uint8_t *bytes, size_t len)
{
	uint8_t *copy = __real_malloc(len);
	const uint8_t *in = copy;
	struct websocket_span span;
	enum websocket_event event;

	memcpy(copy, bytes, len);
	while ((event = websocket_next(&r->websocket, &in, copy + len, &span)) != WEBSOCKET_MORE)
		note(r, event, &span, r->taken + (size_t)(in - copy));
	CHECK(in == copy + len);
	r->taken += len;
	free(copy);
}

static size_t piece_size(unsigned cut, size_t left)
{
	static uint32_t random = 1;
	size_t size;

	random = random * 1664525 + 1013904223;
	size = cut == 0 ? left : cut == 1 ? 1 : 1 + (random >> 16) % (cut % 2 == 0 ? 7 : 3000);
	return size < left ? size : left;
}

static void run(const char *name)
{
	static struct reader r;

	cases++;
	for (unsigned cut = 0; cut < CUTS; cut++) {
		unsigned before = unit_failures;

		memset(&r.websocket, 0, sizeof(r.websocket));
		r.message.len = r.taken = found.len = 0;
		r.byte_by_byte = cut == 1;
		while (r.taken < input.len)
			give(&r, input.bytes + r.taken, piece_size(cut, input.len - r.taken));
		CHECK(found.len == wanted.len &&
			memcmp(found.bytes, wanted.bytes, found.len) == 0);
		websocket_finish(&r.websocket);
		if (unit_failures > before) {
			printf("#   cut %u\n", cut);
			unit_print("case", name, strlen(name));
			unit_print("got ", (char *)found.bytes, found.len < 99 ? found.len : 99);
			unit_print("want", (char *)wanted.bytes, wanted.len < 99 ? wanted.len : 99);
			return;
		}
	}
}

static uint8_t stars[WEBSOCKET_MESSAGE_MAX + 2];

/* 1: lengths at each border, as text and as binary. */
static void test_lengths(void)
{
	static const size_t lengths[] = { 0, 1, 124, 125, 126, 127, 128, 1023, 1024, 1025, 65535,
		65536 };

	memset(stars, '*', sizeof(stars));
	for (size_t i = 0; i < COUNT(lengths); i++) {
		for (unsigned m = 0; m < 3; m++) {
			begin();
			memset(mask, m == 0 ? 0 : 0xff, m < 2 ? 4 : 0);
			add_frame(FIN | TEXT, stars, lengths[i]);
			want_text(stars, lengths[i]);
			add_text("after");
			want_text("after", 5);
			run("text of a length at a border");
		}
		begin();
		add_frame(FIN | BINARY, stars, lengths[i]);
		want_fail(1003);
		fails_at = 2;
		run("binary");
	}
}

/* 9: the longest message, however it is cut into frames. */
static void test_limit(void)
{
	static const size_t frames[] = { 1, 63, 1024, 4096, 65535, 65536 };

	for (size_t i = 0; i < COUNT(frames); i++)
		for (size_t len = 65535; len <= 65537; len++) {
			begin();
			for (size_t at = 0; at < len; at += frames[i]) {
				size_t n = len - at < frames[i] ? len - at : frames[i];

				if (input.len + n + 14 > CASE_SIZE)
					break;
				add_frame((at == 0 ? TEXT : CONTINUATION) |
					(at + n == len ? FIN : 0u), stars, n);
			}
			if (frames[i] == 1)
				continue; /* does not fit, and 63 shows as much */
			if (len <= WEBSOCKET_MESSAGE_MAX)
				want_text(stars, len);
			else
				want_fail(1009);
			run("a message at the limit");
		}
	for (uint64_t len = 65537; len != 0; len <<= 1) {
		begin();
		add_head(FIN | TEXT, 8, len);
		want_fail(len >> 63 != 0 ? 1002 : 1009);
		fails_at = 10;
		run("a length over the limit");
	}
	begin();
	add_head(FIN | TEXT, 8, UINT64_MAX);
	want_fail(1002);
	run("the top bit of the length");
}

static void test_short_form(void)
{
	static const struct {
		size_t size;
		uint64_t len;
	} rows[] = { { 2, 0 }, { 2, 1 }, { 2, 125 }, { 8, 0 }, { 8, 125 }, { 8, 126 },
		{ 8, 65535 } };

	for (size_t i = 0; i < COUNT(rows); i++) {
		begin();
		add_head(FIN | TEXT, rows[i].size, rows[i].len);
		want_fail(1002);
		fails_at = 2 + rows[i].size;
		run("a length not in its shortest form");
	}
}

/* 2: pings and pongs. */
static void test_pings(void)
{
	static const size_t lengths[] = { 0, 1, 5, 124, 125 };
	static const uint8_t bytes[] = "\x00\xff\xfe\xfd\xfc\xfb\x00\xff\n\r";

	for (size_t i = 0; i < COUNT(lengths); i++) {
		begin();
		add_frame(FIN | PING, stars, lengths[i]);
		add_event(&wanted, 'P', 0, stars, lengths[i]);
		run("ping");
		begin();
		add_frame(FIN | PONG, stars, lengths[i]);
		add_text("x");
		want_text("x", 1);
		run("a pong that nobody asked for");
	}
	begin();
	add_frame(FIN | PING, bytes, sizeof(bytes) - 1);
	add_event(&wanted, 'P', 0, bytes, sizeof(bytes) - 1);
	run("a ping that is no text");
	for (unsigned opcode = CLOSE; opcode <= PONG; opcode++)
		for (size_t len = 126; len <= 65536; len *= 8) {
			begin();
			add_frame(FIN | opcode, stars, len);
			want_fail(1002);
			fails_at = 2;
			run("a control frame over 125 bytes");
		}
	begin();
	for (int i = 0; i < 10; i++) {
		add_frame(FIN | PING, &"0123456789"[i], 1);
		add_event(&wanted, 'P', 0, &"0123456789"[i], 1);
	}
	run("ten pings");
}

/* 3: reserved bits; 4: opcodes that are not known. After nothing, a message, within one. */
static void test_starts(void)
{
	for (unsigned start = 0; start < 256; start++) {
		unsigned opcode = start & 15;
		bool known = opcode <= BINARY || (opcode >= CLOSE && opcode <= PONG);

		if ((start & 0x70) == 0 && known)
			continue;
		begin();
		if (start % 3 > 0) {
			add_text("before");
			want_text("before", 6);
		}
		if (start % 3 == 2)
			add_frame(TEXT, "within", 6);
		fails_at = input.len + 2;
		add_frame(start, "abc", start & 1 ? 3 : 0);
		add_frame(FIN | PING, "", 0);
		want_fail(1002);
		run("a reserved bit or opcode");
	}
}

/* A script: a letter for a frame. t, T: text, c, C: continuation; p: ping; upper case: FIN. */
static void add_script(const char *script)
{
	char payload = 'a';

	for (; *script != '\0'; script++, payload++) {
		unsigned fin = strchr("TCPGXB", *script) != NULL ? FIN : 0;

		switch (*script) {
		case 't':
		case 'T':
			add_frame(fin | TEXT, &payload, 1);
			break;
		case 'c':
		case 'C':
			add_frame(fin | CONTINUATION, &payload, 1);
			break;
		case 'e':
			add_frame(CONTINUATION, "", 0);
			break;
		case 'E':
			add_frame(FIN | CONTINUATION, "", 0);
			break;
		case 'p':
		case 'P':
			add_frame(fin | PING, &payload, 1);
			break;
		case 'g':
		case 'G':
			add_frame(fin | PONG, &payload, 1);
			break;
		case 'x':
		case 'X':
			add_frame(fin | CLOSE, "", 0);
			break;
		case 'b':
		case 'B':
			add_frame(fin | BINARY, &payload, 1);
			break;
		}
	}
}

/* 5: fragments, and control frames between them. */
static void test_fragments(void)
{
	static const struct {
		const char *script, *events;
	} rows[] = {
		{ "tC", "T0.2:ab" },
		{ "tcC", "T0.3:abc" },
		{ "tcccccC", "T0.7:abcdefg" },
		{ "teE", "T0.1:a" },
		{ "teeeeC", "T0.2:af" },
		{ "TtC", "T0.1:aT0.2:bc" },
		{ "tCtC", "T0.2:abT0.2:cd" },
		{ "tPC", "P0.1:bT0.2:ac" },
		{ "tGC", "T0.2:ac" },
		{ "tcPcGC", "P0.1:cT0.4:abdf" },
		{ "PtPcPCP", "P0.1:aP0.1:cP0.1:eT0.3:bdfP0.1:g" },
		{ "tPcPtC", "P0.1:bP0.1:dF1002.0:" },
		{ "tXC", "C1005.0:" },
		{ "TXT", "T0.1:aC1005.0:" },
		{ "XPT", "C1005.0:" },
		{ "XX", "C1005.0:" },
		{ "p", "F1002.0:" },
		{ "g", "F1002.0:" },
		{ "x", "F1002.0:" },
		{ "tpC", "F1002.0:" },
		{ "C", "F1002.0:" },
		{ "c", "F1002.0:" },
		{ "E", "F1002.0:" },
		{ "e", "F1002.0:" },
		{ "TC", "T0.1:aF1002.0:" },
		{ "Tc", "T0.1:aF1002.0:" },
		{ "cCT", "F1002.0:" },
		{ "tt", "F1002.0:" },
		{ "tT", "F1002.0:" },
		{ "tcT", "F1002.0:" },
		{ "tCC", "T0.2:abF1002.0:" },
		{ "tCT", "T0.2:abT0.1:c" },
		{ "tb", "F1002.0:" },
		{ "tB", "F1002.0:" },
		{ "b", "F1003.0:" },
		{ "TB", "T0.1:aF1003.0:" },
		{ "t", "" },
		{ "tc", "" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		begin();
		add_script(rows[i].script);
		add(&wanted, rows[i].events, strlen(rows[i].events));
		run(rows[i].script);
	}
}

/* 6: text that is UTF-8. */
static const char *const valid[] = {
	"Hello-\xc2\xb5@\xc3\x9f\xc3\xb6\xc3\xa4\xc3\xbc\xc3\xa0\xc3\xa1-UTF-8!!",
	"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5",
	"\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80",
	"\xf4\x8f\xbf\xbf", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbd", "\xef\xbf\xbe",
	"\xef\xbb\xbf", "\xf0\x9f\xbf\xbe", "\xf3\xbf\xbf\xbf", "\xf4\x8f\xbf\xbe",
	"\xe2\x80\xa8\xe2\x80\xae", "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7",
};

/* And that is none: the byte, counted from 1, that shows it. */
static const struct {
	const char *text;
	size_t at;
} invalid[] = {
	{ "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80" "edited", 13 },
	{ "\xce\xba\xf4\x90\x80\x80" "edited", 4 },
	{ "\x80", 1 }, { "\xbf", 1 }, { "\x80\xbf", 1 }, { "a\x80\xbf\x80", 2 },
	{ "\xc0 ", 1 }, { "\xc1\xbf", 1 }, { "\xc2 ", 2 }, { "\xdf ", 2 }, { "\xe0 ", 2 },
	{ "\xe0\x9f\xbf", 2 }, { "\xe0\x80\xaf", 2 }, { "\xef\xbf ", 3 }, { "\xf0\x8f\xbf\xbf", 2 },
	{ "\xf0\x80\x80\xaf", 2 }, { "\xf0\x90 ", 3 }, { "\xf0\x90\x80 ", 4 }, { "\xf5 ", 1 },
	{ "\xf8\x88\x80\x80\x80", 1 }, { "\xfc\x84\x80\x80\x80\x80", 1 }, { "\xfe", 1 },
	{ "\xff", 1 }, { "\xfe\xfe\xff\xff", 1 }, { "\xc0\xaf", 1 }, { "\xc0\x80", 1 },
	{ "\xed\xa0\x80", 2 }, { "\xed\xad\xbf", 2 }, { "\xed\xae\x80", 2 }, { "\xed\xbf\xbf", 2 },
	{ "\xed\xa0\x80\xed\xb0\x80", 2 }, { "\xf4\x90\x80\x80", 2 }, { "\xf7\xbf\xbf\xbf", 1 },
	{ "ok\n\xff", 4 },
};

/* Cut off within a code point, which only the end of the message shows. */
static const char *const unfinished[] = { "\xc2", "\xdf", "\xe0", "\xe0\xa0", "\xef\xbf", "\xf0",
	"\xf0\x90", "\xf0\x90\x80", "\xf4\x8f\xbf", "abc\xce" };

/* Text in frames of n bytes each, the last of which is ended or not. */
static void add_fragments(const char *text, size_t len, size_t n, bool ended)
{
	for (size_t at = 0; at < len; at += n) {
		size_t size = len - at < n ? len - at : n;

		add_frame((at == 0 ? TEXT : CONTINUATION) |
			(ended && at + size == len ? FIN : 0u), text + at, size);
		if (at + size < len)
			add_frame(FIN | PONG, "", 0);
	}
}

static void test_text(void)
{
	static const size_t sizes[] = { 1, 2, 1000 };

	for (size_t s = 0; s < COUNT(sizes); s++) {
		for (size_t i = 0; i < COUNT(valid); i++) {
			begin();
			add_fragments(valid[i], strlen(valid[i]), sizes[s], true);
			want_text(valid[i], strlen(valid[i]));
			run(valid[i]);
		}
		for (size_t i = 0; i < COUNT(invalid); i++) {
			begin();
			add_fragments(invalid[i].text, strlen(invalid[i].text), sizes[s], false);
			if (sizes[s] == 1000)
				fails_at = 6 + invalid[i].at;
			want_fail(1007);
			run(invalid[i].text);
		}
		for (size_t i = 0; i < COUNT(unfinished); i++) {
			begin();
			add_fragments(unfinished[i], strlen(unfinished[i]), sizes[s], true);
			fails_at = input.len;
			want_fail(1007);
			run(unfinished[i]);
		}
	}
	begin();
	add_frame(FIN | TEXT, "a\0b", 3);
	want_text("a\0b", 3);
	run("NUL");
}

/* Each code point that is a scalar value, and no other. */
static void test_all_code_points(void)
{
	for (uint32_t code = 0; code < 0x120000; code++) {
		struct utf8 utf8 = { 0 };
		uint8_t bytes[4];
		size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

		bytes[0] = (uint8_t)(code >> 6 * (len - 1));
		if (len > 1)
			bytes[0] |= (uint8_t)(0xf00 >> len);
		for (size_t i = 1; i < len; i++)
			bytes[i] = (uint8_t)(0x80 | (code >> 6 * (len - 1 - i) & 0x3f));
		bool good = utf8_take(&utf8, bytes, len) && utf8_is_whole(&utf8);
		if (good != (code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)))
			CHECK_INT(code, -1);
	}
}

/* 7: close frames. */
static void test_codes(void)
{
	static const unsigned good[] = { 1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012,
		1013, 1014, 3000, 3999, 4000, 4999 };
	static const unsigned bad[] = { 0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999,
		5000, 32768, 65535 };

	for (size_t i = 0; i < COUNT(good) + COUNT(bad); i++) {
		unsigned code = i < COUNT(good) ? good[i] : bad[i - COUNT(good)];
		uint8_t body[2] = { (uint8_t)(code >> 8), (uint8_t)code };

		begin();
		add_frame(FIN | CLOSE, body, 2);
		if (i < COUNT(good))
			want_close(code, "");
		else
			want_fail(1002);
		add_text("never seen");
		run("close code");
	}
}

static void test_reasons(void)
{
	char body[126] = "\x03\xe8";

	for (size_t i = 0; i < COUNT(valid); i++) {
		begin();
		memcpy(body + 2, valid[i], strlen(valid[i]) + 1);
		add_frame(FIN | CLOSE, body, 2 + strlen(valid[i]));
		want_close(1000, valid[i]);
		run("reason");
	}
	for (size_t i = 0; i < COUNT(invalid) + COUNT(unfinished); i++) {
		const char *reason = i < COUNT(invalid) ? invalid[i].text :
			unfinished[i - COUNT(invalid)];

		begin();
		memcpy(body + 2, reason, strlen(reason));
		add_frame(FIN | CLOSE, body, 2 + strlen(reason));
		want_fail(1007);
		run("reason that is not UTF-8");
	}
	begin();
	memset(body + 2, 'r', 123);
	add_frame(FIN | CLOSE, body, 125);
	body[125] = '\0';
	want_close(1000, body + 2);
	run("the longest reason");
	begin();
	add_frame(FIN | CLOSE, "", 0);
	want_close(1005, "");
	run("no code");
	begin();
	add_frame(FIN | CLOSE, "\x03", 1);
	want_fail(1002);
	run("half a code");
}

/* Frames without a mask; a close frame so is a front end that reloads. */
static void test_unmasked(void)
{
	static const char *const closes[] = { "\x88\x02\x03\xe9", "\x88\x02\x03\xe8", "\x88" };
	static const size_t lengths[] = { 4, 4, 2 };

	for (unsigned opcode = 0; opcode <= PONG; opcode++) {
		uint8_t frame[3] = { (uint8_t)(FIN | opcode), 1, 'a' };

		if (opcode > BINARY && opcode <= CLOSE)
			continue;
		begin();
		add(&input, frame, 3);
		want_fail(1002);
		fails_at = 2;
		run("unmasked");
	}
	for (size_t i = 0; i < COUNT(closes); i++)
		for (unsigned place = 0; place < 3; place++) {
			begin();
			if (place == 1) {
				add_text("x");
				want_text("x", 1);
			}
			if (place == 2)
				add_frame(TEXT, "x", 1);
			add(&input, closes[i], lengths[i]);
			want_close(1001, "");
			run("an unmasked close frame");
		}
	begin();
	add(&input, "\x88\x7e", 2);
	want_fail(1002);
	run("an unmasked close frame, too long");
	begin();
	add(&input, "\x08\x00", 2);
	want_fail(1002);
	run("an unmasked close frame, fragmented");
}

static void test_lines(void)
{
	static const char *const texts[] = { "\n", "a\n", "a\nb", "\n\n\n", "a\n\nb\n",
		"a\r\nb\r" };

	for (size_t i = 0; i < COUNT(texts); i++) {
		begin();
		add_text(texts[i]);
		want_text(texts[i], strlen(texts[i]));
		run("lines");
	}
}

static void test_count(void)
{
	printf("# %u cases\n", cases);
	CHECK(cases >= 300);
}

static void test_no_memory(void)
{
	struct websocket w = { 0 };
	struct websocket_span span;
	const uint8_t *in;

	begin();
	add_frame(FIN | PING, "hello", 5);
	no_memory = true;
	in = input.bytes;
	CHECK_INT(websocket_next(&w, &in, input.bytes + input.len, &span), WEBSOCKET_PING);
	in = input.bytes;
	CHECK_INT(websocket_next(&w, &in, input.bytes + 8, &span), WEBSOCKET_FAIL);
	CHECK_INT(span.code, WEBSOCKET_INTERNAL_ERROR);
	no_memory = false;
	CHECK(w.control == NULL);
}

static void test_heads(void)
{
	static const struct {
		uint64_t len;
		const char *head;
		size_t head_len;
	} rows[] = {
		{ 0, "\x81\x00", 2 },
		{ 125, "\x81\x7d", 2 },
		{ 126, "\x81\x7e\x00\x7e", 4 },
		{ 65535, "\x81\x7e\xff\xff", 4 },
		{ 65536, "\x81\x7f\0\0\0\0\0\x01\0\0", 10 },
		{ UINT64_C(0x0102030405060708), "\x81\x7f\x01\x02\x03\x04\x05\x06\x07\x08", 10 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		uint8_t head[WEBSOCKET_PUT_HEAD_MAX];
		size_t len = websocket_put_text_head(head, rows[i].len);

		CHECK_BYTES(head, len, rows[i].head, rows[i].head_len);
	}
}

static void test_control_frames(void)
{
	uint8_t out[WEBSOCKET_PUT_CONTROL_MAX];
	char reason[200];
	size_t len;

	CHECK_BYTES(out, websocket_put_ping(out), "\x89\x00", 2);
	CHECK_BYTES(out, websocket_put_pong(out, NULL, 0), "\x8a\x00", 2);
	CHECK_BYTES(out, websocket_put_pong(out, (const uint8_t *)"abc", 3), "\x8a\x03" "abc", 5);
	CHECK_INT(websocket_put_pong(out, stars, 125), 127);
	CHECK_BYTES(out, websocket_put_close(out, WEBSOCKET_NO_CODE, (struct slice){ NULL, 0 }),
		"\x88\x00", 2);
	CHECK_BYTES(out, websocket_put_close(out, WEBSOCKET_KICKED, (struct slice){ "out", 3 }),
		"\x88\x05\x0f\xa1" "out", 7);
	memset(reason, 'r', sizeof(reason));
	CHECK_INT(websocket_put_close(out, 1000, (struct slice){ reason, 123 }), 127);
	CHECK_INT(websocket_put_close(out, 1000, (struct slice){ reason, 124 }), 127);
	memcpy(reason + 121, "\xf0\x9f\x91\xa9", 4);
	len = websocket_put_close(out, 1000, (struct slice){ reason, sizeof(reason) });
	CHECK_INT(len, 2 + 2 + 121);
	CHECK_INT(out[1], len - 2);
}

static const struct unit_test tests[] = {
	{ "lengths at each border", test_lengths },
	{ "messages at the limit", test_limit },
	{ "lengths not in their shortest form", test_short_form },
	{ "pings and pongs", test_pings },
	{ "reserved bits and opcodes", test_starts },
	{ "fragments", test_fragments },
	{ "UTF-8", test_text },
	{ "close codes", test_codes },
	{ "close reasons", test_reasons },
	{ "frames without a mask", test_unmasked },
	{ "line ends in a message", test_lines },
	{ "there are 300 cases", test_count },
	{ "UTF-8, each code point", test_all_code_points },
	{ "no memory for a control frame", test_no_memory },
	{ "heads of frames that we send", test_heads },
	{ "control frames that we send", test_control_frames },
};
UNIT_MAIN(tests)
