/*
 * The PROXY protocol: headers as a terminator sends them, cut at every byte, and everything that
 * is nearly one.
 */
#include "server/core/wire/proxy.h"

#include <stdlib.h>

#include "test/unit/unit.h"

struct header {
	const char *bytes;
	size_t len;
};

/* A header of version 2 with family and length, and what follows it. */
#define V2(rest) "\r\n\r\n\0\r\nQUIT\n" rest
#define V4_BLOCK "\xc0\x00\x02\x07\xc0\x00\x02\x01\xcf\x84\x1f\x40"
#define V6_ADDRESS "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07"
#define V6_BLOCK V6_ADDRESS V6_ADDRESS "\xcf\x84\x1f\x40"
#define ZERO_54 \
	"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" \
	"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define UNIX_BLOCK ZERO_54 ZERO_54 ZERO_54 ZERO_54
#define CRC "\x64\xc4\x60\x76"
#define LITERAL(s) { s, sizeof(s) - 1 }

/* Parses a copy of just these bytes, so that a sanitizer sees any read beyond them. */
static enum proxy_status parse(struct proxy *p, const char *bytes, size_t len)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);

	memcpy(copy, bytes, len);
	enum proxy_status status = proxy_parse(p, copy, len);
	free(copy);
	return status;
}

static void check_good(struct header header, enum proxy_status want, const char *from)
{
	char text[ADDRESS_TEXT_MAX];
	struct proxy p;

	for (size_t len = 0; len < header.len; len++)
		CHECK_INT(parse(&p, header.bytes, len), PROXY_MORE);
	CHECK_INT(parse(&p, header.bytes, header.len), want);
	CHECK_INT(p.used, header.len);
	if (want == PROXY_FROM)
		CHECK_TEXT(text, address_text(text, &p.from), from);

	/* What follows is the client's and changes nothing. */
	char longer[512];
	memcpy(longer, header.bytes, header.len);
	memcpy(longer + header.len, "hello\r\n", 7);
	CHECK_INT(parse(&p, longer, header.len + 7), want);
	CHECK_INT(p.used, header.len);
}

