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
	{ "a\tb\t", "a b " },
	{ "a\xe2\x80\xa8" "b\xe2\x80\xa9" "c", "a b c" },
	{ "\x1b[2J\x1b]0;title\x07", "[2J]0;title" },
	{ "\x01\x02\r\n\x0b\x1f\x7f", "" },
	{ "a\xc2\x80\xc2\x85\xc2\x9b\xc2\x9f" "b", "ab" },
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

static void test_safe(void)
{
	for (size_t i = 0; i < sizeof(safe_rows) / sizeof(safe_rows[0]); i++)
		check_clean(&safe_rows[i]);
}

/* What becomes of each code point there is: the rule of docs/protocol.md, said once more. */
static void test_clean_all_code_points(void)
{
	for (uint32_t code = 0; code <= 0x10ffff; code++) {
		char in[20] = "12345678", out[sizeof(in) * TEXT_GROWTH], want[20] = "12345678";
		size_t want_len, len;

		if (code == 0xd800)
			code = 0xe000;
		if (code == '\t' || code == 0x2028 || code == 0x2029)
			want_len = text_encode(want + 8, ' ');
		else if (code < 0x20 || (code >= 0x7f && code <= 0x9f) ||
			(code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069))
			want_len = 0;
		else
			want_len = text_encode(want + 8, code);
		len = text_encode(in + 8, code);
		memcpy(want + 8 + want_len, "12345678", 8);
		memcpy(in + 8 + len, "12345678", 8);
		CHECK_BYTES(out, text_clean(out, in, 16 + len), want, 16 + want_len);
	}
}

/* NUL, which the tables can't show; and the most that text can grow. */
static void test_clean_borders(void)
{
	char in[1000], out[TEXT_GROWTH * sizeof(in)];

	CHECK_TEXT(out, text_clean(out, "a\0b\0", 4), "ab");
	memset(in, 0xff, sizeof(in));
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

static const struct unit_test tests[] = {
	{ "every code point, and cut off", test_all_code_points },
	{ "bad sequences", test_bad_sequences },
	{ "safe text", test_safe },
	{ "every code point, cleaned", test_clean_all_code_points },
	{ "cleaning at its borders", test_clean_borders },
	{ "blank", test_blank },
	{ "comparing", test_compare },
	{ "numbers", test_number },
	{ "numbers are written", test_put_number },
};

UNIT_MAIN(tests)
