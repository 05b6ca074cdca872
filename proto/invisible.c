/*
 * The characters that show nothing: a table of its own, so that the server does without that of
 * widths.
 */
#include "proto/text.h"

/*
 * Controls, formats and surrogates (Cc, Cf, Cs), blanks (Zs, Zl, Zp), and characters that only look
 * like one: fillers, joiners, selectors, an empty pattern, a note without a head, tags.
 */
static const uint32_t invisible[][2] = {
	{ 0x0000, 0x0020 },
	{ 0x007f, 0x00a0 },
	{ 0x00ad, 0x00ad },
	{ 0x034f, 0x034f },
	{ 0x061c, 0x061c },
	{ 0x115f, 0x1160 },
	{ 0x1680, 0x1680 },
	{ 0x17b4, 0x17b5 },
	{ 0x180b, 0x180f },
	{ 0x2000, 0x200f },
	{ 0x2028, 0x202f },
	{ 0x205f, 0x206f },
	{ 0x2800, 0x2800 },
	{ 0x3000, 0x3000 },
	{ 0x3164, 0x3164 },
	{ 0xd800, 0xdfff },
	{ 0xfe00, 0xfe0f },
	{ 0xfeff, 0xfeff },
	{ 0xffa0, 0xffa0 },
	{ 0xfff0, 0xfffb },
	{ 0x13430, 0x1343f },
	{ 0x1bca0, 0x1bca3 },
	{ 0x1d159, 0x1d159 },
	{ 0x1d173, 0x1d17a },
	{ 0xe0000, 0xe0fff },
};

bool text_is_invisible(uint32_t code)
{
	for (size_t i = 0; i < sizeof(invisible) / sizeof(invisible[0]); i++)
		if (code <= invisible[i][1])
			return code >= invisible[i][0];
	return false;
}
