/*
 * Widths and clusters. The clusters are written with "|" where one ends; every text is walked
 * cluster by cluster. (compare_widths.py compares the width of every code point with Python's.)
 */
#include "proto/text.h"
#include "test/unit/unit.h"

struct row {
	const char *marked;  /* the text, with a "|" behind each cluster */
	const char *columns; /* the most of each cluster, a hexadecimal digit */
};

static const struct row rows[] = {
	{ "", "" },
	{ "a|b| |~|", "1111" },
	{ "漢|字|ｱ|Ａ|", "2212" },
	/* Marks, also alone and many; a spacing mark takes its column. */
	{ "a\u0301\u0302\u0303\u20dd|b|", "11" },
	{ "\u0301\u0301|", "1" },
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
	{ "\u1112\u1161\u11ab|\u1112\u1161|\u1100\u1100\u1161|", "435" },
	{ "가\u11a8|각\u11a8|각|\u1161|", "3322" },
	{ "\u1100\u1161\u1161\u11a8\u11a8|", "8" },
	{ "가\u1161|a|\u1160\u11a8|", "413" },
	/* Pictographs: tones, joiners, selectors. */
	{ "👍|👍🏽|👍|", "242" },
	{ "👩\u200d👩\u200d👧\u200d👦|👩\u200d🚀|", "b5" },
	{ "👩\u200d|a|👩\u0301\u200d👧|", "315" },
	{ "a\u200d|👩|", "22" },
	{ "❤|❤\ufe0f|❤\ufe0e|", "121" },
	{ "❤\ufe0f\u200d🔥|", "5" },
	{ "⌚|⌚\ufe0e|", "22" },
	{ "1\ufe0f\u20e3|#\ufe0f|1|", "221" },
	{ "a\ufe0f|", "1" },
	{ "a🏽|b|", "31" },
	{ "🏽|", "2" },
	{ "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f|x|", "81" },
	/* Flags: pairs of regional indicators from the left. */
	{ "🇩🇪|🇫🇷|🇩|", "222" },
	{ "a|🇩🇪|🇫|b|🇷|", "12212" },
	{ "🇩\u200d|🇪|", "32" },
	/* What stands before a digit in Arabic. */
	{ "\u0600١|a|", "21" },
	{ "\u0600|\n|", "10" },
	/* Controls stand alone, CR LF is one. */
	{ "a|\t|\u0301|\x1b|", "1010" },
	{ "\r\n|\n|\r|", "000" },
	{ "\u200b|a|\u2028|", "111" },
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

static int digit(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
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
			CHECK_INT(columns, digit(rows[i].columns[k]));
			CHECK_INT(text_cluster(text + at, len - at, NULL), n);
			total += (size_t)columns;
			at = ends[k];
		}
		CHECK_INT(text_columns(text, len), total);
	}
}

/*
 * What thirteen terminals take for a text: xterm 379, tmux 3.3a, screen 4.9.0, urxvt 9.30, mlterm
 * 3.9.0, st 0.9, VTE 0.70.6, kitty 0.26.5, alacritty 0.11.0, foot 1.13.1, konsole 22.12.3, pyte
 * 0.8.0, mosh 1.4.0. The fewest and the most columns after printing it on an empty line.
 */
