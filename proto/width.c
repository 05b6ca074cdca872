/*
 * How text looks on a terminal: columns, and the clusters that people see as one character
 * (UAX #29, extended grapheme clusters with GB9a to GB9c).
 *
 * A cluster is as wide as its code points together, except that a pictograph swallows what joins
 * it (skin tones, and all that is joined by ZWJ), and that VARIATION SELECTOR-16 makes it wide.
 */
#include "proto/text.h"

/* The classes of Grapheme_Cluster_Break, with what GB9c and GB11 need beside them. */
enum kind {
	OTHER,
	CONTROL,
	EXTEND,
	ZWJ,
	SPACING,
	PREPEND,
	CONSONANT, /* of an Indic conjunct */
	LINKER,    /* EXTEND that joins two consonants to one conjunct */
	PICTOGRAPH,
	REGIONAL,
	L, /* Hangul: leading consonants, vowels, trailing consonants */
	V,
	T,
	SYLLABLE, /* in the table only: LV or LVT */
	LV,
	LVT,
};

struct range {
	uint32_t first : 24;
	uint32_t last : 24;
	uint32_t kind : 8; /* enum kind */
	uint32_t width : 8;
};

#include "proto/width.h"

enum { RANGES = sizeof(ranges) / sizeof(ranges[0]) };

struct shape {
	enum kind kind;
	int width;
};

static struct shape look_up(uint32_t code)
{
	size_t low = 0, high = RANGES;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (code > ranges[middle].last)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == RANGES || code < ranges[low].first)
		return (struct shape){ OTHER, 1 };

	struct shape shape = { (enum kind)ranges[low].kind, (int)ranges[low].width };
	if (shape.kind == SYLLABLE)
		shape.kind = (code - 0xac00) % 28 == 0 ? LV : LVT;
	return shape;
}

int text_width(uint32_t code)
{
	if (code >= 0x20 && code < 0x7f)
		return 1;
	return look_up(code).width;
}

/* What must be known of a cluster to tell whether the next code point belongs to it. */
struct cluster {
	uint32_t code;  /* the last one */
	enum kind kind; /* of the last one */
	enum kind base; /* of the first one */
	bool pictograph; /* it ends with a pictograph and perhaps extenders */
	bool conjunct;   /* … with a consonant and perhaps extenders … */
	bool linked;     /* … and a linker among them */
	int regionals;
	int columns;
};

static bool joins_hangul(enum kind last, enum kind next)
{
	switch (next) {
	case L:
	case LV:
	case LVT:
		return last == L;
	case V:
		return last == L || last == V || last == LV;
	case T:
		return last == V || last == LV || last == T || last == LVT;
	default:
		return false;
	}
}

static bool joins(const struct cluster *c, uint32_t code, enum kind next)
{
	if (c->kind == CONTROL || next == CONTROL)
		return c->code == '\r' && code == '\n';
	switch (next) {
	case EXTEND:
	case LINKER:
	case ZWJ:
	case SPACING:
		return true;
	default:
		break;
	}
	return c->kind == PREPEND || joins_hangul(c->kind, next) ||
		(next == CONSONANT && c->linked) ||
		(next == PICTOGRAPH && c->kind == ZWJ && c->pictograph) ||
		(next == REGIONAL && c->kind == REGIONAL && c->regionals % 2 == 1);
}

static bool is_keycap(uint32_t code)
{
	return (code >= '0' && code <= '9') || code == '#' || code == '*';
}

static void add_columns(struct cluster *c, uint32_t code, int width)
{
	enum { VARIATION_SELECTOR_16 = 0xfe0f };

	if (code == VARIATION_SELECTOR_16 && (c->base == PICTOGRAPH || is_keycap(c->code)))
		c->columns = 2;
	else if (c->base != PICTOGRAPH)
		c->columns += width;
}

static void add(struct cluster *c, uint32_t code, struct shape shape)
{
	bool extends = shape.kind == EXTEND || shape.kind == LINKER || shape.kind == ZWJ;

	add_columns(c, code, shape.width);
	c->pictograph = shape.kind == PICTOGRAPH || (c->pictograph && extends);
	c->conjunct = shape.kind == CONSONANT || (c->conjunct && extends);
	c->linked = c->conjunct && (shape.kind == LINKER || (c->linked && extends));
	c->regionals += shape.kind == REGIONAL;
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

/*
 * Blanks (Zs), and characters that only look like one: fillers, joiners, selectors, an empty
 * pattern, a note without a head. The controls and formats are in the big table.
 */
bool text_is_invisible(uint32_t code)
{
	static const uint32_t blanks[][2] = { { 0x20, 0x20 }, { 0xa0, 0xa0 }, { 0x34f, 0x34f },
		{ 0x115f, 0x1160 }, { 0x1680, 0x1680 }, { 0x17b4, 0x17b5 }, { 0x180b, 0x180f },
		{ 0x2000, 0x200f }, { 0x202f, 0x202f }, { 0x205f, 0x205f }, { 0x2800, 0x2800 },
		{ 0x3000, 0x3000 }, { 0x3164, 0x3164 }, { 0xfe00, 0xfe0f }, { 0xffa0, 0xffa0 },
		{ 0x1d159, 0x1d159 }, { 0xe0000, 0xe0fff } };

	for (size_t i = 0; i < sizeof(blanks) / sizeof(blanks[0]); i++) {
		if (code >= blanks[i][0] && code <= blanks[i][1])
			return true;
	}
	return look_up(code).kind == CONTROL;
}
