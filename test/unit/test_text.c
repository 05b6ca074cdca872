/*
 * UTF-8, safe text, and the small things that are done with text.
 */
#include "proto/text.h"
#include "test/unit/unit.h"

#include <stdlib.h>

/* Every code point there is, written and read again; and each of its beginnings is bad. */
static void test_all_code_points(void)
{
	for (uint32_t code = 0; code <= 0x10ffff; code++) {
		char bytes[4];
		uint32_t got;
		bool valid;
		size_t len;

		if (code == 0xd800)
			code = 0xe000;
		len = text_encode(bytes, code);
		CHECK_INT(len, code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4);
		CHECK_INT(text_decode(bytes, len, &got, &valid), len);
		CHECK(valid && got == code);
		for (size_t cut = 1; cut < len; cut++) {
			CHECK_INT(text_decode(bytes, cut, &got, &valid), cut);
			CHECK(!valid && got == TEXT_INVALID);
		}
	}
}

struct row {
	const char *in;
	const char *out;
};

#define BAD "\xef\xbf\xbd"

static const struct row bad_rows[] = {
	/* The examples of the standard: tables 3-8 to 3-11. */
	{ "\x61\xf1\x80\x80\xe1\x80\xc2\x62\x80\x63\x80\xbf\x64",
		"a" BAD BAD BAD "b" BAD "c" BAD BAD "d" },
	{ "\xc0\xaf\xe0\x80\xbf\xf0\x81\x82\x41", BAD BAD BAD BAD BAD BAD BAD BAD "A" },
	{ "\xed\xa0\x80\xed\xbf\xbf\xed\xaf\x41", BAD BAD BAD BAD BAD BAD BAD BAD "A" },
	{ "\xf4\x91\x92\x93\xff\x41\x80\xbf\x42", BAD BAD BAD BAD BAD "A" BAD BAD "B" },
	{ "\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41", BAD BAD BAD BAD "A" },
	/* The borders of each form. */
	{ "\xc1\xbf\xc2\x80", BAD BAD },
	{ "\xc2\xa0\xdf\xbf", "\xc2\xa0\xdf\xbf" },
	{ "\xe0\x9f\xbf", BAD BAD BAD },
	{ "\xe0\xa0\x80", "\xe0\xa0\x80" },
	{ "\xed\x9f\xbf\xee\x80\x80", "\xed\x9f\xbf\xee\x80\x80" },
	{ "\xef\xbf\xbe\xef\xbf\xbf", "\xef\xbf\xbe\xef\xbf\xbf" },
	{ "\xf0\x8f\xbf\xbf", BAD BAD BAD BAD },
	{ "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf" },
	{ "\xf4\x90\x80\x80", BAD BAD BAD BAD },
	{ "\xf5\x80\x80\x80", BAD BAD BAD BAD },
	{ "\xf8\x88\x80\x80\x80", BAD BAD BAD BAD BAD },
	{ "\xfe\xff", BAD BAD },
	/* Latin-1, and a sequence that something cuts. */
	{ "Gr\xfc\xdf" "e", "Gr" BAD BAD "e" },
	{ "\x9b" "31m", BAD "31m" },
	{ "\xe2\x82" "\x1b" "\xac", BAD BAD },
	{ "\xe2\x82", BAD },
	{ "\xf0\x9f\x98", BAD },
	{ BAD, BAD },
};

