/*
 * Base64 and base32: six or five bits a character, most significant first. A text that is not
 * whole groups of four characters is not base64.
 *
 * RFC 4648, https://www.rfc-editor.org/rfc/rfc4648
 */
#include "server/core/base/base64.h"

enum { GROUP = 4, GROUP_BYTES = 3, BAD = -1 };

static const char digits_64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char digits_32[] = "abcdefghijklmnopqrstuvwxyz234567";

size_t base64_encode(char *out, const uint8_t *bytes, size_t len)
{
	char *start = out;

	for (size_t at = 0; at < len; at += GROUP_BYTES) {
		size_t n = len - at < GROUP_BYTES ? len - at : GROUP_BYTES;
		uint32_t group = (uint32_t)bytes[at] << 16;

		group |= n > 1 ? (uint32_t)bytes[at + 1] << 8 : 0;
		group |= n > 2 ? bytes[at + 2] : 0;
		for (size_t i = 0; i < GROUP; i++)
			*out++ = i <= n ? digits_64[group >> (18 - 6 * i) & 63] : '=';
	}
	return (size_t)(out - start);
}

static int value_64(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : BAD;
}

/* A group of which the first count characters (2 to 4) stand for count - 1 bytes. */
static bool decode_group(uint8_t *out, const char *text, size_t count)
{
	uint32_t group = 0;

	for (size_t i = 0; i < count; i++) {
		int value = value_64(text[i]);

		if (value == BAD)
			return false;
		group |= (uint32_t)value << (18 - 6 * i);
	}
	for (size_t i = 0; i + 1 < count; i++)
		out[i] = (uint8_t)(group >> (16 - 8 * i));
	return true;
}

bool base64_decode(uint8_t *out, size_t *out_len, const char *text, size_t len)
{
	size_t padding = 0;

	*out_len = 0;
	if (len % GROUP != 0)
		return false;
	while (padding < 2 && padding < len && text[len - 1 - padding] == '=')
		padding++;
	for (size_t at = 0; at < len; at += GROUP) {
		size_t count = at + GROUP < len ? GROUP : GROUP - padding;

		if (!decode_group(out + *out_len, text + at, count))
			return false;
		*out_len += count - 1;
	}
	return true;
}

void base32_encode(char *out, size_t count, const uint8_t *bytes)
{
	for (size_t i = 0; i < count; i++) {
		size_t bit = 5 * i, at = bit / 8, shift = bit % 8;
		/* Five bits that begin in one byte and may end in the next. */
		unsigned pair = (unsigned)bytes[at] << 8 | (shift > 3 ? bytes[at + 1] : 0u);

		out[i] = digits_32[pair >> (11 - shift) & 31];
	}
}
