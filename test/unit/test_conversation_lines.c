/*
 * What a client sends, as lines: framing, limits, line ends, and the end of the input.
 */
#include "test/unit/converse.h"
#include "test/unit/unit.h"

#include <stdlib.h>

static void test_spaces_are_kept(void)
{
	static const char *const rows[] = {
		"a enters",
		"a >   two   spaces  ",
		"a < [a]:   two   spaces   --STAMP",
		"a > a\ttab",
		"a < [a]: a    tab --STAMP",
	};
	CONVERSE(NULL, rows);
}

/* What shows nothing does not keep a line from being a command. */
static void test_unseen_before_a_slash(void)
{
	static const char *const unseen[] = { " ", "\t", "\xc2\xa0", "\xc2\xad", "\xe2\x80\x8b",
		"\xe2\x80\x8f", "\xe2\x81\xa0", "\xe3\x85\xa4", "\xef\xb8\x8f", "\xef\xbb\xbf",
		"\xf3\xa0\x80\x81", "\x1b[A", "\x1b]0;x\x07", "\x1b", "\x02", " \xe2\x80\x8b \x1bOA" };

	for (size_t i = 0; i < sizeof(unseen) / sizeof(unseen[0]); i++) {
		struct converse c;

		converse_begin(&c, NULL);
		converse_row(&c, "b enters");
		converse_row(&c, "a enters");
		converse_row(&c, "all forgets");
		converse_row(&c, "a > %s/op sesame", unseen[i]);
		converse_row(&c, "a < !!! this server has no operator password");
		converse_row(&c, "a > %s/me %ssits", unseen[i], unseen[i]);
		converse_row(&c, "b forgets");
		converse_row(&c, "a forgets");
		converse_row(&c, "a > %s", unseen[i]);
		converse_row(&c, "a > .%s/op sesame", unseen[i]);
		converse_row(&c, "a forgets");
		converse_row(&c, "b forgets");
		converse_row(&c, "a >  %s//op", "");
		converse_row(&c, "a < [a]:  /op --STAMP");
		converse_row(&c, "b < [a]:  /op --STAMP");
		CHECK(converse_end(&c));
	}
}

static void test_two_slashes(void)
{
	static const char *const rows[] = {
		"a enters",
		"a > //quit",
		"a < [a]: /quit --STAMP",
		"a > ///",
		"a < [a]: // --STAMP",
		"a > //",
		"a < [a]: / --STAMP",
		"a > // ",
		"a < [a]: /  --STAMP",
	};
	CONVERSE(NULL, rows);
}

static void test_blank_lines_are_ignored(void)
{
	static const char *const rows[] = {
		"a enters",
		"a > ",
		"a >   \t ",
		"a > \r",
		"a > \xe2\x80\xa8 \xe2\x80\xa9",
		"a > \xe2\x80\xae",
		"a > \x01\x02",
		"a nothing",
	};
	CONVERSE(NULL, rows);
}

static void test_many_lines_in_one_piece(void)
{
	static const char *const rows[] = {
		"a enters",
		"a > one\ntwo\n\nthree\n/me waves\nfour",
		"a < [a]: one --STAMP",
		"a < [a]: two --STAMP",
		"a < [a]: three --STAMP",
		"a < * a waves --STAMP",
		"a < [a]: four --STAMP",
	};
	CONVERSE(NULL, rows);
}

/* However the bytes are cut, everybody receives the same. */
static void test_any_pieces(void)
{
	static const char said[] = "\xff\xfd\x06/nick al\r\nhi \xe2\x82\xac\x7f\xff\xf1!\nx\by\n\n"
		"//z\r\n/me .";

	for (size_t chunk = 1; chunk < sizeof(said); chunk++) {
		static const char *const rows[] = {
			"b < *** al joined (2 online) --STAMP",
			"b < [al]: hi ! --STAMP",
			"b < [al]: y --STAMP",
			"b < [al]: /z --STAMP",
			"b < * al . --STAMP",
			"b < *** al left (1 online) --STAMP",
			"a < === chatd: you are #2, 2 of 8 online, /help for help",
			"a < BINARY\xff\xfb\x06*** al joined (2 online) --STAMP\r",
			"a < [al]: hi ! --STAMP\r",
			"a < [al]: y --STAMP\r",
			"a < [al]: /z --STAMP\r",
			"a < * al . --STAMP\r",
			"a closed",
		};
		struct converse c;

		converse_begin(&c, NULL);
		converse_row(&c, "b enters");
		converse_row(&c, "a connects");
		c.chunk = chunk;
		converse_send(&c, "a", said, sizeof(said) - 1);
		converse_row(&c, "a ends");
		converse_rows(&c, ROWS(rows));
		CHECK(converse_end(&c));
	}
}

