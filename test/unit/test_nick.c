/*
 * What a nick may be: every code point that it may not have, and its length.
 */
#include "server/core/room/nick.h"
#include "proto/limits.h"
#include "proto/text.h"
#include "test/unit/unit.h"

#include <stdlib.h>

static void test_length(void)
{
	const char *nick = "0123456789abcdef0123456789abcdefg";

	CHECK_TEXT(nick_fault(nick, 0), 26, "a nick has at least 1 byte");
	CHECK(nick_fault(nick, 1) == NULL);
	CHECK(nick_fault(nick, NICK_MAX - 1) == NULL);
	CHECK(nick_fault(nick, NICK_MAX) == NULL);
	CHECK_TEXT(nick_fault(nick, NICK_MAX + 1), 27, "a nick has at most 32 bytes");
}

/* Which ASCII characters may come first, and which behind. */
static void test_ascii(void)
{
	for (int c = 0; c < 128; c++) {
		char first[2] = { (char)c, 'a' }, behind[3] = { 'a', (char)c, 'b' };
		bool never = c <= ' ' || c == 0x7f || c == '[' || c == ']' || c == ':';
		bool not_first = c == '#' || c == '*' || c == '=' || c == '!' || c == '/';

		CHECK_INT(nick_fault(behind, 3) == NULL, !never);
		CHECK_INT(nick_fault(first, 2) == NULL, !never && !not_first);
		CHECK_INT(nick_fault(first, 1) == NULL, !never && !not_first);
	}
}

/* Nothing that can't be seen, anywhere; everything else may be. */
static void test_every_code_point(void)
{
	for (uint32_t code = 0x80; code < 0x110000; code++) {
		char nick[6] = "a";
		size_t len = 1;

		if (code >= 0xd800 && code < 0xe000)
			continue;
		len += text_encode(nick + 1, code);
		nick[len++] = 'b';
		CHECK_INT(nick_fault(nick, len) == NULL, !text_is_invisible(code));
		CHECK_INT(nick_fault(nick + 1, len - 2) == NULL, !text_is_invisible(code));
	}
}

static void test_bad_utf8(void)
{
	static const char *const bad[] = { "\x80", "a\xff", "\xc0\xaf", "a\xe2\x82", "\xed\xa0\x80",
		"\xf4\x90\x80\x80", "a\xc3" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(nick_fault(bad[i], strlen(bad[i])) != NULL);
	CHECK(nick_fault("\xef\xbf\xbd", 3) == NULL);
}

static void test_reserved(void)
{
	static const char *const reserved[] = { "you", "YOU", "You", "server", "SERVER" };

	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		CHECK(nick_fault(reserved[i], strlen(reserved[i])) != NULL);
	CHECK(nick_fault("yo", 2) == NULL);
	CHECK(nick_fault("youu", 4) == NULL);
	CHECK(nick_fault("serve", 5) == NULL);
}

static const struct unit_test tests[] = {
	{ "length", test_length },
	{ "ASCII", test_ascii },
	{ "every code point", test_every_code_point },
	{ "bad UTF-8", test_bad_utf8 },
	{ "reserved", test_reserved },
};

UNIT_MAIN(tests)
