#include "client/core/piece.h"

#include <string.h>

#include "proto/text.h"

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

/* What words are made of; outside ASCII everything counts as such. */
static bool is_word(char byte)
{
	unsigned char c = (unsigned char)byte;

	return c >= 0x80 || c == '_' || (c >= '0' && c <= '9') ||
		((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

bool piece_has_word(struct piece p, struct piece word)
{
	for (size_t i = 0; word.len && i + word.len <= p.len; i++) {
		size_t end = i + word.len;

		if ((i == 0 || !is_word(p.s[i - 1])) && (end == p.len || !is_word(p.s[end])) &&
			text_compare(p.s + i, word.len, word.s, word.len) == 0)
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

uint64_t piece_number(struct piece p, const char *behind)
{
	size_t skip = strlen(behind);
	uint64_t number;

	for (size_t i = p.len; i-- > 0;) {
		struct piece rest = { p.s + i, p.len - i };
		size_t end = skip;

		if (!piece_begins(rest, behind))
			continue;
		while (end < rest.len && rest.s[end] >= '0' && rest.s[end] <= '9')
			end++;
		if (text_number(rest.s + skip, end - skip, UINT64_MAX, &number))
			return number;
	}
	return 0;
}