static const struct {
	uint32_t codes[8];
	size_t fewest, most;
} measured[] = {
	{ { 0x1f468, 0x200d, 0x1f469, 0x200d, 0x1f467 }, 2, 8 },
	{ { 0x1f1e9, 0x1f1ea }, 2, 2 },
	{ { 0x0031, 0xfe0f, 0x20e3 }, 1, 2 },
	{ { 0x2764, 0xfe0f }, 1, 2 },
	{ { 0x231a, 0xfe0e }, 1, 2 },
	{ { 0x1f44d, 0x1f3fd }, 2, 4 },
	{ { 0x1100, 0x1161, 0x11a8 }, 2, 4 },
	{ { 0xd55c }, 2, 2 },
	{ { 0x0915, 0x094d, 0x0937, 0x093f }, 2, 3 },
	{ { 0x0e01, 0x0e33 }, 2, 2 },
	{ { 0x0ba8, 0x0bbf }, 1, 2 },
	{ { 0x0644, 0x0627 }, 1, 2 },
	{ { 0x00ad }, 0, 1 },
	{ { 0x200b }, 0, 1 },
	{ { 0x2060 }, 0, 1 },
	{ { 0xfeff }, 0, 1 },
	{ { 0x115f }, 0, 2 },
	{ { 0x3164 }, 0, 2 },
	{ { 0x2028 }, 0, 1 },
	{ { 0xe0001 }, 0, 1 },
	{ { 0x1fae8 }, 0, 2 },
	{ { 0x1fae9 }, 0, 1 },
	{ { 0x1ccd6 }, 0, 1 },
	{ { 0x4dc0 }, 1, 2 },
	{ { 0x2630 }, 1, 1 },
	{ { 0xfffd }, 1, 1 },
	{ { 0x0300 }, 0, 1 },
	{ { 0x0e33 }, 1, 1 },
	{ { 0x302a }, 0, 2 },
	{ { 0x16fe4 }, 0, 1 },
	{ { 0x17b4 }, 0, 1 },
	{ { 0x1f3f4, 0xe0067, 0xe0062, 0xe0065, 0xe006e, 0xe0067, 0xe007f }, 2, 8 },
	{ { 0x1f469, 0x200d, 0x1f4bb }, 2, 5 },
	{ { 0x1f3f3, 0xfe0f, 0x200d, 0x1f308 }, 1, 4 },
	{ { 0x1f937, 0x1f3fd, 0x200d, 0x2642, 0xfe0f }, 2, 6 },
	{ { 0x263a, 0xfe0f }, 1, 2 },
	{ { 0x26a0, 0xfe0f }, 1, 2 },
	{ { 0x1f1e9 }, 1, 2 },
	{ { 0x1f3fd }, 0, 2 },
	{ { 0x0939, 0x093f, 0x0928, 0x094d, 0x0926, 0x0940 }, 3, 5 },
	{ { 0x00a9, 0xfe0f }, 1, 2 },
	{ { 0x0061, 0x200d, 0x0062 }, 1, 3 },
	{ { 0x0600 }, 0, 1 },
	{ { 0x1161 }, 0, 2 },
	{ { 0x2764, 0xfe0f, 0x200d, 0x1f525 }, 1, 4 },
	{ { 0x1f6dc }, 0, 2 },
	{ { 0x2ffc }, 0, 1 },
	{ { 0x180e }, 0, 1 },
	{ { 0x1f91d, 0x1f3fd }, 2, 4 },
	{ { 0x261d, 0x1f3fd }, 1, 3 },
	{ { 0x1f575, 0xfe0f }, 1, 2 },
};

/* None takes more than we reckon with; where we are sure, all take just as many. */
static void test_terminals(void)
{
	for (size_t i = 0; i < sizeof(measured) / sizeof(measured[0]); i++) {
		char text[8 * 4];
		size_t len = 0, columns;
		bool sure = true;

		for (size_t k = 0; k < 8 && measured[i].codes[k]; k++)
			len += text_encode(text + len, measured[i].codes[k]);
		columns = text_columns(text, len);
		for (size_t at = 0; at < len;) {
			struct text_shape shape;

			at += text_shape(text + at, len - at, &shape);
			sure &= shape.sure;
		}
		if (columns < measured[i].most ||
			(sure && (measured[i].fewest != columns || measured[i].most != columns))) {
			CHECK_INT(measured[i].codes[0], 0);
			CHECK_INT(columns, measured[i].most);
		}
	}
}

/* Text that is sure everywhere costs no bytes of its own. */
static void test_sure(void)
{
	static const struct {
		const char *text;
		bool sure;
	} table[] = {
		{ "a", true }, { "\u00e9", true }, { "e\u0301", true }, { "\u0416", true },
		{ "\u05d0", true }, { "\u4f60", true }, { "\ud55c", true }, { "\uff21", true },
		{ "\u2500", true }, { "\u0e01", true }, { "\u2764", true }, { "\u20ac", true },
		{ "\U0001f1e9\U0001f1ea", true }, { "\U0001f1e9", false }, { "\U0001f44d", false },
		{ "\u2764\ufe0f", false }, { "\u0644", false }, { "\u0915", false },
		{ "\u0301", false }, { "\u231a", false }, { "\u4dc0", false }, { "\u200b", false },
		{ "\u00ad", false }, { "\u1161", false }, { "\ue000", false }, { "1\ufe0f", false },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct text_shape shape;

		CHECK_INT(text_shape(table[i].text, strlen(table[i].text), &shape),
			strlen(table[i].text));
		if (shape.sure != table[i].sure)
			CHECK_TEXT(table[i].text, strlen(table[i].text), "");
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
	{ "the most that terminals take", test_terminals },
	{ "what all agree on", test_sure },
	{ "widths", test_widths },
	{ "invisible code points", test_invisible },
};

UNIT_MAIN(tests)
