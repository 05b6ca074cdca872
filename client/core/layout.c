#include "client/core/layout.h"

#include <string.h>

#include "proto/text.h"

/* Where a row can't hang under the text it hangs under the time, or only a little, or not. */
static const size_t indents[] = { 6, 2, 0 };

void layout_begin(struct layout *l, struct buffer *out, size_t width)
{
	*l = (struct layout){ .out = out, .width = width ? width : 1, .rows = 1 };
}

void layout_hang_here(struct layout *l)
{
	size_t indent = l->column;

	for (size_t i = 0; indent > l->width / 2; i++)
		indent = indents[i];
	l->indent = indent;
}

static void put(struct layout *l, const char *text, size_t len)
{
	if (l->out && !l->skip)
		buffer_append(l->out, text, len);
}

static void end_row(struct layout *l)
{
	put(l, "\r\n", 2);
	if (l->narrow && l->column > l->narrow)
		l->rows += (l->column - 1) / l->narrow;
}

static void next_row(struct layout *l)
{
	end_row(l);
	if (l->skip)
		l->skip--;
	else
		l->rows++;
	for (size_t i = 0; i < l->indent; i++)
		put(l, " ", 1);
	l->column = l->indent;
}

/*
 * The word at the front of a text: its length and columns. A wide cluster is one by itself, as
 * scripts that have them are written without blanks; so is a blank. What is wider than a row is
 * cut, since it will be broken anyway.
 */
static size_t next_word(const struct layout *l, const char *text, size_t len, size_t *columns)
{
	size_t at = 0;

	*columns = 0;
	while (at < len && *columns <= l->width) {
		int width;
		size_t cluster = text_cluster(text + at, len - at, &width);
		bool alone = width > 1 || text[at] == ' ';

		if (alone && at > 0)
			break;
		at += cluster;
		*columns += (size_t)width;
		if (alone)
			break;
	}
	return at;
}

/* Puts a word that is wider than what is left of a row, cluster by cluster. */
static void break_word(struct layout *l, const char *text, size_t len)
{
	for (size_t at = 0; at < len;) {
		int width;
		size_t cluster = text_cluster(text + at, len - at, &width);

		if (l->column + (size_t)width > l->width && l->column > l->indent)
			next_row(l);
		put(l, text + at, cluster);
		l->column += (size_t)width;
		at += cluster;
	}
}

static void put_word(struct layout *l, const char *text, size_t len, size_t columns)
{
	if (l->column + columns <= l->width) {
		put(l, text, len);
		l->column += columns;
		return;
	}
	if (text[0] == ' ') /* the end of the row stands for it */
		return;
	if (l->indent + columns > l->width) {
		break_word(l, text, len);
		return;
	}
	next_row(l);
	put(l, text, len);
	l->column += columns;
}

void layout_text(struct layout *l, const char *text, size_t len, const char *style)
{
	if (style && l->out)
		buffer_format(l->out, "\033[%sm", style);
	for (size_t at = 0; at < len;) {
		size_t columns, word = next_word(l, text + at, len - at, &columns);

		put_word(l, text + at, word, columns);
		at += word;
	}
	if (style && l->out)
		buffer_text(l->out, "\033[m");
}

void layout_end(struct layout *l)
{
	end_row(l);
	l->column = 0;
}