static void test_line_ends(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"a > lf",
		"all < [a]: lf --STAMP",
		"b > /nick b2\r",
		"a < *** b is now b2 --STAMP",
		"b < *** b is now b2 --STAMP\r",
		"b > /op\r",
		"b < !!! usage: /op PASSWORD\r",
		"a > /msg b2 psst",
		"a < [you -> b2]: psst --STAMP",
		"b < [a -> you]: psst --STAMP\r",
		"b > lf again\r\r",
		"a < [b2]: lf again --STAMP",
		"b < [b2]: lf again --STAMP\r",
		"b > lf",
		"a < [b2]: lf --STAMP",
		"b < [b2]: lf --STAMP\r",
	};
	CONVERSE(NULL, rows);
}

/* A CR ends a line at once; what belongs to it may come later. */
static void test_lone_cr(void)
{
	static const char *const rows[] = {
		"a enters",
		"a >> one\rtwo\r",
		"a < [a]: one --STAMP",
		"a < [a]: two --STAMP",
		"a >> \nthree\r",
		"a < [a]: three --STAMP\r",
		"a >> \r\r",
		"a nothing",
		"a >> four\n",
		"a < [a]: four --STAMP\r",
	};
	CONVERSE(NULL, rows);
}

/* Every border of the limit, plain, with CR LF, as a command, and with erased bytes. */
static void test_too_long(void)
{
	struct converse c;
	char x[1025];

	memset(x, 'x', sizeof(x));
	converse_begin(&c, NULL);
	converse_row(&c, "a enters");
	for (int len = 1023; len <= 1025; len++) {
		int text = len - (int)strlen("/me ");

		converse_row(&c, "a > %.*s", len, x);
		if (len <= 1024)
			converse_row(&c, "a < [a]: %.*s --STAMP", len, x);
		else
			converse_row(&c,
				"a < !!! message too long (%d bytes, at most 1024): not sent", len);
		converse_row(&c, "a > /me %.*s", text, x);
		if (len <= 1024)
			converse_row(&c, "a < * a %.*s --STAMP", text, x);
		else
			converse_row(&c,
				"a < !!! message too long (%d bytes, at most 1024): not sent", len);
		converse_row(&c, "a > y\b%.*s\x7f", len + 1, "");
		converse_row(&c, "a > %.*s\xe2\x82\xac\b", len, x);
		if (len <= 1024)
			converse_row(&c, "a < [a]: %.*s --STAMP", len, x);
		else
			converse_row(&c,
				"a < !!! message too long (%d bytes, at most 1024): not sent", len);
		converse_row(&c, "a > //");
		converse_row(&c, "a < [a]: / --STAMP");
	}
	converse_row(&c, "a > %.*s\r", 1024, x);
	converse_row(&c, "a < [a]: %.*s --STAMP\r", 1024, x);
	converse_row(&c, "a > %.*s\r", 1025, x);
	converse_row(&c, "a < !!! message too long (1025 bytes, at most 1024): not sent\r");
	CHECK(converse_end(&c));
}

/* A line over the limit is not said, so it announces nobody, and the next is fine. */
static void test_too_long_at_first(void)
{
	struct converse c;
	char *x = malloc(150000);

	memset(x, 'x', 150000);
	converse_begin(&c, NULL);
	converse_row(&c, "a connects");
	converse_row(&c, "a forgets");
	converse_row(&c, "a > %.*s", 150000, x);
	converse_row(&c, "a < !!! message too long (150000 bytes, at most 1024): not sent");
	converse_row(&c, "a > short");
	converse_row(&c, "a < *** #1 joined (1 online) --STAMP");
	converse_row(&c, "a < [#1]: short --STAMP");
	CHECK(converse_end(&c));
	free(x);
}

