#include "client/core/view.h"

#include <string.h>

#include "client/core/layout.h"
#include "client/core/render.h"
#include "proto/text.h"

#define HIDE_CURSOR "\033[?25l"
#define SHOW_CURSOR "\033[?25h"
#define WRAP_OFF "\033[?7l"
#define WRAP_ON "\033[?7h"
#define CLEAR "\033[H\033[J"

/*
 * Erases from the beginning of a row, but its first column by itself: tmux keeps a copy of a
 * screen that is erased from its very top.
 */
#define ERASE_BELOW "\033[K\033[C\033[J\r"
#define HOME "\033[H"
#define FAINT "\033[2m"
#define PLAIN "\033[m"

void view_init(struct view *v, enum palette palette, size_t width, size_t height)
{
	*v = (struct view){ .palette = palette };
	view_resize(v, width, height);
	v->resized = false;
}

void view_finish(struct view *v)
{
	buffer_finish(&v->region);
	buffer_finish(&v->next);
}

void view_resize(struct view *v, size_t width, size_t height)
{
	width = width ? width : 80;
	height = height ? height : 24;
	v->resized |= width != v->width || height != v->height;
	v->width = width;
	v->height = height;
}

void view_clear(struct view *v)
{
	v->clear = true;
}

/* What of a region is being drawn: its rows, and where the cursor comes to stand. */
struct drawing {
	struct view *v;
	size_t rows;
	size_t cursor_row, cursor_column;
	uint16_t columns[VIEW_ROWS_MAX];
};

static void end_drawn_row(struct drawing *d, size_t columns)
{
	if (d->rows < VIEW_ROWS_MAX)
		d->columns[d->rows] = (uint16_t)(columns < UINT16_MAX ? columns : UINT16_MAX);
	d->rows++;
}

/* How many rows of the screen a row above the line takes. */
static size_t rows_of(const struct view *v, const struct frame *frame, size_t which)
{
	const struct frame_row *row = &frame->rows[which];
	size_t columns = text_columns(frame->text.data + row->start, row->len);

	/* A wide cluster that does not fit leaves a column free: reckon with one in each row. */
	return row->faint || columns <= v->width ? 1 : columns / (v->width > 1 ? v->width - 1 : 1) + 1;
}

static void draw_row(struct drawing *d, const struct frame *frame, size_t which)
{
	const struct frame_row *row = &frame->rows[which];
	const char *text = frame->text.data + row->start;
	struct buffer *out = &d->v->next;
	size_t columns = 0, at = 0;
	bool faint = row->faint && d->v->palette != PALETTE_NONE;

	if (faint)
		buffer_text(out, FAINT);
	while (at < row->len) {
		int width;
		size_t cluster = text_cluster(text + at, row->len - at, &width);

		if (columns + (size_t)width > d->v->width) {
			if (row->faint)
				break;
			end_drawn_row(d, columns);
			buffer_text(out, "\r\n");
			columns = 0;
		}
		buffer_append(out, text + at, cluster);
		columns += (size_t)width;
		at += cluster;
	}
	if (faint)
		buffer_text(out, PLAIN);
	end_drawn_row(d, columns);
	buffer_text(out, "\r\n");
}

/* The rows above the line, of which the last ones matter most, as far as there is room. */
static void draw_rows(struct drawing *d, const struct frame *frame)
{
	size_t first = frame->row_count, room = d->v->height - 1;

	while (first > 0 && rows_of(d->v, frame, first - 1) <= room)
		room -= rows_of(d->v, frame, --first);
	for (size_t i = first; i < frame->row_count; i++)
		draw_row(d, frame, i);
}

/* The line being typed, wrapped where a row ends. */
struct wrapping {
	size_t width;
	size_t row, column;             /* where the next cluster goes */
	size_t cursor_row, cursor_column;
	struct drawing *drawing;        /* NULL: it is only measured */
	size_t first, last;             /* the rows that are drawn */
};

static void wrap_row(struct wrapping *w)
{
	if (w->drawing && w->row >= w->first && w->row < w->last) {
		end_drawn_row(w->drawing, w->column);
		if (w->row + 1 < w->last)
			buffer_text(&w->drawing->v->next, "\r\n");
	}
	w->row++;
	w->column = 0;
}

static void wrap_text(struct wrapping *w, const char *text, size_t len, size_t cursor)
{
	for (size_t at = 0; at < len;) {
		int width;
		size_t cluster = text_cluster(text + at, len - at, &width);

		if (w->column + (size_t)width > w->width)
			wrap_row(w);
		if (at == cursor) {
			w->cursor_row = w->row;
			w->cursor_column = w->column;
		}
		if (w->drawing && w->row >= w->first && w->row < w->last)
			buffer_append(&w->drawing->v->next, text + at, cluster);
		w->column += (size_t)width;
		at += cluster;
	}
}

static void wrap_line(struct wrapping *w, const struct frame *frame)
{
	wrap_text(w, frame->label, strlen(frame->label), SIZE_MAX);
	wrap_text(w, frame->line, frame->line_len, frame->cursor);
	if (frame->cursor == frame->line_len) {
		if (w->column >= w->width)
			wrap_row(w);
		w->cursor_row = w->row;
		w->cursor_column = w->column;
	}
	wrap_row(w);
}

/* Draws the region into next. What does not fit on the screen is cut, but never the cursor. */
static struct drawing draw(struct view *v, const struct frame *frame)
{
	struct drawing d = { .v = v };
	struct wrapping measured = { .width = v->width }, w;
	size_t above, room;

