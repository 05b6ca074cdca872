/*
 * How text looks on a terminal: columns, and the clusters that people see as one character
 * (UAX #29, extended grapheme clusters with GB9a to GB9c).
 *
 * A cluster is as wide as its code points together, except that a pictograph swallows what joins
 * it (skin tones, and all that is joined by ZWJ), and that VARIATION SELECTOR-16 makes it wide.
 */
#include "proto/text.h"
#include "proto/width.h"

struct shape {
	enum cluster_break kind;
	int width;
};

static struct shape look_up(uint32_t code)
{
	size_t low = 0, high = width_range_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (code > width_ranges[middle].last)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == width_range_count || code < width_ranges[low].first)
		return (struct shape){ CB_OTHER, 1 };

	const struct width_range *range = &width_ranges[low];
	enum cluster_break kind = (enum cluster_break)range->kind;
	if (kind == CB_SYLLABLE)
		kind = (code - 0xac00) % 28 == 0 ? CB_LV : CB_LVT;
	return (struct shape){ kind, (int)range->columns };
}

int text_width(uint32_t code)
{
	if (code >= 0x20 && code < 0x7f)
		return 1;
	return look_up(code).width;
}

/* What must be known of a cluster to tell whether the next code point belongs to it. */
struct cluster {
	uint32_t code;           /* the last one */
	enum cluster_break kind; /* of the last one */
	enum cluster_break base; /* of the first one */
	bool pictograph;         /* it ends with a pictograph and perhaps extenders */
	bool conjunct;           /* … with a consonant and perhaps extenders … */
	bool linked;             /* … and a linker among them */
	int regionals;
	int columns;
};

static bool extends(enum cluster_break kind)
{
	return kind == CB_EXTEND || kind == CB_LINKER || kind == CB_ZWJ;
}

static bool joins_hangul(enum cluster_break last, enum cluster_break next)
{
	switch (next) {
	case CB_L:
	case CB_LV:
	case CB_LVT:
		return last == CB_L;
	case CB_V:
		return last == CB_L || last == CB_V || last == CB_LV;
	case CB_T:
		return last == CB_V || last == CB_LV || last == CB_T || last == CB_LVT;
	default:
		return false;
	}
}

static bool joins(const struct cluster *c, uint32_t code, enum cluster_break next)
{
	if (c->kind == CB_CONTROL || next == CB_CONTROL)
		return c->code == '\r' && code == '\n';
	return extends(next) || next == CB_SPACING || c->kind == CB_PREPEND ||
		joins_hangul(c->kind, next) ||
		(next == CB_CONSONANT && c->linked) ||
		(next == CB_PICTOGRAPH && c->kind == CB_ZWJ && c->pictograph) ||
		(next == CB_REGIONAL && c->kind == CB_REGIONAL && c->regionals % 2 == 1);
}

static bool is_keycap(uint32_t code)
{
	return (code >= '0' && code <= '9') || code == '#' || code == '*';
}

static void add_columns(struct cluster *c, uint32_t code, int width)
{
	enum { VARIATION_SELECTOR_16 = 0xfe0f };

	if (code == VARIATION_SELECTOR_16 && (c->base == CB_PICTOGRAPH || is_keycap(c->code)))
		c->columns = 2;
	else if (c->base != CB_PICTOGRAPH)
		c->columns += width;
}

static void add(struct cluster *c, uint32_t code, struct shape shape)
{
	bool goes_on = extends(shape.kind);

	add_columns(c, code, shape.width);
	c->pictograph = shape.kind == CB_PICTOGRAPH || (c->pictograph && goes_on);
	c->conjunct = shape.kind == CB_CONSONANT || (c->conjunct && goes_on);
	c->linked = c->conjunct && (shape.kind == CB_LINKER || (c->linked && goes_on));
	c->regionals += shape.kind == CB_REGIONAL;
	c->code = code;
	c->kind = shape.kind;
}

size_t text_cluster(const char *s, size_t len, int *columns)
{
	struct cluster c = { 0 };
	uint32_t code;
	size_t at = text_decode(s, len, &code, NULL);

	/* What joins the character before it is never ASCII. */
	if (code >= 0x20 && code < 0x7f && (len == 1 || (unsigned char)s[1] < 0x80)) {
		if (columns != NULL)
			*columns = 1;
		return 1;
	}
	struct shape shape = look_up(code);
	add(&c, code, shape);
	c.base = shape.kind;
	while (at < len) {
		size_t n = text_decode(s + at, len - at, &code, NULL);

		shape = look_up(code);
		if (!joins(&c, code, shape.kind))
			break;
		add(&c, code, shape);
		at += n;
	}
	if (columns != NULL)
		*columns = c.columns;
	return at;
}

size_t text_columns(const char *s, size_t len)
{
	size_t total = 0;

	for (size_t at = 0; at < len;) {
		int columns;

		at += text_cluster(s + at, len - at, &columns);
		total += (size_t)columns;
	}
	return total;
}
