/*
 * The footer on the screen. The rule: no row takes more columns than the screen has, so that with
 * the terminal's wrapping off each is one row of the screen, and is known by its number.
 *
 * Sequences: ECMA-48 (CUU, CUD, CHA, ED, EL, SGR).
 */
#include "client/core/footer_view.h"

#include <string.h>

#include "client/core/pen.h"
#include "proto/text.h"

#define STYLE_FAINT "2"

void footer_view_finish(struct footer_view *v)
{
	buffer_finish(&v->text);
}

static struct footer_view_row *last_row(struct footer_view *v)
{
	return &v->row[v->rows - 1];
}

static void begin_row(struct footer_view *v, bool faint)
{
	v->row[v->rows++] = (struct footer_view_row){
		.start = v->text.len, .faint = faint, .extent.rows = 1,
	};
}

/* A cluster, or what stands for one that is wider than the screen. */
struct glyph {
	const char *s;
	size_t len;
	size_t taken; /* bytes of the text */
	struct text_shape shape;
};

static struct glyph next_glyph(const struct footer_view *v, const char *text, size_t len)
{
	struct glyph g = { .s = text };

	g.len = g.taken = text_shape(text, len, &g.shape);
	if ((size_t)g.shape.columns > v->width) {
		g.s = PEN_STAND_IN;
		g.len = text_shape(g.s, strlen(g.s), &g.shape);
	}
	return g;
}

/* Puts a cluster at the end of the last row. */
static void put(struct footer_view *v, struct glyph g)
{
	struct footer_view_row *row = last_row(v);

	buffer_append(&v->text, g.s, g.len);
	row->len = v->text.len - row->start;
	row->extent.most += (size_t)g.shape.columns;
	if (g.shape.sure)
		row->extent.fewest = row->extent.most;
	row->extent.wide |= g.shape.columns > 1;
}

/* How many rows of the screen a row above the line takes at most. */
static size_t height_of(const struct footer_view *v, const struct footer *footer, size_t which)
{
	const struct footer_row *row = &footer->rows[which];
	size_t columns = text_columns(footer->text.data + row->start, row->len);

	if (row->faint || columns <= v->width)
		return 1;
	/*
	 * The widest cluster that does not fit leaves columns free: half a row is enough for all.
	 */
	return columns / (v->width > 1 ? (v->width + 1) / 2 : 1) + 1;
}

static void layout_row(struct footer_view *v, const struct footer *footer, size_t which)
{
	const struct footer_row *row = &footer->rows[which];
	const char *text = footer->text.data + row->start;

	begin_row(v, row->faint);
	for (size_t at = 0; at < row->len;) {
		struct glyph g = next_glyph(v, text + at, row->len - at);

		if (last_row(v)->extent.most + (size_t)g.shape.columns > v->width) {
			if (row->faint)
				return;
			begin_row(v, false);
		}
		put(v, g);
		at += g.taken;
	}
}

/* The rows above the line, of which the last ones matter most, as far as there is room. */
static void layout_rows(struct footer_view *v, const struct footer *footer, size_t room)
{
	size_t first = footer->row_count;

	while (first > 0 && height_of(v, footer, first - 1) <= room)
		room -= height_of(v, footer, --first);
	for (size_t i = first; i < footer->row_count; i++)
		layout_row(v, footer, i);
}

/* The line being wrapped, and those of its rows that are kept: none while it is measured. */
struct wrapping {
	struct footer_view *view;
	size_t row, column;               /* where the next cluster goes */
	size_t cursor_row, cursor_column;
	size_t first, last;
};

static bool is_kept(const struct wrapping *w)
{
	return w->row >= w->first && w->row < w->last;
}

static void wrap_row(struct wrapping *w)
{
	w->row++;
	w->column = 0;
	if (is_kept(w))
		begin_row(w->view, false);
}

static void wrap_text(struct wrapping *w, const char *text, size_t len, size_t cursor)
{
	for (size_t at = 0; at < len;) {
		struct glyph g = next_glyph(w->view, text + at, len - at);

		if (w->column + (size_t)g.shape.columns > w->view->width)
			wrap_row(w);
		if (at == cursor) {
			w->cursor_row = w->row;
			w->cursor_column = w->column;
		}
		if (is_kept(w))
			put(w->view, g);
		w->column += (size_t)g.shape.columns;
		at += g.taken;
	}
}

static void wrap_line(struct wrapping *w, const struct footer *footer)
{
	if (is_kept(w))
		begin_row(w->view, false);
	wrap_text(w, footer->label, strlen(footer->label), SIZE_MAX);
	wrap_text(w, footer->line, footer->line_len, footer->cursor);
	if (footer->cursor == footer->line_len) {
		if (w->column >= w->view->width) /* the cursor needs a place of its own */
			wrap_row(w);
		w->cursor_row = w->row;
		w->cursor_column = w->column;
	}
}

void footer_view_layout(struct footer_view *v, const struct footer *footer, size_t width,
	size_t height)
{
	struct wrapping measured = { .view = v }, w = { .view = v };
	size_t above, room;

	height = height < FOOTER_VIEW_ROWS_MAX ? height : FOOTER_VIEW_ROWS_MAX;
	v->width = width;
	v->rows = 0;
	v->text.len = 0;
	layout_rows(v, footer, height - 1);
	above = v->rows;
	room = height - above;
	wrap_line(&measured, footer);
	w.first = measured.cursor_row < room ? 0 : measured.cursor_row + 1 - room;
	w.last = w.first + room;
	wrap_line(&w, footer);
	v->cursor_row = above + w.cursor_row - w.first;
	v->cursor_column = w.cursor_column;
}

