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
	{ "#a", "a nick must not begin with # * = ! / @ or +" },
	{ "#1", "a nick must not begin with # * = ! / @ or +" },
	{ "*a", "a nick must not begin with # * = ! / @ or +" },
	{ "=a", "a nick must not begin with # * = ! / @ or +" },
	{ "!a", "a nick must not begin with # * = ! / @ or +" },
	{ "/a", "a nick must not begin with # * = ! / @ or +" },
	{ "a[b", "a nick must not have [ ] or : in it" },
	{ "a]", "a nick must not have [ ] or : in it" },
	{ ":a", "a nick must not have [ ] or : in it" },
	{ "a\x01" "b", "a nick must not have a blank, control or invisible character" },
	{ "a\x1b", "a nick must not have a blank, control or invisible character" },
	{ "a\xc2\x85", "a nick must not have a blank, control or invisible character" },
	{ "a\xc2\xa0" "b", "a nick must not have a blank, control or invisible character" },
	{ "a\xc2\xad" "b", "a nick must not have a blank, control or invisible character" },
	{ "a\xe2\x80\x8b", "a nick must not have a blank, control or invisible character" },
	{ "a\xe2\x80\x8d" "b", "a nick must not have a blank, control or invisible character" },
	{ "a\xe2\x80\xae", "a nick must not have a blank, control or invisible character" },
	{ "\xe2\x80\xa8", "a nick must not have a blank, control or invisible character" },
	{ "\xe3\x80\x80", "a nick must not have a blank, control or invisible character" },
	{ "\xef\xbb\xbf" "a", "a nick must not have a blank, control or invisible character" },
	{ "\xe3\x85\xa4", "a nick must not have a blank, control or invisible character" },
	{ "a\xfe\xfe", "a nick must be valid UTF-8" },
	{ "a\x80", "a nick must be valid UTF-8" },
	{ "\xed\xa0\x80", "a nick must be valid UTF-8" },
	{ "\xe2\x82", "a nick must be valid UTF-8" },
	{ "you", "a nick must not be a reserved word, or look like one" },
	{ "YOU", "a nick must not be a reserved word, or look like one" },
	{ "server", "a nick must not be a reserved word, or look like one" },
	{ "SeRvEr", "a nick must not be a reserved word, or look like one" },
	{ "bob", "the nick bob is taken" },
	{ "BOB", "the nick BOB is taken" },
	{ "b0b", "the nick b0b is taken: it looks like bob" },
	{ "ВОВ", "the nick ВОВ is taken: it looks like bob" },
	{ "ｂｏｂ", "the nick ｂｏｂ is taken: it looks like bob" },
	{ "bоb", "a nick must be written in one script" },
	{ "@bob", "a nick must not begin with # * = ! / @ or +" },
	{ "+bob", "a nick must not begin with # * = ! / @ or +" },
	{ "bob,", "a nick must not end with , . or ;" },
	{ "bob.", "a nick must not end with , . or ;" },
	{ "bob;", "a nick must not end with , . or ;" },
	{ "\xcc\x81", "a nick must not begin with a combining mark" },
	{ "\xcc\x81" "bob", "a nick must not begin with a combining mark" },
	{ "admin", "a nick must not be a reserved word, or look like one" },
	{ "0perator", "a nick must not be a reserved word, or look like one" },
	{ "a11", "a nick must not be a reserved word, or look like one" },
	{ "ali", NULL },
	{ "two words", "a nick must not have a blank; a key after it has 26 characters, "
		"a-z and 2-7" },
	{ "three whole words", "a nick must not have a blank, control or invisible character" },
	{ "", "usage: /nick NAME [KEY]" },
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
			converse_row(&c, "a < !!! a nick must have at most 32 bytes");
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
		"a < !!! a nick must have at most 32 bytes",
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

/* A nick is kept in NFC, and people are found by it however it is typed. */
static void test_composed(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"a > /nick O\xcc\x88mer",
		"all < *** a is now \xc3\x96mer --STAMP",
		"a > /nick \xc3\x96mer",
		"a < === you are \xc3\x96mer already",
		"b > /nick o\xcc\x88MER",
		"b < !!! the nick \xc3\xb6MER is taken: it looks like \xc3\x96mer",
		"b > /msg \xc3\xb6MER hi",
		"b < [you -> \xc3\x96mer]: hi --STAMP",
		"a < [b -> you]: hi --STAMP",
		"b > /nick Omer",
		"all < *** b is now Omer --STAMP",
	};
	CONVERSE(NULL, rows);
}

/* One is not called by a name that only looks like one's own. */
static void test_called(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"a > /nick alice",
		"all < *** a is now alice --STAMP",
		"b > /nick aIice",
		"b < !!! the nick aIice is taken: it looks like alice",
		"b > /msg aIice hi",
		"b < !!! nobody here is called aIice",
		"b > /nick aiice",
		"all < *** b is now aiice --STAMP",
		"a > /msg aIice hi",
		"a < [you -> aiice]: hi --STAMP",
		"b < [alice -> you]: hi --STAMP",
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
	{ "a nick is composed", test_composed },
	{ "one is called by one's own name", test_called },
	{ "a name is free at once", test_free_at_once },
};

UNIT_MAIN(tests)
