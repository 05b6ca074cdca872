/*
 * Claims: a nick, and what looks like it, is taken with its key or not at all.
 */
#include <string.h>

#include "server/core/room/claims.h"
#include "test/unit/converse.h"
#include "test/unit/unit.h"

/* The first keys that are given out. */
#define KEY_1 "bbbbbbbbbbbbbbbbbbbbbbbbbb"
#define KEY_2 "cccccccccccccccccccccccccc"
#define KEY_3 "dddddddddddddddddddddddddd"

static struct settings with_store(uint32_t max_claims)
{
	struct settings settings = converse_settings;

	settings.has_store = true;
	settings.max_claims = max_claims;
	return settings;
}

static void test_claim(void)
{
	static const char *const rows[] = {
		"alice enters",
		"bob enters",
		"all forgets",
		"log forgets",
		"alice > /claim",
		"alice < === claimed alice " KEY_1,
		"log < client #1 (alice) has claimed its nick. TIME: STAMP",
		"bob > /nick alice",
		"bob < !!! nick alice is claimed",
		"alice > /quit",
		"alice closed",
		"bob forgets",
		"log forgets",
		"bob > /nick alice",
		"bob < !!! nick alice is claimed",
		"bob > /nick \xd0\xb0lice",
		"bob < !!! a nick must be written in one script",
		"bob > /nick Alice",
		"bob < !!! nick Alice is claimed",
		"bob > /nick a1ice " KEY_2,
		"bob < !!! nick a1ice is claimed",
		"bob > /nick alice  " KEY_1 " ",
		"bob < *** bob is now alice --STAMP",
		"log < client #2 (bob) is now alice. TIME: STAMP",
		/* It has shown the key. */
		"bob > /nick Alice",
		"bob < *** alice is now Alice --STAMP",
		"bob > /unclaim",
		"bob < === alice is no longer claimed",
		"bob > /unclaim",
		"bob < !!! Alice is not claimed",
		"bob > /nick carol",
		"bob < *** Alice is now carol --STAMP",
		"bob > /nick alice",
		"bob < *** carol is now alice --STAMP",
	};
	struct settings settings = with_store(1);

	CONVERSE(&settings, rows);
}

#define NO_KEY "!!! a nick must not have a blank; a key after it has 26 characters, a-z and 2-7"

/* A key where none is needed is let be; what is no key is told so, and opens nothing. */
static void test_key_of_nothing(void)
{
	static const char *const rows[] = {
		"a enters",
		"a > /nick al " KEY_1,
		"a < *** a is now al --STAMP",
		"a > /nick alice b",
		"a < " NO_KEY,
		"a > /nick al b",
		"a < " NO_KEY,
		"a > /nick alice " KEY_1 "b",
		"a < " NO_KEY,
		"a > /nick alice\tbbbbbbbbbbbbbbbbbbbbbbbbb",
		"a < " NO_KEY,
		"a > /nick alice 0bbbbbbbbbbbbbbbbbbbbbbbbb",
		"a < " NO_KEY,
		"a > /nick alice BBBBBBBBBBBBBBBBBBBBBBBBBB",
		"a < " NO_KEY,
		"a > /nick " KEY_1,
		"a < *** al is now " KEY_1 " --STAMP",
		"a > /nick a b " KEY_1,
		"a < !!! a nick must not have a blank, control or invisible character",
		"a > /claim",
		"a < === claimed " KEY_1 " " KEY_1,
		"b enters",
		"all forgets",
		"b > /nick " KEY_1 " b",
		"b < !!! nick " KEY_1 " is claimed",
	};
	struct settings settings = with_store(1);

	CONVERSE(&settings, rows);
}

static void test_refusals(void)
{
	static const char *const rows[] = {
		"n connects",
		"n < === chatd: you are #1, 1 of 8 online, /help for help",
		"n > /claim",
		"n < !!! take a nick first: /nick NAME",
		"n > /unclaim",
		"n < !!! your nick is not claimed",
		"n > /quit",
		"a enters",
		"b enters",
		"all forgets",
		"a > /claim",
		"a < === claimed a " KEY_1,
		"b > /claim",
		"b < !!! no more claims",
		/* A lost key makes way for another, at the limit too, but not at once. */
		"a > /claim",
		"a < !!! one claim a minute, try again in 60 s",
		"wait 59000",
		"a > /claim",
		"a < !!! one claim a minute, try again in 1 s",
		"wait 1000",
		"a > /claim",
		"a < === claimed a " KEY_2,
		"a > /nick c",
		"all < *** a is now c --STAMP",
		"a > /nick a " KEY_1,
		"a < !!! nick a is claimed",
		"a > /nick a " KEY_2,
		"all < *** c is now a --STAMP",
		"a > /unclaim b",
		"a < !!! /unclaim NAME is for operators",
	};
	struct settings settings = with_store(1);

	if (!converse_is_late())
		CONVERSE(&settings, rows);
}