static const struct row safe_rows[] = {
	{ "", "" },
	{ "plain text, no more ~", "plain text, no more ~" },
	{ "a\tb\t", "a    b    " },
	{ "a\xe2\x80\xa8" "b\xe2\x80\xa9" "c", "a b c" },
	{ "\x01\x02\r\n\x0b\x1f\x7f", "" },
	{ "a\xc2\x80\xc2\x85\xc2\x9b\xc2\x9f", "a" },
	{ "\xe2\x80\xaa\xe2\x80\xab\xe2\x80\xac\xe2\x80\xad\xe2\x80\xae.", "." },
	{ "\xe2\x81\xa6\xe2\x81\xa7\xe2\x81\xa8\xe2\x81\xa9.", "." },
	/* Their neighbours are ordinary: no-break spaces, marks of direction and others. */
	{ "\xc2\xa0\xe2\x80\xa7\xe2\x80\xaf\xe2\x81\xa5\xe2\x81\xaa",
		"\xc2\xa0\xe2\x80\xa7\xe2\x80\xaf\xe2\x81\xa5\xe2\x81\xaa" },
	{ "\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c", "\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c" },
	{ "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x9a\x80\xef\xb8\x8f",
		"\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x9a\x80\xef\xb8\x8f" },
	{ "\xe6\xbc\xa2\xe5\xad\x97 \xd7\xa2\xd7\x91\xd7\xa8 e\xcc\x81",
		"\xe6\xbc\xa2\xe5\xad\x97 \xd7\xa2\xd7\x91\xd7\xa8 e\xcc\x81" },
};

#define CSI8 "\xc2\x9b"
#define OSC8 "\xc2\x9d"
#define ST8 "\xc2\x9c"

/* Each with "." after it, so that it is seen where a sequence ends. */
static const struct row sequence_rows[] = {
	/* CSI, up to its final byte. */
	{ "\x1b[2J.", "." },
	{ "\x1b[D.", "." },
	{ "\x1b[01;31m\x1b[Kerror\x1b[m\x1b[K.", "error." },
	{ "\x1b[?25l\x1b[>0;1c\x1b[ q\x1b[!p\x1b[1 @\x1b[200~x\x1b[201~.", "x." },
	{ "\x1b[<35;1;1M\x1b[=c\x1b[38:2:1:2:3m.", "." },
	{ "\x1b[1\xc3\xa4.", "\xc3\xa4." },
	{ "\x1b[1 2m.", "2m." },
	{ "\x1b[\x1b[A.", "." },
	{ "\x1b[1\t.", "    ." },
	/* Strings, up to BEL or ST. */
	{ "\x1b]0;title\x07.", "." },
	{ "\x1b]8;;http://x/\x1b\\link\x1b]8;;\x1b\\.", "link." },
	{ "\x1bPq#0;~\x1b\\.", "." },
	{ "\x1bX sos \x1b\\\x1b^pm\x07\x1b_apc\xc2\x9c.", "." },
	{ "\x1bPtmux;\x1b\x1b]0;x\x07\x1b\\.", "." },
	{ "\x1b]\xc3\xa4\x9c\xff\x1b[m\x07.", "." },
	{ "\x1b]52;c;\x1b\x07.", "." },
	/* ESC, intermediates, a final byte. */
	{ "\x1b" "7\x1b" "8\x1b=\x1b>\x1b" "c\x1b(B\x1b#8\x1b%G\x1b  F\x1b~.", "." },
	{ "\x1b\x1b" "D.", "." },
	{ "\x1b\xc3\xa4.", "\xc3\xa4." },
	{ "\x1b(\xc3\xa4.", "\xc3\xa4." },
	{ "\x1b\\.", "." },
	{ "\x1b/A.", "/A." },
	/* Keys in application mode. */
	{ "\x1bOA\x1bOD\x1bOH\x1bOP\x1bOS.", "." },
	{ "\x1bO.", "." },
	{ "\x1bOx\x1bOE.", "xE." },
	/* In eight bits only what is whole: else it is a character of wrongly decoded text. */
	{ CSI8 "31m" CSI8 "?25h" CSI8 "1 q.", "." },
	{ CSI8 "A" CSI8 CSI8 "1\xc3\xa4.", "A1\xc3\xa4." },
	{ OSC8 "0;t\x07" OSC8 "0;t" ST8 "\xc2\x90" "d\x1b\\\xc2\x98s" ST8 "\xc2\x9ep" ST8
		"\xc2\x9f" "a" ST8 ".", "." },
	{ "\xe2\x80\x9cquoted\xe2\x80" OSC8 " and more.", "\xe2\x80\x9cquoted" BAD " and more." },
	{ OSC8 "0;title.", "0;title." },
	{ ST8 "\xc2\x8f.", "." },
	/* Not even a terminal of eight bits is given a control by a byte that is not UTF-8. */
	{ "\x9b" "31m\x9d" "0;t\x07.", BAD "31m" BAD "0;t." },
};