static void test_good(void)
{
	static const struct {
		struct header header;
		enum proxy_status want;
		const char *from;
	} cases[] = {
		{ LITERAL("PROXY TCP4 192.0.2.7 192.0.2.1 53124 8000\r\n"), PROXY_FROM,
			"192.0.2.7:53124" },
		{ LITERAL("PROXY TCP4 255.255.255.255 0.0.0.0 65535 0\r\n"), PROXY_FROM,
			"255.255.255.255:65535" },
		{ LITERAL("PROXY TCP6 2001:db8::7 ::1 53124 8000\r\n"), PROXY_FROM,
			"[2001:db8::7]:53124" },
		{ LITERAL("PROXY TCP6 ::ffff:192.0.2.7 ::1 1 2\r\n"), PROXY_FROM, "192.0.2.7:1" },
		{ LITERAL("PROXY UNKNOWN\r\n"), PROXY_LOCAL, NULL },
		{ LITERAL("PROXY UNKNOWN ffff::1 anything at all\r\n"), PROXY_LOCAL, NULL },
		{ LITERAL(V2("\x21\x11\0\x0c" V4_BLOCK)), PROXY_FROM, "192.0.2.7:53124" },
		{ LITERAL(V2("\x21\x21\0\x24" V6_BLOCK)), PROXY_FROM, "[2001:db8::7]:53124" },
		{ LITERAL(V2("\x21\x31\0\xd8" UNIX_BLOCK)), PROXY_FROM, "unix" },
		{ LITERAL(V2("\x21\0\0\0")), PROXY_LOCAL, NULL },
		{ LITERAL(V2("\x21\0\0\x05whole")), PROXY_LOCAL, NULL },
		{ LITERAL(V2("\x20\0\0\0")), PROXY_LOCAL, NULL },
		{ LITERAL(V2("\x20\x11\0\x0c" V4_BLOCK)), PROXY_LOCAL, NULL },
		{ LITERAL(V2("\x20\xff\0\x03xyz")), PROXY_LOCAL, NULL },
		/* extras: one of no length, an application's name, a checksum */
		{ LITERAL(V2("\x21\x11\0\x0f" V4_BLOCK "\x04\0\0")), PROXY_FROM,
			"192.0.2.7:53124" },
		{ LITERAL(V2("\x21\x11\0\x11" V4_BLOCK "\x01\0\2h2")), PROXY_FROM,
			"192.0.2.7:53124" },
		{ LITERAL(V2("\x21\x11\0\x18" V4_BLOCK "\x01\0\2h2" "\x03\0\4" CRC)), PROXY_FROM,
			"192.0.2.7:53124" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_good(cases[i].header, cases[i].want, cases[i].from);
}

static void test_bad(void)
{
	static const struct header cases[] = {
		LITERAL("hello\n"),
		LITERAL("proxy TCP4 192.0.2.7 192.0.2.1 53124 8000\r\n"),
		LITERAL("PROXY\r\n"),
		LITERAL("PROXY \r\n"),
		LITERAL("PROXY TCP5 192.0.2.7 192.0.2.1 53124 8000\r\n"),
		LITERAL("PROXY tcp4 192.0.2.7 192.0.2.1 53124 8000\r\n"),
		LITERAL("PROXY TCP4\r\n"),
		LITERAL("PROXY TCP4 192.0.2.7\r\n"),
		LITERAL("PROXY TCP4 192.0.2.7 192.0.2.1\r\n"),
		LITERAL("PROXY TCP4 192.0.2.7 192.0.2.1 53124\r\n"),
		LITERAL("PROXY TCP4 192.0.2.7 192.0.2.1 53124 \r\n"),
		LITERAL("PROXY TCP4 192.0.2.7 192.0.2.1 53124 8000 \r\n"),
		LITERAL("PROXY TCP4 192.0.2.7 192.0.2.1 53124 8000 9\r\n"),
		LITERAL("PROXY  TCP4 192.0.2.7 192.0.2.1 53124 8000\r\n"),
		LITERAL("PROXY TCP4  192.0.2.7 192.0.2.1 53124 8000\r\n"),
		LITERAL("PROXY TCP4 192.0.2.7 192.0.2.1 53124 8000\n"),
		LITERAL("PROXY TCP4 192.0.2.256 192.0.2.1 53124 8000\r\n"),
		LITERAL("PROXY TCP4 192.0.2.7 ::1 53124 8000\r\n"),
		LITERAL("PROXY TCP4 ::1 ::1 53124 8000\r\n"),
		LITERAL("PROXY TCP4 192.0.2.7\0 192.0.2.1 53124 8000\r\n"),
		LITERAL("PROXY TCP6 192.0.2.7 192.0.2.1 53124 8000\r\n"),
		LITERAL("PROXY TCP6 2001:db8:::7 ::1 53124 8000\r\n"),
		LITERAL("PROXY TCP4 192.0.2.7 192.0.2.1 65536 8000\r\n"),
		LITERAL("PROXY TCP4 192.0.2.7 192.0.2.1 53124 65536\r\n"),
		LITERAL("PROXY TCP4 192.0.2.7 192.0.2.1 053124 8000\r\n"),
		LITERAL("PROXY TCP4 192.0.2.7 192.0.2.1 -1 8000\r\n"),
		LITERAL("PROXY TCP4 192.0.2.7 192.0.2.1 +1 8000\r\n"),
		LITERAL("PROXY UNKNOWN\n"),
		LITERAL("PROXY UNKNOWNS\r\n"),
		LITERAL("\r\n\r\n\0\r\nQUIT\r"),
		LITERAL("\r\n\r\nhello\r\n"),
		LITERAL(V2("\x11")),
		LITERAL(V2("\x31")),
		LITERAL(V2("\x22")),
		LITERAL(V2("\x2f")),
		LITERAL(V2("\x21\x12\0\x0c" V4_BLOCK)),
		LITERAL(V2("\x21\x10\0\x0c" V4_BLOCK)),
		LITERAL(V2("\x21\x41\0\x0c" V4_BLOCK)),
		LITERAL(V2("\x21\x11\0\0")),
		LITERAL(V2("\x21\x11\0\x0b" V4_BLOCK)),
		LITERAL(V2("\x21\x21\0\x23" V6_BLOCK)),
		LITERAL(V2("\x21\x31\0\xd7" UNIX_BLOCK)),
		LITERAL(V2("\x21\x11\0\x0d" V4_BLOCK "\1")),
		LITERAL(V2("\x21\x11\0\x0e" V4_BLOCK "\1\0")),
		LITERAL(V2("\x21\x11\0\x0f" V4_BLOCK "\1\0\1")),
		LITERAL(V2("\x21\x11\0\x11" V4_BLOCK "\1\0\3h2")),
		LITERAL(V2("\x21\x11\0\x12" V4_BLOCK "\3\0\3abc")),
		LITERAL(V2("\x21\x11\0\x13" V4_BLOCK "\3\0\4abcd")),
		LITERAL(V2("\x21\x11\0\x18" V4_BLOCK "\x01\0\2h3" "\x03\0\4" CRC)),
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct proxy p;
		enum proxy_status status = parse(&p, cases[i].bytes, cases[i].len);

		if (status != PROXY_BAD)
			unit_print("taken", cases[i].bytes, cases[i].len);
		CHECK_INT(status, PROXY_BAD);
		CHECK(p.reason != NULL);
	}
}

/* The longest line of version 1 has 107 bytes. */
static void test_v1_limit(void)
{
	char line[PROXY_V1_MAX + 1];
	struct proxy p;

	memset(line, 'x', sizeof(line));
	memcpy(line, "PROXY UNKNOWN ", 14);
	CHECK_INT(parse(&p, line, PROXY_V1_MAX - 1), PROXY_MORE);
	CHECK_INT(parse(&p, line, PROXY_V1_MAX), PROXY_BAD);
	memcpy(line + PROXY_V1_MAX - 1, "\r\n", 2);
	CHECK_INT(parse(&p, line, PROXY_V1_MAX + 1), PROXY_BAD);
	memcpy(line + PROXY_V1_MAX - 2, "\r\n", 2);
	CHECK_INT(parse(&p, line, PROXY_V1_MAX), PROXY_LOCAL);
	memcpy(line + PROXY_V1_MAX - 3, "\r\n", 2);
	CHECK_INT(parse(&p, line, PROXY_V1_MAX), PROXY_LOCAL);
	CHECK_INT(p.used, PROXY_V1_MAX - 1);
}

/* A header of version 2 may have 4,096 bytes, extras and all; a longer one is refused at once. */
static void test_v2_limit(void)
{
	static const char head[] = V2("\x21\x11\0\0" V4_BLOCK "\xe0");
	enum { EXTRA_AT = 16 + 12 };
	char *bytes = calloc(1, PROXY_HEADER_MAX + 1);
	struct proxy p;

	for (int over = -1; over <= 1; over++) {
		size_t len = (size_t)(PROXY_HEADER_MAX + over);
		size_t value_len = len - EXTRA_AT - 3;

		memcpy(bytes, head, sizeof(head) - 1);
		bytes[14] = (char)((len - 16) >> 8);
		bytes[15] = (char)(len - 16);
		bytes[EXTRA_AT + 1] = (char)(value_len >> 8);
		bytes[EXTRA_AT + 2] = (char)value_len;
		CHECK_INT(parse(&p, bytes, 16), over > 0 ? PROXY_BAD : PROXY_MORE);
		CHECK_INT(parse(&p, bytes, len), over > 0 ? PROXY_BAD : PROXY_FROM);
	}
	free(bytes);
}

static const struct unit_test tests[] = {
	{ "headers as they should be, cut anywhere", test_good },
	{ "headers that are none", test_bad },
	{ "the longest line of version 1", test_v1_limit },
	{ "the longest header of version 2", test_v2_limit },
};

UNIT_MAIN(tests)
