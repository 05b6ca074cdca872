/*
 * A colour for each person. The rule: it depends on the nick alone, so that it is the same for all
 * who look, and at each time.
 */
#include "client/core/palette.h"

#include <stdint.h>

/*
 * Those of xterm's 256 whose contrast (WCAG 2, 1.4.3) is at least 3.6 both with black and with
 * white, and which look different from each other.
 */
static const char *const styles_256[] = {
	"38;5;160", "38;5;166", "38;5;130", "38;5;100", "38;5;64", "38;5;28", "38;5;29",
	"38;5;30", "38;5;31", "38;5;32", "38;5;27", "38;5;63", "38;5;98", "38;5;133", "38;5;163",
	"38;5;161",
};

/* Without yellow and blue, which vanish on white and on black. */
static const char *const styles_8[] = { "31", "32", "35", "36" };

/* FNV-1a, without regard to ASCII case, as nicks are compared. */
static uint32_t hash(const char *s, size_t len)
{
	uint32_t h = 2166136261;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		h = (h ^ (c >= 'A' && c <= 'Z' ? c | 0x20u : c)) * 16777619;
	}
	return h ^ h >> 16;
}

const char *palette_of(enum palette palette, const char *who, size_t len)
{
	switch (palette) {
	case PALETTE_256:
		return styles_256[hash(who, len) % (sizeof(styles_256) / sizeof(*styles_256))];
	case PALETTE_8:
		return styles_8[hash(who, len) % (sizeof(styles_8) / sizeof(*styles_8))];
	default:
		return NULL;
	}
}

const char *palette_style(enum palette palette, const char *style)
{
	return palette == PALETTE_NONE ? NULL : style;
}
