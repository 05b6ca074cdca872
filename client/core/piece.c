/*
 * Questions that are asked of bytes within a line. The rule: nothing is read beyond the length, and
 * nothing needs to end with NUL.
 */
#include "client/core/piece.h"

#include <string.h>

#include "proto/text.h"
#include "proto/unicode.h"

bool piece_is(struct piece p, const char *text)
{
	return p.len == strlen(text) && piece_begins(p, text);
}

bool piece_begins(struct piece p, const char *with)
{
	size_t len = strlen(with);

	return p.len >= len && (len == 0 || memcmp(p.s, with, len) == 0);
}

bool piece_is_called(struct piece p, const char *text)
{
	return text_compare(p.s, p.len, text, strlen(text)) == 0;
}

bool piece_has(struct piece p, const char *text)
{
	for (; p.len; p.s++, p.len--)
		if (piece_begins(p, text))
			return true;
	return false;
}

/* What stands between words outside ASCII: blanks, punctuation, symbols. */
static const struct {
	uint32_t first, last;
} between[] = {
	{ 0xa0, 0xa9 }, { 0xab, 0xb4 }, { 0xb6, 0xb9 }, { 0xbb, 0xbf }, { 0x2000, 0x206f },
	{ 0x20a0, 0x20cf }, { 0x2190, 0x2bff }, { 0x3000, 0x3004 }, { 0x3008, 0x3020 },
	{ 0x3030, 0x3030 }, { 0x30fb, 0x30fb }, { 0xfe00, 0xfe1f }, { 0xfe30, 0xfe6f },
	{ 0xff00, 0xff0f }, { 0xff1a, 0xff20 }, { 0xff3b, 0xff40 }, { 0xff5b, 0xff65 },
	{ 0x1f000, 0x1faff },
};

/* What words are made of; outside ASCII everything else counts as such. */
static bool is_word(uint32_t c)
{
	if (c < 0x80)
		return c == '_' || (c >= '0' && c <= '9') ||
			((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
	for (size_t i = 0; i < sizeof(between) / sizeof(*between); i++)
		if (c >= between[i].first && c <= between[i].last)
			return false;
	return true;
}

/*
 * Whether a word that has a byte at its edge can end beside a code point. Scripts of wide letters
 * put no blank between their words and those of ASCII.
 */
static bool is_apart(uint32_t c, char edge)
{
	return !is_word(c) || ((unsigned char)edge < 0x80 && text_width(c) == 2);
}

static uint32_t code_before(struct piece p, size_t at)
{
	size_t start = at - 1;
	uint32_t code;

	while (start && at - start < 4 && ((unsigned char)p.s[start] & 0xc0) == 0x80)
		start--;
	return text_decode(p.s + start, at - start, &code, NULL) == at - start
		? code : TEXT_INVALID;
}

static uint32_t code_at(struct piece p, size_t at)
{
	uint32_t code;

	(void)text_decode(p.s + at, p.len - at, &code, NULL);
	return code;
}

bool piece_has_word(struct piece p, struct piece word)
{
	for (size_t i = 0; word.len && i < p.len; i++) {
		size_t len = unicode_match(p.s + i, p.len - i, word.s, word.len, true),
			end = i + len;

		if (len && (i == 0 || is_apart(code_before(p, i), word.s[0])) &&
			(end == p.len || is_apart(code_at(p, end), word.s[word.len - 1])))
			return true;
	}
	return false;
}

struct piece piece_word(struct piece *rest)
{
	const char *blank = rest->len ? memchr(rest->s, ' ', rest->len) : NULL;
	struct piece w = { rest->s, blank ? (size_t)(blank - rest->s) : rest->len };
	size_t used = w.len + (blank != NULL);

	rest->s += used;
	rest->len -= used;
	return w;
}

void piece_skip_blanks(struct piece *p)
{
	while (p->len && *p->s == ' ') {
		p->s++;
		p->len--;
	}
}

uint64_t piece_number(struct piece p, const char *after)
{
	size_t skip = strlen(after);
	uint64_t number;

	for (size_t i = p.len; i-- > 0;) {
		struct piece rest = { p.s + i, p.len - i };
		size_t end = skip;

		if (!piece_begins(rest, after))
			continue;
		while (end < rest.len && rest.s[end] >= '0' && rest.s[end] <= '9')
			end++;
		if (text_number(rest.s + skip, end - skip, UINT64_MAX, &number))
			return number;
	}
	return 0;
}