	v->next.len = 0;
	buffer_text(&v->next, WRAP_OFF);
	draw_rows(&d, frame);
	above = d.rows;
	room = v->height - above;
	wrap_line(&measured, frame);
	w = (struct wrapping){ .width = v->width, .drawing = &d };
	w.first = measured.cursor_row < room ? 0 : measured.cursor_row + 1 - room;
	w.last = measured.row < w.first + room ? measured.row : w.first + room;
	wrap_line(&w, frame);
	d.cursor_row = above + w.cursor_row - w.first;
	d.cursor_column = w.cursor_column;
	buffer_text(&v->next, WRAP_ON "\r");
	if (d.rows - 1 > d.cursor_row)
		buffer_format(&v->next, "\033[%zuA", d.rows - 1 - d.cursor_row);
	if (d.cursor_column)
		buffer_format(&v->next, "\033[%zuC", d.cursor_column);
	return d;
}

static void erase_from(struct buffer *out, size_t rows_up)
{
	buffer_text(out, "\r");
	if (rows_up)
		buffer_format(out, "\033[%zuA", rows_up);
	buffer_text(out, ERASE_BELOW);
}

/* The rows that a row of so many columns has become on a screen that wraps it anew. */
static size_t rewrapped(const struct view *v, size_t columns)
{
	return v->width < v->drawn_width && columns > v->width
		? (columns + v->width - 1) / v->width : 1;
}

static size_t item_rows(const struct view *v, const struct item *item, size_t width, bool anew)
{
	struct layout l;

	layout_begin(&l, NULL, width);
	l.narrow = anew && v->width < v->drawn_width ? v->width : 0;
	render_item(&l, item, PALETTE_NONE);
	layout_end(&l);
	return l.rows;
}

/*
 * Goes up to the first row that is ours, as far as the screen reaches, and erases from there.
 * Terminals wrap anew what has become too wide, so a row may have become several.
 */
static void erase_ours(struct view *v, const struct scroll *scroll, struct buffer *out)
{
	size_t old = scroll->count - scroll->fresh, up = 0;

	for (size_t i = 0; i < v->cursor_row && i < VIEW_ROWS_MAX; i++)
		up += rewrapped(v, v->columns[i]);
	if (v->width < v->drawn_width)
		up += v->cursor_column / v->width;
	for (size_t i = 0; i < v->painted && i < old && up < v->height; i++)
		up += item_rows(v, scroll_at(scroll, old - 1 - i), v->drawn_width, true);
	if (up < v->height)
		erase_from(out, up);
	else
		buffer_text(out, HOME ERASE_BELOW);
}

/* The first of the items that fit on the screen above the region, max of them at most. */
static size_t first_fitting(const struct view *v, const struct scroll *scroll, size_t max,
	size_t region_rows)
{
	size_t first = scroll->count, rows = 0;

	while (first > 0 && scroll->count - first < max) {
		rows += item_rows(v, scroll_at(scroll, first - 1), v->width, false);
		if (rows + region_rows > v->height)
			break;
		first--;
	}
	return first;
}

/* Puts the items from a place on, but not too many at once; returns the place behind the last. */
static size_t put_items(struct view *v, const struct scroll *scroll, size_t first,
	struct buffer *out)
{
	size_t i = first, end = out->len + VIEW_BURST;

	for (; i < scroll->count && out->len < end; i++) {
		struct layout l;

		layout_begin(&l, out, v->width);
		render_item(&l, scroll_at(scroll, i), v->palette);
		layout_end(&l);
	}
	return i;
}

/* The first item to draw on a screen on which nothing of ours is left. */
static size_t first_anew(const struct view *v, const struct scroll *scroll, size_t region_rows)
{
	size_t first_fresh = scroll->count - scroll->fresh;
	size_t first = first_fitting(v, scroll,
		v->clear ? scroll->count : v->painted + scroll->fresh, region_rows);

	return first < first_fresh ? first : first_fresh;
}

static bool is_unchanged(const struct view *v, const struct scroll *scroll)
{
	return !v->clear && !v->resized && !scroll->fresh && v->rows &&
		v->next.len == v->region.len &&
		memcmp(v->next.data, v->region.data, v->next.len) == 0;
}

/* The region that was drawn into next is now the one on the screen. */
static void commit(struct view *v, const struct drawing *d)
{
	struct buffer drawn = v->next;

	v->next = v->region;
	v->region = drawn;
	v->rows = d->rows;
	v->cursor_row = d->cursor_row;
	v->cursor_column = d->cursor_column;
	memcpy(v->columns, d->columns, sizeof(v->columns));
	v->drawn_width = v->width;
	v->clear = false;
	v->resized = false;
}

void view_paint(struct view *v, struct scroll *scroll, const struct frame *frame,
	struct buffer *out)
{
	size_t first = scroll->count - scroll->fresh, last, ours;
	struct drawing d = draw(v, frame);

	if (is_unchanged(v, scroll))
		return;
	buffer_text(out, HIDE_CURSOR);
	if (v->clear)
		buffer_text(out, CLEAR);
	else if (v->resized && v->rows)
		erase_ours(v, scroll, out);
	else
		erase_from(out, v->cursor_row);
	if (v->clear || (v->resized && v->rows))
		first = first_anew(v, scroll, d.rows);
	last = put_items(v, scroll, first, out);
	ours = v->clear ? scroll->count - first : v->painted + scroll->fresh;
	scroll->fresh = scroll->count - last;
	v->painted = ours - scroll->fresh;
	buffer_append(out, v->next.data, v->next.len);
	buffer_text(out, SHOW_CURSOR);
	commit(v, &d);
}

void view_hide(struct view *v, struct buffer *out)
{
	if (v->rows)
		erase_from(out, v->cursor_row);
	view_forget(v);
}

void view_forget(struct view *v)
{
	v->rows = 0;
	v->cursor_row = 0;
	v->painted = 0;
}