static void test_no_store(void)
{
	static const char *const rows[] = {
		"a enters",
		"a > /claim",
		"a < !!! nothing can be claimed: this server keeps no store",
	};
	struct settings settings = with_store(1);

	settings.has_store = false;
	CONVERSE(&settings, rows);
}

/* Three guesses, then not even the right one counts. */
static void test_guesses(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"a > /claim",
		"a forgets",
		"a > /quit",
		"all forgets",
		"b > /nick a " KEY_2,
		"b < !!! nick a is claimed",
		"b > /nick a " KEY_3,
		"b < !!! nick a is claimed",
		"b > /nick a",
		"b < !!! nick a is claimed",
		"b > /nick a " KEY_2,
		"b < !!! nick a is claimed",
		"b > /nick a " KEY_1,
		"b < !!! too many wrong keys on this connection",
		"b > /nick c",
		"b < *** b is now c --STAMP",
	};
	struct settings settings = with_store(1);

	CONVERSE(&settings, rows);
}

static void test_operators(void)
{
	static const char *const rows[] = {
		"o operates",
		"o > /nick o",
		"a enters",
		"a > /claim",
		"all forgets",
		"log forgets",
		"o > /unclaim nobody",
		"o < !!! nobody is not claimed",
		"o > /unclaim A",
		"o < === a is no longer claimed",
		"log < operator o: /unclaim A",
		"a > /nick b",
		"all < *** a is now b --STAMP",
		"o > /nick a",
		"all < *** o is now a --STAMP",
	};
	struct settings settings = with_store(1);

	CONVERSE(&settings, rows);
}

/* One that comes back by its token needs no key, and nobody else gets in between. */
static void test_resume(void)
{
	static const char *const rows[] = {
		"a enters",
		"b enters",
		"all forgets",
		"a > /claim",
		"a < === claimed a " KEY_1,
		"a > /resume",
		"a < === resume 2 02020202020202020202020202020202",
		"a resets",
		"b > /nick a",
		"b < !!! nick a is claimed",
		"b > /nick a " KEY_1,
		"b < !!! the nick a is taken",
		"a2 connects",
		"a2 > /resume 2 02020202020202020202020202020202",
		"a2 forgets",
		"a2 > hi",
		"b < [a]: hi --STAMP",
		"a2 < @3 EPOCH [a]: hi --STAMP",
		"a2 > /claim",
		"a2 < !!! one claim a minute, try again in 60 s",
	};
	struct settings settings = with_store(1);

	CONVERSE(&settings, rows);
}

/* One that is not used for half a year ends, but not while its owner is here. */
static void test_end(void)
{
	struct settings settings = with_store(1);
	struct converse c;

	converse_begin(&c, &settings);
	converse_row(&c, "a enters");
	converse_row(&c, "b enters");
	converse_row(&c, "a > /claim");
	converse_row(&c, "all forgets");
	for (int month = 0; month < 7; month++)
		converse_row(&c, "wait %u", 30u * 24 * 3600 * 1000);
	converse_row(&c, "b > /nick a");
	converse_row(&c, "b < !!! nick a is claimed");
	converse_row(&c, "a > /quit");
	converse_row(&c, "b forgets");
	converse_row(&c, "a forgets");
	for (int month = 0; month < 6; month++)
		converse_row(&c, "wait %u", 30u * 24 * 3600 * 1000);
	converse_row(&c, "b > /nick a");
	converse_row(&c, "b < !!! nick a is claimed");
	converse_row(&c, "wait 1000");
	converse_row(&c, "b > /nick a");
	converse_row(&c, "b < *** b is now a --STAMP");
	CHECK(converse_end(&c));
}

static const struct unit_test tests[] = {
	{ "/claim, /nick NAME KEY, /unclaim", test_claim },
	{ "a key of nothing", test_key_of_nothing },
	{ "refusals", test_refusals },
	{ "without a store", test_no_store },
	{ "guesses", test_guesses },
	{ "operators", test_operators },
	{ "coming back", test_resume },
	{ "the end of a claim", test_end },
};

UNIT_MAIN(tests)