/* Sequences that the line cuts off go as far as they stand in it. */
static const struct row cut_rows[] = {
	{ "a\x1b", "a" },
	{ "a\x1b[", "a" },
	{ "a\x1b[1;3", "a" },
	{ "a\x1b[1 ", "a" },
	{ "a\x1b(", "a" },
	{ "a\x1bO", "a" },
	{ "a\x1b]0;title", "a" },
	{ "a\x1b]0;title\x1b", "a" },
	{ "a\x1b]0;title\xc2", "a" },
	{ "a\x1bP\xf0\x9f\x98\x80", "a" },
	{ "a" CSI8, "a" },
	{ "a" CSI8 "1", "a1" },
	{ "a" OSC8, "a" },
};

/* Cleans a copy of just the length, between texts of every small length on both sides. */
static void check_clean(const struct row *row)
{
	static const char side[] = "0123456789abcdefghijklmnopqrstuvwxyz";
	size_t in_len = strlen(row->in), out_len = strlen(row->out);

	for (size_t before = 0; before <= 18; before++) {
		for (size_t after = 0; after <= 18; after++) {
			size_t len = before + in_len + after;
			char *in = malloc(len + 1), *got = malloc(TEXT_GROWTH * len + 1);
			char want[256];

			memcpy(in, side, before);
			memcpy(in + before, row->in, in_len);
			memcpy(in + before + in_len, side, after);
			memcpy(want, side, before);
			memcpy(want + before, row->out, out_len);
			memcpy(want + before + out_len, side, after);
			size_t got_len = text_clean(got, in, len);
			CHECK_BYTES(got, got_len, want, before + out_len + after);
			CHECK(text_is_clean(got, got_len));
			CHECK(text_is_clean(in, len) == (strcmp(row->in, row->out) == 0));
			free(in);
			free(got);
		}
	}
}

static void test_bad_sequences(void)
{
	for (size_t i = 0; i < sizeof(bad_rows) / sizeof(bad_rows[0]); i++)
		check_clean(&bad_rows[i]);
}

static void test_sequences(void)
{
	for (size_t i = 0; i < sizeof(sequence_rows) / sizeof(sequence_rows[0]); i++)
		check_clean(&sequence_rows[i]);
	for (size_t i = 0; i < sizeof(cut_rows) / sizeof(cut_rows[0]); i++) {
		const struct row *row = &cut_rows[i];
		size_t len = strlen(row->in);
		char *in = malloc(len), out[100];

		memcpy(in, row->in, len);
		CHECK_TEXT(out, text_clean(out, in, len), row->out);
		free(in);
	}
}

/* A string that a C1 control begins is looked for in so many bytes and no further. */
static void test_long_strings(void)
{
	char in[2 + 256] = OSC8, out[sizeof(in) * TEXT_GROWTH];

	memset(in + 2, 'x', sizeof(in) - 2);
	in[sizeof(in) - 1] = '\x07';
	CHECK_INT(text_clean(out, in, sizeof(in)), 0);
	in[sizeof(in) - 1] = 'x';
	CHECK_INT(text_clean(out, in, sizeof(in)), 256);
}

static void test_safe(void)
{
	for (size_t i = 0; i < sizeof(safe_rows) / sizeof(safe_rows[0]); i++)
		check_clean(&safe_rows[i]);
}

