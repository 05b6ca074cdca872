/*
 * Checking UTF-8 as it comes. A sequence is refused at its first byte that no code point has in
 * that place: no overlong form, no surrogate, nothing above U+10FFFF.
 *
 * RFC 3629, 4, https://www.rfc-editor.org/rfc/rfc3629#section-4
 */
#include "server/core/base/utf8.h"

/* The first byte of a code point; false if none begins so. */
static bool take_lead(struct utf8 *u, uint8_t c)
{
	*u = (struct utf8){ .low = 0x80, .high = 0xbf };
	if (c < 0x80)
		return true;
	if (c < 0xc2 || c > 0xf4)
		return false;
	u->need = c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
	if (c == 0xe0)
		u->low = 0xa0;
	if (c == 0xed)
		u->high = 0x9f;
	if (c == 0xf0)
		u->low = 0x90;
	if (c == 0xf4)
		u->high = 0x8f;
	return true;
}

static bool take_rest(struct utf8 *u, uint8_t c)
{
	if (c < u->low || c > u->high)
		return false;
	u->need--;
	u->low = 0x80;
	u->high = 0xbf;
	return true;
}

bool utf8_take(struct utf8 *u, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (u->need == 0 ? !take_lead(u, bytes[i]) : !take_rest(u, bytes[i]))
			return false;
	return true;
}

bool utf8_is_whole(const struct utf8 *u)
{
	return u->need == 0;
}
