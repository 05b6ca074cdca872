/*
 * Tagged lines, and those that an ID repeats: docs/protocol.md, "Resuming". Who comes back with a
 * token: test_conversation_resume.c.
 */
#include "test/unit/converse.h"
#include "test/unit/unit.h"

#define TOKEN_1 "01010101010101010101010101010101"
#define TOKEN_2 "02020202020202020202020202020202"
#define NOBODYS "ffffffffffffffffffffffffffffffff"

static void test_tags(void)
{
	static const char *const rows[] = {
		"a enters",
		"b connects",
		"b forgets",
		"a > before",
		"a < [a]: before --STAMP",
		"b < [a]: before --STAMP",
		"b > /resume",
		"b < === resume 2 " TOKEN_1,
		"wait 1999",
		"all nothing",
		"wait 3001",
		"a < *** #2 joined (2 online) --STAMP",
		"b < @3 EPOCH *** #2 joined (2 online) --STAMP",
		"a > one",
		"a < [a]: one --STAMP",
		"b < @4 1666214650 [a]: one --Wed Oct 19 21:24:10 2022",
		"b > /me two",
		"a < * #2 two --STAMP",
		"b < @5 EPOCH * #2 two --STAMP",
		"b > /nick b",
		"a < *** #2 is now b --STAMP",
		"b < @6 EPOCH *** #2 is now b --STAMP",
		"a > /msg b three",
		"a < [you -> b]: three --STAMP",
		"b < [a -> you]: three --STAMP",
		"b > /nope\r",
		"b < !!! unknown command /nope, did you mean /op?\r",
		"a > four",
		"a < [a]: four --STAMP",
		"b < @7 EPOCH [a]: four --STAMP\r",
	};
	CONVERSE(NULL, rows);
}

/* The answer has its place: what was owed before it comes before it, and is not tagged. */
static void test_from_here(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"b stalls",
		"a > one",
		"b > /resume",
		"a > two",
		"b > three",
		"b > /resume",
		"a > four",
		"a forgets",
		"b reads",
		"b < [a]: one --STAMP",
		"b < === resume 3 " TOKEN_1,
		"b < @4 EPOCH [a]: two --STAMP",
		"b < @5 EPOCH [b]: three --STAMP",
		"b < === resume 5 " TOKEN_1,
		"b < @6 EPOCH [a]: four --STAMP",
	};
	CONVERSE(NULL, rows);
}

static void test_repeats(void)
{
	static const char *const rows[] = {
		"a enters",
		"a > one\ntwo\n/me three",
		"a forgets",
		"a > /resume 2",
		"a < === resume 2 " TOKEN_1,
		"a < @3 EPOCH [a]: two --STAMP",
		"a < @4 EPOCH * a three --STAMP",
		"a > four",
		"a < @5 EPOCH [a]: four --STAMP",
		"a > /resume 0",
		"a < === resume 0 " TOKEN_1,
		"a < @1 EPOCH *** a joined (1 online) --STAMP",
		"a < @2 EPOCH [a]: one --STAMP",
		"a < @3 EPOCH [a]: two --STAMP",
		"a < @4 EPOCH * a three --STAMP",
		"a < @5 EPOCH [a]: four --STAMP",
		"a > /resume 5",
		"a < === resume 5 " TOKEN_1,
		"a > /replay 2",
		"a < === the last messages again:",
		"a < @4 EPOCH * a three --STAMP",
		"a < @5 EPOCH [a]: four --STAMP",
	};
	CONVERSE(NULL, rows);
}

static void test_future(void)
{
	static const char *const rows[] = {
		"a enters",
		"a > /resume 2",
		"a < !!! line 2 has not been said yet, the last is 1",
		"a < === resume 1 " TOKEN_1,
		"a > one",
		"a < @2 EPOCH [a]: one --STAMP",
		"b connects",
		"b forgets",
		"b > /resume 18446744073709551614",
		"b < !!! line 18446744073709551614 has not been said yet, the last is 2",
		"b < === resume 2 " TOKEN_2,
		"wait 2000",
		"all < @3 EPOCH *** #2 joined (2 online) --STAMP",
		"b > /resume 18446744073709551615",
		"b < !!! line 18446744073709551614 has not been said yet, the last is 3",
		"b < === resume 3 " TOKEN_2,
		"b > /resume 99999999999999999999999999999999",
		"b < !!! line 18446744073709551614 has not been said yet, the last is 3",
		"b < === resume 3 " TOKEN_2,
	};
	CONVERSE(NULL, rows);
}

/* As after a start without a history: neither the ID nor the token means anything here. */
static void test_future_with_a_token(void)
{
	static const char *const rows[] = {
		"a enters",
		"b connects",
		"b forgets",
		"b > /resume 41 " NOBODYS,
		"b < !!! line 41 has not been said yet, the last is 1",
		"b < === resume 1 " TOKEN_1,
		"wait 2000",
		"a < *** #2 joined (2 online) --STAMP",
		"b < @2 EPOCH *** #2 joined (2 online) --STAMP",
		"a > one",
		"a < [a]: one --STAMP",
		"b < @3 EPOCH [a]: one --STAMP",
	};
	CONVERSE(NULL, rows);
}

static void test_refusals(void)
{
	static const char *const bad[] = { "x", "-1", "+1", "1x", "x1", "0x1", "1.5", "@1",
		"9999999999999999999999x" };
	static const char *const behind[] = {
		"a < !!! /resume takes the number of the last line you have seen",
		"a > not tagged",
		"a < [a]: not tagged --STAMP",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct converse c;

		converse_begin(&c, NULL);
		converse_row(&c, "a enters");
		converse_row(&c, "a > /resume %s", bad[i]);
		converse_rows(&c, ROWS(behind));
		CHECK(converse_end(&c));
	}
}

/* A token of nobody changes nothing: no nick, no tags, and no token is given. */
static void test_tokens_of_nobody(void)
{
	static const char *const tokens[] = { NOBODYS, "0", TOKEN_2 "0",
		"0101010101010101010101010101010g", "0101010101010101010101010101010", "xyz" };
	static const char *const before[] = {
		"a enters",
		"a > /resume",
		"b connects",
		"all forgets",
	};
	static const char *const behind[] = {
		"b < !!! unknown or expired token",
		"all nothing",
		"wait 2000",
		"b < *** #2 joined (2 online) --STAMP",
		"a < @2 EPOCH *** #2 joined (2 online) --STAMP",
		"b > /nick b",
		"b < *** #2 is now b --STAMP",
		"a < @3 EPOCH *** #2 is now b --STAMP",
		"b ends",
		"a < @4 EPOCH *** b left (1 online) --STAMP",
	};

	for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++) {
		struct converse c;

		converse_begin(&c, NULL);
		converse_rows(&c, ROWS(before));
		converse_row(&c, "b > /resume 0 %s", tokens[i]);
		converse_rows(&c, ROWS(behind));
		CHECK(converse_end(&c));
	}
}

static const struct unit_test tests[] = {
	{ "tags", test_tags },
	{ "tags from here on", test_from_here },
	{ "an ID repeats what came after it", test_repeats },
	{ "an ID from the future", test_future },
	{ "… with a token of nobody's", test_future_with_a_token },
	{ "IDs that are none", test_refusals },
	{ "tokens of nobody", test_tokens_of_nobody },
};

UNIT_MAIN(tests)