/* What becomes of each code point there is: the rule of docs/protocol.md, said once more. */
static void test_clean_all_code_points(void)
{
	for (uint32_t code = 0; code <= 0x10ffff; code++) {
		char in[24] = "12345678", out[sizeof(in) * TEXT_GROWTH], want[24] = "12345678";
		size_t want_len, len;

		if (code == 0xd800)
			code = 0xe000;
		if (code == '\t')
			want_len = (size_t)sprintf(want + 8, "    ");
		else if (code == 0x2028 || code == 0x2029)
			want_len = text_encode(want + 8, ' ');
		else if (code < 0x20 || (code >= 0x7f && code <= 0x9f) ||
			(code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069))
			want_len = 0;
		else
			want_len = text_encode(want + 8, code);
		len = text_encode(in + 8, code);
		/* Nothing that could belong to a sequence. */
		memcpy(want + 8 + want_len, BAD "123456", 9);
		memcpy(in + 8 + len, BAD "123456", 9);
		CHECK_BYTES(out, text_clean(out, in, 17 + len), want, 17 + want_len);
	}
}

/* NUL, which the tables can't show; and the most that text can grow. */
static void test_clean_borders(void)
{
	char in[1000], out[TEXT_GROWTH * sizeof(in)];

	CHECK_TEXT(out, text_clean(out, "a\0b\0", 4), "ab");
	memset(in, 0xff, sizeof(in));
	CHECK_INT(text_clean(out, in, sizeof(in)), 3 * sizeof(in));
	memset(in, '\t', sizeof(in));
	CHECK_INT(text_clean(out, in, sizeof(in)), TEXT_GROWTH * sizeof(in));
	CHECK_INT(text_clean(out, in, 0), 0);
	CHECK(text_is_clean(in, 0));
}

static void test_blank(void)
{
	CHECK(text_is_blank("", 0));
	CHECK(text_is_blank("  \t ", 4));
	CHECK(text_is_blank("\xc2\xa0\xe3\x80\x80\xe2\x80\x8b", 8));
	CHECK(!text_is_blank("  .", 3));
	CHECK(!text_is_blank(". ", 2));
	CHECK(!text_is_blank("\xff", 1));
	CHECK(text_is_blank("\x1b[A\x1b]0;title\x07", 13));
}

/* What comes before a '/' and does not keep it from being a command. */
static void test_first_visible(void)
{
	static const char *const unseen[] = { "", " ", "\t", "\xc2\xa0", "\xc2\xad", "\xcd\x8f",
		"\xd8\x9c", "\xe1\x85\x9f", "\xe1\x85\xa0", "\xe1\x9e\xb4", "\xe1\xa0\x8b",
		"\xe1\xa0\x8e", "\xe2\x80\x8b", "\xe2\x80\x8c", "\xe2\x80\x8d", "\xe2\x80\x8e",
		"\xe2\x80\x8f", "\xe2\x81\xa0", "\xe2\x81\xa4", "\xe2\x81\xaf", "\xe3\x80\x80",
		"\xe3\x85\xa4", "\xef\xb8\x80", "\xef\xb8\x8f", "\xef\xbb\xbf", "\xef\xbe\xa0",
		"\xf3\xa0\x80\x81", "\xf3\xa0\x87\xaf", "\xe2\x80\xa8", "\xe2\x80\xae", "\x01",
		"\x1b[A", "\x1b", "\x1b]0;/x\x07", "\x1bOA", "\xc2\x9b" "1m", "\xc2\x9d" };

	for (size_t i = 0; i < sizeof(unseen) / sizeof(unseen[0]); i++) {
		char in[64], out[TEXT_GROWTH * sizeof(in)];
		int len = snprintf(in, sizeof(in), "%s %s/me", unseen[i], unseen[i]);

		CHECK_INT(text_first_visible(in, (size_t)len), len - 3);
		CHECK_INT(text_first_visible(in, (size_t)len - 3), len - 3);
		/* Where it stands does not change by cleaning. */
		size_t n = text_clean(out, in, (size_t)len);
		CHECK_INT(text_first_visible(out, n), n - 3);
	}
	CHECK_INT(text_first_visible("a /", 3), 0);
	CHECK_INT(text_first_visible(" \xcc\x81/", 4), 1);
	CHECK_INT(text_first_visible(" \xff/", 3), 1);
	CHECK_INT(text_first_visible(" \xf0\x9f\x98\x80/", 6), 1);
}

struct pair {
	const char *a;
	const char *b;
	int order;
};

