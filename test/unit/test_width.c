/*
 * Widths and clusters. The clusters are written with "|" where one ends; every text is walked
 * cluster by cluster. (compare_widths.py compares the width of every code point with Python's.)
 */
#include "proto/text.h"
#include "test/unit/unit.h"

struct row {
	const char *marked;  /* the text, with a "|" behind each cluster */
	const char *columns; /* of each cluster, a digit */
};

static const struct row rows[] = {
	{ "", "" },
	{ "a|b| |~|", "1111" },
	{ "漢|字|ｱ|Ａ|", "2212" },
	/* Marks, also alone and many; a spacing mark takes its column. */
	{ "a\u0301\u0302\u0303\u20dd|b|", "11" },
	{ "\u0301\u0301|", "0" },
	{ "ต\u0e33|ก\u0e34|", "21" },
	{ "க\u0bbe|", "2" },
	/* Indic conjuncts hold together, also with joiners; not in scripts that have none. */
	{ "क\u094dष|त\u094d\u200dर|क|ष|", "2211" },
	{ "क\u094d|a|", "11" },
	{ "क\u094d\u0324त|", "2" },
	{ "க\u0bcd|ஷ|", "11" },
	{ "a\u094d|क|", "11" },
	/* Hangul: syllables, and the letters that make one. */
	{ "한|국|", "22" },
	{ "\u1112\u1161\u11ab|\u1112\u1161|\u1100\u1100\u1161|", "224" },
	{ "가\u11a8|각\u11a8|각|\u1161|", "2220" },
	{ "\u1100\u1161\u1161\u11a8\u11a8|", "2" },
	{ "가\u1161|a|\u1160\u11a8|", "210" },
	/* Pictographs: tones, joiners, selectors. */
	{ "👍|👍🏽|👍|", "222" },
	{ "👩\u200d👩\u200d👧\u200d👦|👩\u200d🚀|", "22" },
	{ "👩\u200d|a|👩\u0301\u200d👧|", "212" },
	{ "a\u200d|👩|", "12" },
	{ "❤|❤\ufe0f|❤\ufe0e|", "121" },
	{ "❤\ufe0f\u200d🔥|", "2" },
	{ "⌚|⌚\ufe0e|", "22" },
	{ "1\ufe0f\u20e3|#\ufe0f|1|", "221" },
	{ "a\ufe0f|", "1" },
	{ "a🏽|b|", "31" },
	{ "🏽|", "2" },
	{ "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f|x|", "21" },
	/* Flags: pairs of regional indicators from the left. */
	{ "🇩🇪|🇫🇷|🇩|", "221" },
	{ "a|🇩🇪|🇫|b|🇷|", "12111" },
	{ "🇩\u200d|🇪|", "11" },
	/* What stands before a digit in Arabic. */
	{ "\u0600١|a|", "21" },
	{ "\u0600|\n|", "10" },
	/* Controls stand alone, CR LF is one. */
	{ "a|\t|\u0301|\x1b|", "1000" },
	{ "\r\n|\n|\r|", "000" },
	{ "\u200b|a|\u2028|", "010" },
	/* Bad bytes, each for itself. */
	{ "\x80|\xff|\xe2\x82|a|", "1111" },
};

/* Takes the marks out and says where they were. */
static size_t unmark(const char *marked, char *text, size_t ends[], size_t *count)
{
	size_t len = 0;

	*count = 0;
	for (const char *c = marked; *c != '\0'; c++) {
		if (*c == '|')
			ends[(*count)++] = len;
		else
			text[len++] = *c;
	}
	return len;
}

static void test_clusters(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[256];
		size_t ends[64], count, at = 0, total = 0;
		size_t len = unmark(rows[i].marked, text, ends, &count);

		CHECK_INT(strlen(rows[i].columns), count);
		for (size_t k = 0; k < count; k++) {
			int columns;
			size_t n = text_cluster(text + at, len - at, &columns);

			CHECK_BYTES(text + at, n, text + at, ends[k] - at);
			CHECK_INT(columns, rows[i].columns[k] - '0');
			CHECK_INT(text_cluster(text + at, len - at, NULL), n);
			total += (size_t)columns;
			at = ends[k];
		}
		CHECK_INT(text_columns(text, len), total);
	}
}

static void test_widths(void)
{
	CHECK_INT(text_width(0), 0);
	CHECK_INT(text_width(0x1f), 0);
	CHECK_INT(text_width(' '), 1);
	CHECK_INT(text_width('~'), 1);
	CHECK_INT(text_width(0x7f), 0);
	CHECK_INT(text_width(0x9f), 0);
	CHECK_INT(text_width(0xa0), 1);
	CHECK_INT(text_width(0xad), 1);
	CHECK_INT(text_width(0x10ff), 1);
	CHECK_INT(text_width(0x1100), 2);
	CHECK_INT(text_width(TEXT_INVALID), 1);
	CHECK_INT(text_width(0x1fae8), 2);
	CHECK_INT(text_width(0x10ffff), 1);
}

static void test_invisible(void)
{
	static const uint32_t invisible[] = {
		0, '\t', ' ', 0x7f, 0x80, 0x9f, 0xa0, 0xad, 0x34f, 0x61c, 0x115f, 0x1160, 0x1680,
		0x17b4, 0x17b5, 0x180b, 0x180e, 0x180f, 0x2000, 0x200b, 0x200c, 0x200d, 0x200e,
		0x2028, 0x2029, 0x202e, 0x202f, 0x205f, 0x2060, 0x2065, 0x2069, 0x206f, 0x2800,
		0x3000, 0x3164, 0xd800, 0xdfff, 0xfe00, 0xfe0f, 0xfeff, 0xffa0, 0xfff0, 0xfffb,
		0x1bca0, 0x1d159, 0x1d173, 0xe0001, 0xe0020, 0xe007f, 0xe0100, 0xe01ef, 0xe0fff,
	};
	static const uint32_t visible[] = {
		'!', '~', 0xa1, 0xac, 0xae, 0x301, 0x600, 0x6dd, 0x115e, 0x1161, 0x2010, 0x2027,
		0x2030, 0x2070, 0x2801, 0x3001, 0x3163, 0x4e00, 0xac00, 0xd7a3, 0xe000, 0xfe10,
		0xff9f, 0xffa1, TEXT_INVALID, 0x1f600, 0x20000, 0xe1000, 0x10ffff,
	};

	for (size_t i = 0; i < sizeof(invisible) / sizeof(invisible[0]); i++) {
		if (!text_is_invisible(invisible[i]))
			CHECK_INT(0, invisible[i]);
	}
	for (size_t i = 0; i < sizeof(visible) / sizeof(visible[0]); i++) {
		if (text_is_invisible(visible[i]))
			CHECK_INT(0, visible[i]);
	}
}

static const struct unit_test tests[] = {
	{ "clusters and their columns", test_clusters },
	{ "widths", test_widths },
	{ "invisible code points", test_invisible },
};

UNIT_MAIN(tests)