/* Draws what of a row stands from a place in it on. */
static void draw_from(const struct footer_view *v, size_t number, size_t from, struct pen *pen)
{
	const struct footer_view_row *row = &v->row[number];
	bool faint = v->styled && row->faint;

	if (faint)
		pen_style(pen, STYLE_FAINT);
	if (row->len > from)
		pen_text(pen, v->text.data + row->start + from, row->len - from);
	if (faint)
		pen_style(pen, "");
}

static void go_to_row(struct place *at, size_t row, struct buffer *out)
{
	if (row < at->row)
		buffer_format(out, "\033[%zuA", at->row - row);
	else if (row > at->row)
		buffer_format(out, "\033[%zuB", row - at->row);
	at->row = row;
}

/* Moves the cursor. Its column is not known to us while it is beyond the last. */
static void go(const struct footer_view *v, struct place *at, struct place to, struct buffer *out)
{
	bool known = at->column < v->width;

	go_to_row(at, to.row, out);
	if (known && to.column == at->column)
		return;
	if (known && to.column + 1 == at->column)
		buffer_text(out, "\b");
	else
		buffer_text(out, "\r");
	if (to.column && !(known && to.column + 1 == at->column))
		buffer_format(out, "\033[%zuC", to.column);
	at->column = to.column;
}

static struct place place_of_cursor(const struct footer_view *v)
{
	return (struct place){ v->cursor_row, v->cursor_column };
}

/* Draws rows from one on, each on an empty row; the cursor is at the beginning of the first. */
static void draw_rows(const struct footer_view *v, size_t first, struct place *at,
	struct buffer *out)
{
	for (size_t i = first; i < v->rows; i++) {
		struct pen pen = { .out = out };

		if (i > first)
			buffer_text(out, "\r\n");
		draw_from(v, i, 0, &pen);
		*at = (struct place){ i, pen.drifted ? SIZE_MAX : pen.column };
	}
}

void footer_view_draw(const struct footer_view *v, struct buffer *out)
{
	struct place at = { 0, 0 };

	draw_rows(v, 0, &at, out);
	go(v, &at, place_of_cursor(v), out);
}

/* How much of two rows is the same, in whole clusters, and the columns of that. */
static size_t common(const struct footer_view *v, const struct footer_view *shown, size_t number,
	size_t *columns)
{
	const struct footer_view_row *a = &v->row[number], *b = &shown->row[number];
	const char *s = v->text.data + a->start, *t = shown->text.data + b->start;
	size_t at = 0;

	*columns = 0;
	if (a->faint || b->faint)
		return a->faint == b->faint && a->len == b->len && memcmp(s, t, a->len) == 0
			? a->len : 0;
	while (at < a->len && at < b->len) {
		int width;
		size_t n = text_cluster(s + at, a->len - at, &width);

		if (text_cluster(t + at, b->len - at, NULL) != n || memcmp(s + at, t + at, n) != 0)
			break;
		*columns += (size_t)width;
		at += n;
	}
	return at;
}

/*
 * Changes one row. Some terminals count what was erased at the end of a row as part of it when
 * they wrap it later, unless the whole row was erased.
 */
static void change_row(struct footer_view *v, const struct footer_view *shown, size_t number,
	struct place *at, struct buffer *out)
{
	struct footer_view_row *row = &v->row[number];
	const struct footer_view_row *old = &shown->row[number];
	size_t columns, same = common(v, shown, number, &columns);
	struct pen pen = { .out = out };

	if (old->extent.most > row->extent.most && same)
		row->extent.most = old->extent.most;
	if (same == row->len && same == old->len)
		return;
	go(v, at, (struct place){ number, columns }, out);
	if (same == 0)
		buffer_text(out, "\033[2K");
	else if (same < old->len)
		buffer_text(out, "\033[K");
	pen.column = columns;
	draw_from(v, number, same, &pen);
	*at = (struct place){ number, pen.drifted ? SIZE_MAX : pen.column };
}

void footer_view_change(struct footer_view *v, const struct footer_view *shown, struct place at,
	struct buffer *out)
{
	size_t both = v->rows < shown->rows ? v->rows : shown->rows;

	for (size_t i = 0; i < both; i++)
		change_row(v, shown, i, &at, out);
	if (v->rows > both) {
		go_to_row(&at, both - 1, out);
		buffer_text(out, "\r\n");
		at = (struct place){ both, 0 };
		draw_rows(v, both, &at, out);
	} else if (shown->rows > both) {
		go(v, &at, (struct place){ both, 0 }, out);
		buffer_text(out, "\033[J");
	}
	go(v, &at, place_of_cursor(v), out);
}

struct bounds footer_view_rows(const struct footer_view *v, enum reflow how, size_t width)
{
	struct bounds rows = { 0, 0 };

	for (size_t i = 0; i < v->rows; i++)
		bounds_add(&rows, reflow_rows(how, &v->row[i].extent, width));
	return rows;
}

struct bounds footer_view_depth(const struct footer_view *v, enum reflow how, size_t width)
{
	struct bounds depth = reflow_cursor(how, &v->row[v->cursor_row].extent, v->cursor_column,
		width);

	for (size_t i = 0; i < v->cursor_row; i++)
		bounds_add(&depth, reflow_rows(how, &v->row[i].extent, width));
	return depth;
}