static void test_compare(void)
{
	static const struct pair pairs[] = {
		{ "", "", 0 },
		{ "a", "", 1 },
		{ "Alice", "aLICE", 0 },
		{ "alice", "alicea", -1 },
		{ "alicia", "ALICE", 1 },
		{ "Z", "[", 1 },
		{ "@", "A", -1 },
		{ "\xc3\x84", "\xc3\xa4", -1 },
		{ "a", "\xc3\xa4", -1 },
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		const struct pair *p = &pairs[i];
		int one = text_compare(p->a, strlen(p->a), p->b, strlen(p->b));
		int other = text_compare(p->b, strlen(p->b), p->a, strlen(p->a));

		CHECK_INT((one > 0) - (one < 0), p->order);
		CHECK_INT((other > 0) - (other < 0), -p->order);
	}
	CHECK(text_compare("a\0b", 3, "a\0B", 3) == 0);
	CHECK(text_compare("a\0b", 3, "a\0c", 3) < 0);
}

struct number {
	const char *text;
	uint64_t max;
	int64_t want; /* -1: none */
};

static void test_number(void)
{
	static const struct number numbers[] = {
		{ "0", 0, 0 },
		{ "1", 0, -1 },
		{ "", 9, -1 },
		{ "007", 9, 7 },
		{ "9", 8, -1 },
		{ "99", 100, 99 },
		{ "100", 100, 100 },
		{ "101", 100, -1 },
		{ "1000", 100, -1 },
		{ "-1", 9, -1 },
		{ "+1", 9, -1 },
		{ " 1", 9, -1 },
		{ "1 ", 9, -1 },
		{ "1x", 9, -1 },
		{ "0x1", 99, -1 },
		{ "\xd9\xa1", 9, -1 },
		{ "9223372036854775807", INT64_MAX, INT64_MAX },
		{ "9223372036854775808", INT64_MAX, -1 },
		{ "18446744073709551616", UINT64_MAX, -1 },
		{ "99999999999999999999999", UINT64_MAX, -1 },
	};
	uint64_t got;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		const struct number *n = &numbers[i];
		bool ok = text_number(n->text, strlen(n->text), n->max, &got);

		CHECK_INT(ok ? (int64_t)got : -1, n->want);
	}
	CHECK(text_number("18446744073709551615", 20, UINT64_MAX, &got) && got == UINT64_MAX);
	CHECK(text_number("123", 2, 99, &got) && got == 12);
}

static void test_put_number(void)
{
	static const uint64_t numbers[] = { 0, 9, 10, 99, 100, UINT32_MAX, UINT64_MAX };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		char want[TEXT_DIGITS_MAX + 1], got[TEXT_DIGITS_MAX];
		int len = snprintf(want, sizeof(want), "%" PRIu64, numbers[i]);

		CHECK_BYTES(got, text_put_number(got, numbers[i]), want, (size_t)len);
	}
}

/* Each character in either place of two bytes is a digit, or the whole is none. */
static void test_hex(void)
{
	for (int c = 0; c < 256; c++) {
		bool is_digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
		char high[] = { '0', '0', (char)c, '7' }, low[] = { 'f', (char)c, '0', '0' };
		uint8_t bytes[2];

		CHECK_INT(text_hex(bytes, 2, high), is_digit);
		CHECK(!is_digit || bytes[1] == (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10) * 16 + 7);
		CHECK_INT(text_hex(bytes, 2, low), is_digit);
	}
}

static const struct unit_test tests[] = {
	{ "every code point, and cut off", test_all_code_points },
	{ "bad sequences", test_bad_sequences },
	{ "safe text", test_safe },
	{ "control sequences", test_sequences },
	{ "long control strings", test_long_strings },
	{ "every code point, cleaned", test_clean_all_code_points },
	{ "cleaning at its borders", test_clean_borders },
	{ "blank", test_blank },
	{ "the first visible character", test_first_visible },
	{ "comparing", test_compare },
	{ "numbers", test_number },
	{ "hexadecimal digits", test_hex },
	{ "numbers are written", test_put_number },
};

UNIT_MAIN(tests)
