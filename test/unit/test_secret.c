/*
 * Comparing secrets: equal is equal, and nothing else is.
 */
#include "server/core/base/secret.h"
#include "test/unit/unit.h"

struct row {
	const char *secret, *guess;
	bool equal;
};

static const struct row rows[] = {
	{ "sesame", "sesame", true },
	{ "sesame", "sesam", false },
	{ "sesame", "sesamee", false },
	{ "sesame", "Sesame", false },
	{ "sesame", "tesame", false },
	{ "sesame", "sesamf", false },
	{ "sesame", "", false },
	{ "", "sesame", false },
	{ "", "", true },
	{ "abab", "ab", false },
	{ "ab", "abab", false },
	{ "aa", "aaaa", false },
};

static void test_rows(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		CHECK_INT(secret_equal(rows[i].secret, strlen(rows[i].secret), rows[i].guess,
			strlen(rows[i].guess)), rows[i].equal);
	CHECK(secret_equal("a\0b", 3, "a\0b", 3));
	CHECK(!secret_equal("a\0b", 3, "a\0c", 3));
	CHECK(!secret_equal("", 0, "\0", 1));
}

static const struct unit_test tests[] = {
	{ "equal or not", test_rows },
};

UNIT_MAIN(tests)
