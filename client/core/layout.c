/*
 * Text in rows. The rule: a row never takes more columns than the screen has, on any terminal, and
 * only the first row of a line begins at the first column; but a URL that is longer than a row is
 * left to the terminal to wrap, where nothing in it can be taken for a line of its own.
 *
 * Links: https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda (OSC 8).
 */
#include "client/core/layout.h"

#include <string.h>

#include "client/core/piece.h"
#include "client/core/url.h"
#include "proto/text.h"

#define WRAP_ON "\033[?7h"
#define WRAP_OFF "\033[?7l"

/* Where a row can't hang under the text it hangs under the time, or only a little, or not. */
static const size_t indents[] = { 6, 2, 0 };

void layout_begin(struct layout *l, struct buffer *out, size_t width)
{
	*l = (struct layout){
		.out = out, .pen.out = out, .width = width ? width : 1, .rows = 1, .line.rows = 1,
	};
}

void layout_count(struct layout *l, enum reflow how, size_t now_width)
{
	l->how = how;
	l->now_width = now_width;
}

void layout_hang_here(struct layout *l)
{
	size_t indent = l->pen.column;

	for (size_t i = 0; indent > l->width / 2; i++)
		indent = indents[i];
	l->indent = indent;
}

/* Goes to the next row, by a line end or because the terminal wraps. */
static void count_row(struct layout *l)
{
	if (l->skip)
		l->skip--;
	else
		l->rows++;
}

static void end_line(struct layout *l)
{
	size_t wrapped = (l->line.rows - 1) * l->width;

	l->line.fewest = wrapped + l->pen.least;
	l->line.most = wrapped + l->pen.column;
	if (l->now_width)
		bounds_add(&l->now, reflow_rows(l->how, &l->line, l->now_width));
	l->line = (struct extent){ .rows = 1 };
	l->pen.out = l->skip ? NULL : l->out;
	pen_next_row(&l->pen);
}

static void next_row(struct layout *l)
{
	end_line(l);
	count_row(l);
	l->blanks = 0;
	l->pen.out = l->skip ? NULL : l->out;
	for (size_t i = 0; i < l->indent; i++)
		pen_text(&l->pen, " ", 1);
}

/* Puts text that fits. */
static void put(struct layout *l, const char *text, size_t len)
{
	l->pen.out = l->skip ? NULL : l->out;
	if (!l->found && l->rows == l->find_row)
		l->found = text;
	for (size_t at = 0; at < len;) {
		struct text_shape shape;
		size_t cluster = text_shape(text + at, len - at, &shape);

		l->line.wide |= shape.columns > 1;
		pen_cluster(&l->pen, text + at, cluster, shape);
		at += cluster;
	}
}

/*
 * The word at the front of a text: its length and columns. A wide cluster is one by itself, as
 * scripts that have them are written without blanks; so is a blank. A word that is wider than a
 * row is cut, since it will be broken anyway.
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

		if (l->pen.column + (size_t)width > l->width && l->pen.column > l->indent)
			next_row(l);
		if ((size_t)width <= l->width)
			put(l, text + at, cluster);
		else
			put(l, PEN_STAND_IN, strlen(PEN_STAND_IN));
		at += cluster;
	}
}

static void put_blanks(struct layout *l)
{
	for (; l->blanks; l->blanks--)
		put(l, " ", 1);
}

/* A blank at the end of a row is left out: the end stands for it. */
static void put_word(struct layout *l, const char *text, size_t len, size_t columns)
{
	size_t column = l->pen.column + l->blanks;

	if (text[0] == ' ') {
		l->blanks += column < l->width;
	} else if (column + columns <= l->width) {
		put_blanks(l);
		put(l, text, len);
	} else if (l->indent + columns > l->width) {
		put_blanks(l);
		break_word(l, text, len);
	} else {
		next_row(l);
		put(l, text, len);
	}
}

static void put_words(struct layout *l, const char *text, size_t len)
{
	for (size_t at = 0; at < len;) {
		size_t columns, word = next_word(l, text + at, len - at, &columns);

		put_word(l, text + at, word, columns);
		at += word;
	}
}

/* Leaves it to the terminal to go on at the first column of the next row, and so on. */
static void wrap_url(struct layout *l, struct piece url)
{
	pen_settle(&l->pen);
	if (l->out)
		buffer_text(l->out, WRAP_ON);
	for (size_t at = 0, len; at < url.len; at += len) {
		len = l->width - l->pen.column;
		if (len >= url.len - at) {
			len = url.len - at;
			put(l, url.s + at, len);
		} else {
			put(l, url.s + at, len);
			count_row(l);
			l->line.rows++;
			l->pen.column = l->pen.least = 0;
		}
	}
	if (l->out)
		buffer_text(l->out, WRAP_OFF);
}

static void put_url(struct layout *l, struct piece url)
{
	if (l->pen.column + l->blanks + url.len <= l->width || l->indent + url.len <= l->width) {
		put_word(l, url.s, url.len, url.len);
		return;
	}
	put_blanks(l);
	if (l->pen.column > l->width / 2 && l->pen.column > l->indent)
		next_row(l);
	if (url_may_wrap(url, l->pen.column, l->width))
		wrap_url(l, url);
	else
		break_word(l, url.s, url.len);
}

/* A link; what it was broken into is still one by its id. */
static void open_link(struct layout *l, struct piece url)
{
	unsigned id = 0;

	for (size_t i = 0; i < url.len; i++)
		id = id * 31 + (unsigned char)url.s[i];
	buffer_format(l->out, "\033]8;id=%x;", id);
	buffer_append(l->out, url.s, url.len);
	buffer_text(l->out, "\033\\");
}

/* Puts text up to the end of its first URL, or all of it; returns how much that was. */
static size_t put_part(struct layout *l, const char *text, size_t len)
{
	struct piece url;
	bool linked;

	if (!url_find((struct piece){ text, len }, &url)) {
		put_words(l, text, len);
		return len;
	}
	put_words(l, text, (size_t)(url.s - text));
	linked = l->links && l->out && url.len <= URL_MAX;
	if (linked)
		open_link(l, url);
	put_url(l, url);
	if (linked)
		buffer_text(l->out, "\033]8;;\033\\");
	return (size_t)(url.s - text) + url.len;
}

void layout_text(struct layout *l, const char *text, size_t len, const char *style)
{
	struct pen pen = { .out = l->out };

	if (style)
		pen_style(&pen, style);
	for (size_t at = 0; at < len;)
		at += put_part(l, text + at, len - at);
	put_blanks(l);
	if (style)
		pen_style(&pen, "");
}

void layout_go_on(struct layout *l)
{
	l->pen = (struct pen){ .out = l->out };
	l->line = (struct extent){ .rows = 1 };
	l->now = (struct bounds){ 0, 0 };
	l->rows = 1;
	for (size_t i = 0; i < l->indent; i++)
		pen_text(&l->pen, " ", 1);
}

void layout_end(struct layout *l)
{
	end_line(l);
}
