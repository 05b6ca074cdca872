/*
 * Nicks: every rule, and what is seen of taking one.
 */
#include "test/unit/converse.h"
#include "test/unit/unit.h"

static const char long_nick[] = "0123456789abcdef0123456789abcdefX";

struct row {
	const char *nick;
	const char *fault; /* NULL: taken */
};

static const struct row rules[] = {
	{ "x", NULL },
	{ "O'Brien", NULL },
	{ "a#b*c=d!e/f", NULL },
	{ "1", NULL },
	{ "-->", NULL },
	{ "Zo\xc3\xab", NULL },
	{ "\xd7\xa9\xd7\x9c", NULL },
	{ "\xe6\x97\xa5\xe6\x9c\xac", NULL },
	{ "\xf0\x9f\x90\x8e", NULL },
	{ "yous", NULL },
	{ "servers", NULL },
	{ "#a", "a nick does not begin with # * = ! or /" },
	{ "#1", "a nick does not begin with # * = ! or /" },
	{ "*a", "a nick does not begin with # * = ! or /" },
	{ "=a", "a nick does not begin with # * = ! or /" },
	{ "!a", "a nick does not begin with # * = ! or /" },
	{ "/a", "a nick does not begin with # * = ! or /" },
	{ "a[b", "a nick has no [ ] or : in it" },
	{ "a]", "a nick has no [ ] or : in it" },
	{ ":a", "a nick has no [ ] or : in it" },
	{ "a\x01" "b", "a nick has no blank, control or invisible character" },
	{ "a\x1b", "a nick has no blank, control or invisible character" },
	{ "a\xc2\x85", "a nick has no blank, control or invisible character" },
	{ "a\xc2\xa0" "b", "a nick has no blank, control or invisible character" },
	{ "a\xc2\xad" "b", "a nick has no blank, control or invisible character" },
	{ "a\xe2\x80\x8b", "a nick has no blank, control or invisible character" },
	{ "a\xe2\x80\x8d" "b", "a nick has no blank, control or invisible character" },
	{ "a\xe2\x80\xae", "a nick has no blank, control or invisible character" },
	{ "\xe2\x80\xa8", "a nick has no blank, control or invisible character" },
	{ "\xe3\x80\x80", "a nick has no blank, control or invisible character" },
	{ "\xef\xbb\xbf" "a", "a nick has no blank, control or invisible character" },
	{ "\xe3\x85\xa4", "a nick has no blank, control or invisible character" },
	{ "a\xfe\xfe", "a nick is valid UTF-8" },
	{ "a\x80", "a nick is valid UTF-8" },
	{ "\xed\xa0\x80", "a nick is valid UTF-8" },
	{ "\xe2\x82", "a nick is valid UTF-8" },
	{ "you", "that nick is reserved" },
	{ "YOU", "that nick is reserved" },
	{ "server", "that nick is reserved" },
	{ "SeRvEr", "that nick is reserved" },
	{ "bob", "the nick bob is taken" },
	{ "BOB", "the nick BOB is taken" },
	{ "two words", "a nick has no blank, control or invisible character" },
	{ "two\twords", "a nick has no blank, control or invisible character" },
	{ "", "usage: /nick NAME" },
};

static void test_rules(void)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		const struct row *row = &rules[i];
		struct converse c;

		converse_begin(&c, NULL);
		converse_row(&c, "b enters");
		converse_row(&c, "b > /nick bob");
		converse_row(&c, "a enters");
		converse_row(&c, "all forgets");
		converse_row(&c, "a > /nick %s", row->nick);
		if (row->fault != NULL)
			converse_row(&c, "a < !!! %s", row->fault);
		else
			converse_row(&c, "all < *** a is now %s --STAMP", row->nick);
		converse_row(&c, "a > hi");
		converse_row(&c, "all < [%s]: hi --STAMP", row->fault != NULL ? "a" : row->nick);
		CHECK(converse_end(&c));
	}
}

static void test_length(void)
{
	for (int len = 31; len <= 33; len++) {
		struct converse c;

		converse_begin(&c, NULL);
		converse_row(&c, "a enters");
		converse_row(&c, "a > /nick %.*s", len, long_nick);
		if (len <= 32) {
			converse_row(&c, "a < *** a is now %.*s --STAMP", len, long_nick);
			converse_row(&c, "a > /me is here");
			converse_row(&c, "a < * %.*s is here --STAMP", len, long_nick);
			converse_row(&c, "a > /msg %.*s me", len, long_nick);
			converse_row(&c, "a < [you -> %.*s]: me --STAMP", len, long_nick);
			converse_row(&c, "a < [%.*s -> you]: me --STAMP", len, long_nick);
		} else {
			converse_row(&c, "a < !!! a nick has at most 32 bytes");
		}
		CHECK(converse_end(&c));
	}
}

/* The bytes count, not the letters: ten of three bytes and one of two fit, eleven do not. */
static void test_length_in_bytes(void)
{
	static const char *const rows[] = {
		"a enters",
		"a > /nick \xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5"
		"\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xc3\xab",
		"a < *** a is now \xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5"
		"\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xc3\xab --STAMP",
		"a > /nick \xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5"
		"\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5",
		"a < !!! a nick has at most 32 bytes",
	};
	CONVERSE(NULL, rows);
}

static void test_renaming(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"a > /nick a",
		"a < === you are a already",
		"a > /nick A",
		"all < *** a is now A --STAMP",
		"b > /nick a",
		"b < !!! the nick a is taken",
		"a > /NICK alice",
		"all < *** A is now alice --STAMP",
		"b > /nick a",
		"all < *** b is now a --STAMP",
		"a > /quit",
		"a closed",
		"b < *** alice left (1 online) --STAMP",
		"b > /nick Alice",
		"b < *** a is now Alice --STAMP",
	};
	CONVERSE(NULL, rows);
}

/* A name is free once its holder has left, though they still get what they are owed. */
static void test_free_at_once(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"b stalls",
		"a > something",
		"b > /quit",
		"a > /nick b",
		"a < [a]: something --STAMP",
		"a < *** b left (1 online) --STAMP",
		"a < *** a is now b --STAMP",
		"b reads",
		"b < [a]: something --STAMP",
		"b closed",
	};
	CONVERSE(NULL, rows);
}

static const struct unit_test tests[] = {
	{ "every rule", test_rules },
	{ "31, 32 and 33 bytes", test_length },
	{ "bytes are counted, not letters", test_length_in_bytes },
	{ "renaming", test_renaming },
	{ "a name is free at once", test_free_at_once },
};

UNIT_MAIN(tests)
