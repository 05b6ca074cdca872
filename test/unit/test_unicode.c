/*
 * Normalization, folding, marks, scripts and looks, by rows. All of Unicode is compared with its
 * files by compare_unicode.py, where they are installed.
 */
#include "proto/unicode.h"

#include "proto/confusable.h"
#include "proto/script.h"
#include "test/unit/unit.h"

struct row {
	const char *from;
	const char *to;
};

static size_t nfc(const char *s, size_t len, char *out, size_t room)
{
	struct unicode_text text, parts;

	unicode_read(&text, s, len);
	unicode_decompose(&parts, &text);
	unicode_compose(&parts);
	CHECK(unicode_write(&parts, out, room, &len));
	return len;
}

/* Some rows of NormalizationTest.txt, and the cases that its parts are about. */
static void test_nfc(void)
{
	static const struct row rows[] = {
		{ "", "" },
		{ "alice", "alice" },
		{ "O\xcc\x88mer", "\xc3\x96mer" },
		{ "\xc3\x96mer", "\xc3\x96mer" },
		{ "e\xcc\xa3\xcc\x82", "\xe1\xbb\x87" },             /* marks in order */
		{ "e\xcc\x82\xcc\xa3", "\xe1\xbb\x87" },             /* and not in order */
		{ "e\xcc\x81\xcc\x81", "\xc3\xa9\xcc\x81" },         /* the second is blocked */
		{ "\xcc\x81" "e", "\xcc\x81" "e" },                  /* a mark without a letter */
		{ "\xe2\x84\xab", "\xc3\x85" },                      /* ANGSTROM SIGN */
		{ "\xe0\xa5\x98", "\xe0\xa4\x95\xe0\xa4\xbc" },      /* excluded from composition */
		{ "\xef\xa4\x80", "\xe8\xb1\x88" },                  /* a compatibility ideograph */
		{ "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", "\xed\x95\x9c" }, /* Hangul: L V T */
		{ "\xed\x95\x98\xe1\x86\xab", "\xed\x95\x9c" },      /* LV T */
		{ "\xed\x95\x9c\xe1\x86\xab", "\xed\x95\x9c\xe1\x86\xab" }, /* LVT T */
		{ "\xf0\x9d\x85\x9e", "\xf0\x9d\x85\x97\xf0\x9d\x85\xa5" }, /* MUSICAL HALF NOTE */
		{ "\xf0\x91\x82\x99\xf0\x91\x82\xba", "\xf0\x91\x82\x9a" }, /* a pair above U+FFFF */
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char out[64];
		size_t len = nfc(rows[i].from, strlen(rows[i].from), out, sizeof(out));

		CHECK_TEXT(out, len, rows[i].to);
	}
}

/* A row that is full takes no more and says so; so does a place that is too small. */
static void test_limits(void)
{
	char many[UNICODE_TEXT_MAX + 1], out[4];
	struct unicode_text text, to;
	size_t len;

	memset(many, 'a', sizeof(many));
	for (size_t n = UNICODE_TEXT_MAX - 1; n <= UNICODE_TEXT_MAX + 1; n++) {
		unicode_read(&text, many, n);
		CHECK_INT(text.is_cut, n > UNICODE_TEXT_MAX);
		unicode_decompose(&to, &text);
		CHECK_INT(to.is_cut, n > UNICODE_TEXT_MAX);
	}
	memset(many, 'm', sizeof(many)); /* each looks like two */
	for (size_t n = UNICODE_TEXT_MAX / 2 - 1; n <= UNICODE_TEXT_MAX / 2 + 1; n++) {
		unicode_read(&text, many, n);
		confusable_skeleton(&to, &text);
		CHECK_INT(to.is_cut, n > UNICODE_TEXT_MAX / 2);
	}
	for (size_t n = 3; n <= 5; n++) {
		unicode_read(&text, "aaaaa", n);
		CHECK_INT(unicode_write(&text, out, sizeof(out), &len), n <= sizeof(out));
	}
	unicode_read(&text, "aa\xc3\xa9", 4);
	CHECK(!unicode_write(&text, out, 3, &len));
	CHECK_INT(len, 2);
}

