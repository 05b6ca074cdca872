/*
 * URLs. The rule: what is left to the terminal to wrap begins rows at the first column, so nothing
 * may stand there that looks like the beginning of a line.
 */
#include "client/core/url.h"

#include <string.h>

/* RFC 3986, section 2, but for what never stands in one as it is. */
static bool is_url_byte(char c)
{
	return c > ' ' && c < 0x7f && !memchr("\"<>\\^`{|}", c, 9);
}

static bool is_letter(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static bool begins_called(struct piece p, const char *with)
{
	size_t len = strlen(with);

	return p.len > len && piece_is_called((struct piece){ p.s, len }, with);
}

/* Leaves out what belongs to the sentence around it. */
static void trim(struct piece *url)
{
	while (url->len) {
		char last = url->s[url->len - 1];
		size_t open = 0, closed = 0;

		for (size_t i = 0; i < url->len; i++) {
			open += url->s[i] == '(' || url->s[i] == '[';
			closed += url->s[i] == ')' || url->s[i] == ']';
		}
		if (!memchr(".,;:!?'*_", last, 9) &&
			!((last == ')' || last == ']') && closed > open))
			return;
		url->len--;
	}
}

bool url_find(struct piece text, struct piece *url)
{
	static const char *const schemes[] = { "https://", "http://" };

	for (size_t at = 0; at < text.len; at++) {
		struct piece rest = { text.s + at, text.len - at };

		if ((*rest.s | 0x20) != 'h' || (at && is_letter(text.s[at - 1])))
			continue;
		for (size_t i = 0; i < 2; i++) {
			size_t len = strlen(schemes[i]);

			if (!begins_called(rest, schemes[i]) || !is_letter(rest.s[len]))
				continue;
			while (len < rest.len && is_url_byte(rest.s[len]))
				len++;
			*url = (struct piece){ rest.s, len };
			trim(url);
			return true;
		}
	}
	return false;
}

bool url_may_wrap(struct piece url, size_t column, size_t width)
{
	if (memchr(url.s, '[', url.len) || memchr(url.s, ']', url.len) ||
		memchr(url.s, '*', url.len))
		return false;
	for (size_t at = width - column; at < url.len; at += width) {
		struct piece row = { url.s + at, url.len - at };

		if (piece_begins(row, "===") || piece_begins(row, "!!!") ||
			piece_begins(row, "---"))
			return false;
	}
	return true;
}
