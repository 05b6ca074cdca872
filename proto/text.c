/*
 * UTF-8 and safe text. Text goes through in runs: whatever may pass unchanged is found first,
 * ASCII by eight bytes at a time, and copied at once.
 */
#include "proto/text.h"

#include <string.h>

enum { WORD = sizeof(uint64_t) }; /* bytes of ASCII that are looked at at once */

static bool is_between(uint32_t code, uint32_t first, uint32_t last)
{
	return code >= first && code <= last;
}

size_t text_decode(const char *s, size_t len, uint32_t *code, bool *valid)
{
	const uint8_t *bytes = (const uint8_t *)s;
	uint8_t lead = bytes[0], low = 0x80, high = 0xbf;
	uint32_t value;
	size_t need, i;

	if (valid != NULL)
		*valid = true;
	if (lead < 0x80) {
		*code = lead;
		return 1;
	}
	if (is_between(lead, 0xc2, 0xdf)) {
		need = 2;
		value = lead & 0x1f;
	} else if (is_between(lead, 0xe0, 0xef)) {
		need = 3;
		value = lead & 0x0f;
		low = lead == 0xe0 ? 0xa0 : low;   /* no overlong forms */
		high = lead == 0xed ? 0x9f : high; /* no surrogates */
	} else if (is_between(lead, 0xf0, 0xf4)) {
		need = 4;
		value = lead & 0x07;
		low = lead == 0xf0 ? 0x90 : low;
		high = lead == 0xf4 ? 0x8f : high; /* nothing above U+10FFFF */
	} else {
		need = 0;
		value = 0;
	}
	for (i = 1; i < need && i < len && is_between(bytes[i], low, high); i++) {
		value = value << 6 | (bytes[i] & 0x3f);
		low = 0x80;
		high = 0xbf;
	}
	if (i < need || need == 0) {
		if (valid != NULL)
			*valid = false;
		value = TEXT_INVALID;
	}
	*code = value;
	return i;
}

size_t text_encode(char *out, uint32_t code)
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xc0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (char)(0xe0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3f));
		out[2] = (char)(0x80 | (code & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3f));
	out[2] = (char)(0x80 | (code >> 6 & 0x3f));
	out[3] = (char)(0x80 | (code & 0x3f));
	return 4;
}

static bool is_space(uint32_t code)
{
	return code == '\t' || is_between(code, 0x2028, 0x2029);
}

static bool is_dropped(uint32_t code)
{
	return code < 0x20 || is_between(code, 0x7f, 0x9f) || is_between(code, 0x202a, 0x202e) ||
		is_between(code, 0x2066, 0x2069);
}

static bool is_printable_ascii(char c)
{
	return c >= 0x20 && c < 0x7f;
}

/* Whether the eight bytes at s are all printable ASCII. */
static bool is_ascii_word(const char *s)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t word;

	memcpy(&word, s, WORD);
	/* The lowest byte that is none has its high bit set in one or the other. */
	return (((word - ones * ' ') | (word + ones)) & ones << 7) == 0;
}

/* The length of the run of printable ASCII at s. */
static size_t ascii_run(const char *s, size_t len)
{
	size_t at = 0;

	while (len - at >= WORD && is_ascii_word(s + at))
		at += WORD;
	/* What is left is less than a word: look at the last word of all. */
	if (len >= WORD && len - at < WORD && is_ascii_word(s + len - WORD))
		return len;
	while (at < len && is_printable_ascii(s[at]))
		at++;
	return at;
}

/* The length of the run at s that is clean. */
static size_t clean_run(const char *s, size_t len)
{
	size_t at = 0;

	for (;;) {
		uint32_t code;
		bool valid;

		at += ascii_run(s + at, len - at);
		if (at == len)
			return len;
		size_t n = text_decode(s + at, len - at, &code, &valid);
		if (!valid || is_space(code) || is_dropped(code))
			return at;
		at += n;
	}
}

size_t text_clean(char *out, const char *in, size_t len)
{
	char *start = out;
	size_t at = 0;

	while (at < len) {
		size_t n = clean_run(in + at, len - at);

		memcpy(out, in + at, n);
		out += n;
		at += n;
		if (at < len) {
			uint32_t code;

			at += text_decode(in + at, len - at, &code, NULL);
			if (is_space(code))
				*out++ = ' ';
			else if (!is_dropped(code))
				out += text_encode(out, code);
		}
	}
	return (size_t)(out - start);
}

bool text_is_clean(const char *s, size_t len)
{
	return clean_run(s, len) == len;
}

bool text_is_blank(const char *s, size_t len)
{
	uint32_t code;

	for (size_t at = 0; at < len;) {
		at += text_decode(s + at, len - at, &code, NULL);
		if (!text_is_invisible(code))
			return false;
	}
	return true;
}

static unsigned char fold(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

int text_compare(const char *a, size_t a_len, const char *b, size_t b_len)
{
	for (size_t i = 0; i < a_len && i < b_len; i++) {
		int difference = fold(a[i]) - fold(b[i]);

		if (difference != 0)
			return difference;
	}
	return (a_len > b_len) - (a_len < b_len);
}

bool text_number(const char *s, size_t len, uint64_t max, uint64_t *number)
{
	uint64_t value = 0;

	for (size_t i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		uint64_t digit = (uint64_t)(s[i] - '0');
		if (digit > max || value > (max - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*number = value;
	return len > 0;
}

size_t text_put_number(char *out, uint64_t number)
{
	char digits[TEXT_DIGITS_MAX];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	memcpy(out, digits + at, sizeof(digits) - at);
	return sizeof(digits) - at;
}
