/*
 * UTF-8 and safe text. Text goes through in runs: the part that may pass unchanged is found first,
 * ASCII by eight bytes at a time, and copied at once. At anything else take_unclean() decides; no
 * control may get past it, so nothing that a person sends can move a cursor.
 *
 * Control sequences are those of ECMA-48, in UTF-8:
 * https://ecma-international.org/publications-and-standards/standards/ecma-48/
 */
#include "proto/text.h"

#include <string.h>

enum { WORD = sizeof(uint64_t) }; /* bytes of ASCII that are looked at at once */

enum {
	C1_STRING_MAX = 256, /* bytes in which a string must end that a C1 control begins */

	BEL = 0x07,
	ESC = 0x1b,
	CSI = 0x9b,
	ST = 0x9c,
};

static const char tab[] = "    "; /* what a TAB becomes */

_Static_assert(sizeof(tab) - 1 == TEXT_GROWTH, "nothing grows more than a TAB");

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

static bool is_separator(uint32_t code)
{
	return is_between(code, 0x2028, 0x2029);
}

static bool is_control(uint32_t code)
{
	return code < 0x20 || is_between(code, 0x7f, 0x9f);
}

static bool is_bidi_control(uint32_t code)
{
	return is_between(code, 0x202a, 0x202e) || is_between(code, 0x2066, 0x2069);
}

static bool is_unclean(uint32_t code)
{
	return is_control(code) || is_separator(code) || is_bidi_control(code);
}

/* How many of the bytes at s lie between first and last. */
static size_t count_between(const char *s, size_t len, uint8_t first, uint8_t last)
{
	size_t n = 0;

	while (n < len && is_between((uint8_t)s[n], first, last))
		n++;
	return n;
}

/* Parameters, intermediates and the final byte of a CSI; *whole: the final byte is there. */
static size_t csi_length(const char *s, size_t len, bool *whole)
{
	size_t n = count_between(s, len, 0x30, 0x3f);

	n += count_between(s + n, len - n, 0x20, 0x2f);
	*whole = n < len && is_between((uint8_t)s[n], 0x40, 0x7e);
	return n + *whole;
}

/* A control string and the BEL or ST that ends it; *whole: it is there. */
static size_t string_length(const char *s, size_t len, bool *whole)
{
	for (size_t i = 0; i < len; i++) {
		bool pair = i + 1 < len;

		*whole = true;
		if (s[i] == BEL)
			return i + 1;
		if (pair && s[i] == ESC && s[i + 1] == '\\')
			return i + 2;
		if (pair && (uint8_t)s[i] == 0xc2 && (uint8_t)s[i + 1] == ST)
			return i + 2;
	}
	*whole = false;
	return len;
}

/* Whether a C1 control begins a control string: DCS, SOS, OSC, PM or APC. */
static bool begins_string(uint32_t code)
{
	return code == 0x90 || code == 0x98 || is_between(code, 0x9d, 0x9f);
}

/* SS3 and a letter are one key on a terminal: an arrow, Home, End, F1 to F4. */
static bool is_key(char c)
{
	return c != '\0' && strchr("ABCDFHPQRS", c) != NULL;
}

/*
 * What follows an ESC and belongs to it. A '/' is not taken for an intermediate: it rather begins a
 * command, after a key that was pressed by mistake.
 */
static size_t escape_length(const char *s, size_t len)
{
	size_t n = count_between(s, len, 0x20, '/' - 1);
	bool whole;

	if (n == len || !is_between((uint8_t)s[n], 0x30, 0x7e))
		return n;
	char final = s[n++];
	if (n > 1)
		return n;
	if (final == '[')
		return n + csi_length(s + n, len - n, &whole);
	if (begins_string((uint32_t)final + 0x40))
		return n + string_length(s + n, len - n, &whole);
	return n + (final == 'O' && n < len && is_key(s[n]));
}

/*
 * What follows a C1 control and belongs to it: only what is a whole sequence. Such characters are
 * more often left of text that was decoded wrongly (U+009D of a quotation mark) than meant, and
 * must not take the rest of the line with them.
 */
static size_t c1_length(uint32_t code, const char *s, size_t len)
{
	bool whole = false;
	size_t n = 0;

	if (code == CSI && len > 0 && is_between((uint8_t)s[0], 0x20, 0x3f))
		n = csi_length(s, len, &whole);
	else if (begins_string(code))
		n = string_length(s, len < C1_STRING_MAX ? len : C1_STRING_MAX, &whole);
	return whole ? n : 0;
}

/* The length of the control at s with all that belongs to it. */
static size_t control_length(const char *s, size_t len)
{
	uint32_t code;
	size_t n = text_decode(s, len, &code, NULL);

	if (code == ESC)
		return n + escape_length(s + n, len - n);
	return n + c1_length(code, s + n, len - n);
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
	/* Less than a word is left: look at the last word of all. */
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
		if (!valid || is_unclean(code))
			return at;
		at += n;
	}
}

/*
 * Takes something that may not pass, at *in, and writes what stands for it.
 * Returns how long that is.
 */
static size_t take_unclean(char *out, const char **in, const char *end)
{
	size_t len = (size_t)(end - *in);
	uint32_t code;
	size_t n = text_decode(*in, len, &code, NULL);

	if (is_control(code))
		n = control_length(*in, len);
	*in += n;
	if (code == '\t') {
		memcpy(out, tab, sizeof(tab) - 1);
		return sizeof(tab) - 1;
	}
	if (is_separator(code))
		code = ' ';
	return is_unclean(code) ? 0 : text_encode(out, code);
}

size_t text_clean(char *out, const char *in, size_t len)
{
	const char *end = len > 0 ? in + len : in;
	char *start = out;

	while (in < end) {
		size_t n = clean_run(in, (size_t)(end - in));

		memcpy(out, in, n);
		out += n;
		in += n;
		if (in < end)
			out += take_unclean(out, &in, end);
	}
	return (size_t)(out - start);
}

bool text_is_clean(const char *s, size_t len)
{
	return clean_run(s, len) == len;
}

size_t text_skip_invisible(const char *s, size_t len)
{
	size_t at = 0;

	while (at < len) {
		uint32_t code;
		size_t n = text_decode(s + at, len - at, &code, NULL);

		if (!text_is_invisible(code))
			return at;
		at += is_control(code) ? control_length(s + at, len - at) : n;
	}
	return len;
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

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool text_hex(uint8_t *bytes, size_t count, const char *s)
{
	for (size_t i = 0; i < count; i++) {
		int high = hex_digit(s[2 * i]), low = hex_digit(s[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	return true;
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