static void test_erasing(void)
{
	static const char *const rows[] = {
		"a enters",
		"a > helo\b\x7flp",
		"a < [a]: help --STAMP",
		"a > \b\b\bx",
		"a < [a]: x --STAMP",
		"a > x\xe2\x82\xac\by",
		"a < [a]: xy --STAMP",
		"a > x\xf0\x9f\x98\x80\x7fy",
		"a < [a]: xy --STAMP",
		"a > x\b \b",
		"a nothing",
		"a > e\xcc\x81\b!", /* one code point, not the whole letter */
		"a < [a]: e! --STAMP",
	};
	CONVERSE(NULL, rows);
}

static void test_last_line(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"b > one",
		"b >> two",
		"b ends",
		"b < [b]: one --STAMP",
		"b < [b]: two --STAMP",
		"b closed",
		"a < [b]: one --STAMP",
		"a < [b]: two --STAMP",
		"a < *** b left (1 online) --STAMP",
		"c enters",
		"c > three",
		"c >> four",
		"c resets",
		"a < [c]: three --STAMP",
		"a < *** c left (1 online) --STAMP",
		"c forgets",
		"d enters",
		"d >> /quit bye",
		"d ends",
		"d closed",
		"a < *** d left (bye) --STAMP",
		"e enters",
		"e >> five\r",
		"e ends",
		"e < [e]: five --STAMP",
		"e closed",
		"a < [e]: five --STAMP",
		"a < *** e left (1 online) --STAMP",
	};
	CONVERSE(NULL, rows);
}

/* printf 'hello' | nc: a first line without LF, and the end at once. */
static void test_only_a_last_line(void)
{
	static const char *const rows[] = {
		"a enters",
		"b connects",
		"b forgets",
		"b >> hello",
		"b ends",
		"b < *** #2 joined (2 online) --STAMP",
		"b < [#2]: hello --STAMP",
		"b closed",
		"a < *** #2 joined (2 online) --STAMP",
		"a < [#2]: hello --STAMP",
		"a < *** #2 left (1 online) --STAMP",
	};
	CONVERSE(NULL, rows);
}

/* Who half-closes gets what was said until then, however slowly it reads, and nothing else. */
static void test_half_close(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"b stalls",
		"b > /help nick",
		"a > one",
		"a > /msg b two",
		"a < [a]: one --STAMP",
		"a < [you -> b]: two --STAMP",
		"b > three",
		"a < [b]: three --STAMP",
		"b ends",
		"a < *** b left (1 online) --STAMP",
		"a > not for b",
		"a < [a]: not for b --STAMP",
		"wait 10000",
		"b nothing",
		"b reads",
		"b < === /nick NAME [KEY]          take a name; KEY: of a claimed one",
		"b < [a]: one --STAMP",
		"b < [a -> you]: two --STAMP",
		"b < [b]: three --STAMP",
		"b closed",
	};
	CONVERSE(NULL, rows);
}

/* Whole lines that came before a reset count, even those that had to wait for the rate. */
static void test_reset_behind_lines(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"b > 1\n2\n/replay\n/who\n3\n4",
		"b resets",
		"a < [b]: 1 --STAMP",
		"wait 10000",
		"a < [b]: 2 --STAMP",
		"a < [b]: 3 --STAMP",
		"a < [b]: 4 --STAMP",
		"a < *** b left (1 online) --STAMP",
		"b forgets",
	};
	struct settings settings = converse_settings;

	settings.rate = 1;
	settings.burst = 2;
	CONVERSE(&settings, rows);
}

static const struct unit_test tests[] = {
	{ "spaces are kept", test_spaces_are_kept },
	{ "//x says /x", test_two_slashes },
	{ "what shows nothing comes before a command", test_unseen_before_a_slash },
	{ "blank lines are ignored", test_blank_lines_are_ignored },
	{ "many lines in one piece", test_many_lines_in_one_piece },
	{ "any pieces give the same", test_any_pieces },
	{ "CR LF is answered with CR LF, from then on", test_line_ends },
	{ "a CR by itself ends a line", test_lone_cr },
	{ "too long, at -1, 0 and +1", test_too_long },
	{ "too long as the first line", test_too_long_at_first },
	{ "BS and DEL erase a code point", test_erasing },
	{ "the last line needs no LF, unless reset", test_last_line },
	{ "a connection that is only a last line", test_only_a_last_line },
	{ "who half-closes gets all it was owed", test_half_close },
	{ "lines that came before a reset count", test_reset_behind_lines },
};

UNIT_MAIN(tests)
