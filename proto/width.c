/*
 * How text looks on a terminal: columns, and the clusters that people see as one character
 * (UAX #29, extended grapheme clusters with GB9a to GB9c, https://www.unicode.org/reports/tr29/).
 *
 * No two terminals agree on all widths. So that none ever takes more columns than are reckoned
 * with, a cluster has the sum of the most that a terminal takes for each of its code points, and
 * says whether all take just as many. A terminal that joins what others do not takes fewer.
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

static bool is_within(const struct code_range *ranges, size_t count, uint32_t code)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (code > ranges[middle].last)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && code >= ranges[low].first;
}

static bool is_sure(uint32_t code)
{
	return is_within(width_sure, width_sure_count, code);
}

/* What must be known of a cluster to tell whether the next code point belongs to it. */
struct cluster {
	uint32_t code;           /* the last one */
	enum cluster_break kind; /* of the last one */
	bool pictograph;         /* it ends with a pictograph and perhaps extenders */
	bool conjunct;           /* … with a consonant and perhaps extenders … */
	bool linked;             /* … and a linker among them */
	bool sure;
	int width;               /* of the last one, by the table */
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

/* The vowels and finals of Hangul take no column where they make a syllable, or one, or two. */
static int jamo_columns(const struct cluster *c, enum cluster_break kind)
{
	bool joined = kind == CB_V ? c->kind == CB_L
		: c->kind == CB_V || c->kind == CB_LV || c->kind == CB_LVT;

	return joined ? 1 : 2;
}

/* A mark that stands on nothing, or a code point that shows nothing, has a column on some. */
static int lone_columns(uint32_t code, struct shape shape)
{
	if (code < 0x20 || (code >= 0x7f && code < 0xa0))
		return 0;
	return code >= 0x302a && code <= 0x302f ? 2 : shape.width ? shape.width : 1;
}

/* The most columns that a terminal takes for a code point at the end of a cluster. */
static int most_columns(const struct cluster *c, uint32_t code, struct shape shape, bool first)
{
	enum { VARIATION_SELECTOR_16 = 0xfe0f, TAG_FIRST = 0xe0020, TAG_LAST = 0xe007f };

	if (shape.kind == CB_V || shape.kind == CB_T)
		return jamo_columns(c, shape.kind);
	if (first && (extends(shape.kind) || shape.kind == CB_CONTROL))
		return lone_columns(code, shape);
	if (shape.kind == CB_ZWJ)
		return c->linked ? 0 : 1;
	if (code == VARIATION_SELECTOR_16)
		return c->width == 1 && (c->kind == CB_PICTOGRAPH || is_keycap(c->code));
	if (code >= TAG_FIRST && code <= TAG_LAST)
		return 1;
	if (shape.width == 1 && is_within(width_may_be_wide, width_may_be_wide_count, code))
		return 2;
	return shape.width;
}

/* A flag, which is two regional indicators, is as wide as they are; one alone may be wide. */
static void add_regional(struct cluster *c)
{
	c->regionals++;
	c->sure = c->regionals == 2 && c->columns == 2;
	c->columns += c->regionals == 1 ? 2 : 0;
}

static void add(struct cluster *c, uint32_t code, struct shape shape)
{
	bool goes_on = extends(shape.kind), first = !c->code;

	if (shape.kind == CB_REGIONAL) {
		add_regional(c);
	} else {
		c->sure = (first || c->sure) && is_sure(code) && !(first && goes_on);
		c->columns += most_columns(c, code, shape, first);
	}
	c->pictograph = shape.kind == CB_PICTOGRAPH || (c->pictograph && goes_on);
	c->conjunct = shape.kind == CB_CONSONANT || (c->conjunct && goes_on);
	c->linked = c->conjunct && (shape.kind == CB_LINKER || (c->linked && goes_on));
	c->code = code;
	c->width = shape.width;
	c->kind = shape.kind;
}

/* The cursive scripts, of which a terminal may join letters: Arabic, Syriac, Thaana, N'Ko, … */
static bool is_cursive(uint32_t code, struct shape shape)
{
	return code >= 0x600 && code <= 0x8ff && shape.kind == CB_OTHER;
}

size_t text_shape(const char *s, size_t len, struct text_shape *result)
{
	struct cluster c = { 0 };
	uint32_t code;
	size_t at = text_decode(s, len, &code, NULL);

	/* A code point that joins the character before it is never ASCII. */
	if (code >= 0x20 && code < 0x7f && (len == 1 || (unsigned char)s[1] < 0x80)) {
		*result = (struct text_shape){ .columns = 1, .sure = true };
		return 1;
	}
	struct shape shape = look_up(code);
	bool joins_next = is_cursive(code, shape);
	add(&c, code, shape);
	while (at < len) {
		size_t n = text_decode(s + at, len - at, &code, NULL);

		shape = look_up(code);
		if (!joins(&c, code, shape.kind))
			break;
		add(&c, code, shape);
		joins_next &= extends(shape.kind) && shape.kind != CB_ZWJ;
		at += n;
	}
	*result = (struct text_shape){ .columns = c.columns, .sure = c.sure,
		.joins = !c.sure && joins_next };
	return at;
}

size_t text_cluster(const char *s, size_t len, int *columns)
{
	struct text_shape shape;
	size_t n = text_shape(s, len, &shape);

	if (columns != NULL)
		*columns = shape.columns;
	return n;
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