static void test_fold(void)
{
	static const struct row rows[] = {
		{ "ALICE", "alice" },
		{ "\xc3\x96MER", "\xc3\xb6mer" },
		{ "Stra\xc3\x9f" "e", "strasse" },
		{ "\xce\x91\xce\xa3", "\xce\xb1\xcf\x83" },
		{ "\xcf\x82", "\xcf\x83" }, /* a final sigma is one */
		{ "\xd0\xaf", "\xd1\x8f" },
		{ "\xc4\xb0", "i\xcc\x87" },
		{ "\xef\xac\x83", "ffi" },
		{ "\xf0\x90\x90\x80", "\xf0\x90\x90\xa8" }, /* Deseret */
		{ "\xe3\x81\x82", "\xe3\x81\x82" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct unicode_text text, folded;
		char out[64];
		size_t len;

		unicode_read(&text, rows[i].from, strlen(rows[i].from));
		unicode_fold(&folded, &text);
		CHECK(unicode_write(&folded, out, sizeof(out), &len));
		CHECK_TEXT(out, len, rows[i].to);
	}
}

static void test_letters(void)
{
	CHECK_INT(unicode_base(0xe9), 'e');
	CHECK_INT(unicode_base('e'), 'e');
	CHECK_INT(unicode_base(0x1ed8), 'O');
	CHECK_INT(unicode_base(0x439), 0x438);
	CHECK_INT(unicode_base(0xd55c), 0xd55c);
	CHECK_INT(unicode_base(0x304c), 0x304b);
	CHECK(unicode_is_mark(0x300) && unicode_is_mark(0x36f) && unicode_is_mark(0x903));
	CHECK(unicode_is_mark(0xfe0f) && unicode_is_mark(0xe01ef) && unicode_is_mark(0x20dd));
	CHECK(!unicode_is_mark(0x2ff) && !unicode_is_mark(0x370) && !unicode_is_mark('a'));
	CHECK(!unicode_is_mark(0xe01f0) && !unicode_is_mark(0x10ffff) && !unicode_is_mark(0));
}

struct match {
	const char *s, *word;
	size_t with_marks, without; /* how many bytes of s are word */
};

static void test_match(void)
{
	static const struct match rows[] = {
		{ "alice", "ali", 3, 3 },
		{ "ALIce", "ali", 3, 3 },
		{ "alice", "alicex", 0, 0 },
		{ "alice", "", 0, 0 },
		{ "", "a", 0, 0 },
		{ "", "", 0, 0 },
		{ "\xc3\x89mile", "\xc3\xa9", 2, 2 },
		{ "\xc3\x89mile", "e", 0, 2 },
		{ "\xc3\x89mile", "EM", 0, 3 },
		{ "Emile", "\xc3\xa9m", 0, 2 },
		{ "E\xcc\x81mile", "\xc3\xa9m", 4, 4 },
		{ "E\xcc\x81mile", "e", 0, 3 }, /* not between a letter and its mark */
		{ "\xc3\x96mer", "\xc3\xb6mer", 5, 5 },
		{ "Stra\xc3\x9f" "e", "strasse", 7, 7 },
		{ "Stra\xc3\x9f" "e", "stras", 0, 0 }, /* nor within one */
		{ "\xce\x91\xce\xa3", "\xce\xb1\xcf\x82", 4, 4 },
		{ "\xed\x95\x9c\xea\xb5\xad", "\xed\x95\x9c", 3, 3 },
		{ "\xff", "\xff", 1, 1 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct match *row = &rows[i];
		size_t s_len = strlen(row->s), word_len = strlen(row->word);

		CHECK_INT(unicode_match(row->s, s_len, row->word, word_len, true), row->with_marks);
		CHECK_INT(unicode_match(row->s, s_len, row->word, word_len, false), row->without);
	}
}

static void test_scripts(void)
{
	static const char *const one[] = { "", "alice", "al1ce-_.", "\xd0\xb0\xd0\xbb\xd0\xb8",
		"\xe6\x97\xa5\xe3\x81\xae\xe3\x82\xab", "Bob\xe6\x97\xa5\xe3\x81\xae\xe3\x83\xbc",
		"Bob\xed\x95\x9c\xe6\x97\xa5", "Bob\xe3\x84\x85\xe6\x97\xa5", "\xf0\x9f\x90\x8e" "bob",
		"e\xcc\x81", "\xd0\xb8\xcc\x86", "1234" };
	static const char *const mixed[] = { "\xd0\xb0lice", "\xce\xb1lice", "\xd0\xb0\xce\xb1",
		"\xed\x95\x9c\xe3\x81\x82", "a\xed\x95\x9c\xe3\x81\x82", "\xe3\x84\x85\xe3\x81\x82",
		"a\xd7\x90", "\xd0\xb0\xe6\x97\xa5", "a\xcd\xb8" };

	for (size_t i = 0; i < sizeof(one) / sizeof(one[0]); i++)
		CHECK(script_is_one(one[i], strlen(one[i])));
	for (size_t i = 0; i < sizeof(mixed) / sizeof(mixed[0]); i++)
		CHECK(!script_is_one(mixed[i], strlen(mixed[i])));
}

static void test_skeleton(void)
{
	static const struct row rows[] = {
		{ "\xd0\xb0lice", "alice" },                         /* a Cyrillic one */
		{ "\xef\xbd\x81\xef\xbd\x82\xef\xbd\x83", "abc" },   /* full width; b is no row */
		{ "\xf0\x9d\x90\x9b\xf0\x9d\x9f\x8e", "bO" },        /* mathematical */
		{ "\xe2\x93\x91\xe2\x81\xbf", "bn" },                /* circled, raised */
		{ "1|I", "lll" },
		{ "0m", "Orn" },
		{ "\xc5\xa3", "\xc6\xab" },                          /* a letter with its mark */
		{ "\xc8\x9b", "\xc6\xab" },
		{ "o\xcc\x88", "\xd8\xa9" },
		{ "\xd0\xbe\xcc\x88", "\xd8\xa9" },                  /* one of both */
		{ "\xe6\x97\xa5\xe6\x9c\xac", "\xe6\x97\xa5\xe6\x9c\xac" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct unicode_text text, look;
		char out[64];
		size_t len;

		unicode_read(&text, rows[i].from, strlen(rows[i].from));
		confusable_skeleton(&look, &text);
		CHECK(unicode_write(&look, out, sizeof(out), &len));
		CHECK_TEXT(out, len, rows[i].to);
	}
}

static const struct unit_test tests[] = {
	{ "NFC", test_nfc },
	{ "a full row", test_limits },
	{ "folding", test_fold },
	{ "letters and marks", test_letters },
	{ "matching the beginning", test_match },
	{ "scripts", test_scripts },
	{ "looks", test_skeleton },
};

UNIT_MAIN(tests)
