#include "client/core/footer_view.h"

#include <string.h>

#include "proto/text.h"

#define WRAP_OFF "\033[?7l"
#define WRAP_ON "\033[?7h"
#define FAINT "\033[2m"
#define PLAIN "\033[m"

void footer_view_finish(struct footer_view *r)
{
	buffer_finish(&r->bytes);
}

static void end_row(struct footer_view *r, size_t columns)
{
	if (r->rows < FOOTER_VIEW_ROWS_MAX)
		r->columns[r->rows] = (uint16_t)(columns < UINT16_MAX ? columns : UINT16_MAX);
	r->rows++;
}

/* How many rows of the screen a row above the line takes at most. */
static size_t height_of(const struct footer_view *r, const struct footer *footer, size_t which)
{
	const struct footer_row *row = &footer->rows[which];
	size_t columns = text_columns(footer->text.data + row->start, row->len);

	if (row->faint || columns <= r->width)
		return 1;
	/* A wide cluster that does not fit leaves a column free: reckon with one in each row. */
	return columns / (r->width > 1 ? r->width - 1 : 1) + 1;
}

static void draw_row(struct footer_view *r, const struct footer *footer, size_t which)
{
	const struct footer_row *row = &footer->rows[which];
	const char *text = footer->text.data + row->start;
	size_t columns = 0, at = 0;

	while (at < row->len) {
		int width;
		size_t cluster = text_cluster(text + at, row->len - at, &width);

		if (columns + (size_t)width > r->width) {
			if (row->faint)
				break;
			end_row(r, columns);
			buffer_text(&r->bytes, "\r\n");
			columns = 0;
		}
		buffer_append(&r->bytes, text + at, cluster);
		columns += (size_t)width;
		at += cluster;
	}
	end_row(r, columns);
}

/* The rows above the line, of which the last ones matter most, as far as there is room. */
static void draw_rows(struct footer_view *r, const struct footer *footer, size_t room, bool faint)
{
	size_t first = footer->row_count;

	while (first > 0 && height_of(r, footer, first - 1) <= room)
		room -= height_of(r, footer, --first);
	for (size_t i = first; i < footer->row_count; i++) {
		if (faint && footer->rows[i].faint)
			buffer_text(&r->bytes, FAINT);
		draw_row(r, footer, i);
		if (faint && footer->rows[i].faint)
			buffer_text(&r->bytes, PLAIN);
		buffer_text(&r->bytes, "\r\n");
	}
}

/* The line being wrapped, and those of its rows that are drawn: none while it is measured. */
struct wrapping {
	struct footer_view *view;
	size_t row, column;               /* where the next cluster goes */
	size_t cursor_row, cursor_column;
	size_t first, last;
};

static bool is_drawn(const struct wrapping *w)
{
	return w->row >= w->first && w->row < w->last;
}

static void wrap_row(struct wrapping *w)
{
	if (is_drawn(w)) {
		end_row(w->view, w->column);
		if (w->row + 1 < w->last)
			buffer_text(&w->view->bytes, "\r\n");
	}
	w->row++;
	w->column = 0;
}

static void wrap_text(struct wrapping *w, const char *text, size_t len, size_t cursor)
{
	for (size_t at = 0; at < len;) {
		int width;
		size_t cluster = text_cluster(text + at, len - at, &width);

		if (w->column + (size_t)width > w->view->width)
			wrap_row(w);
		if (at == cursor) {
			w->cursor_row = w->row;
			w->cursor_column = w->column;
		}
		if (is_drawn(w))
			buffer_append(&w->view->bytes, text + at, cluster);
		w->column += (size_t)width;
		at += cluster;
	}
}

static void wrap_line(struct wrapping *w, const struct footer *footer)
{
	wrap_text(w, footer->label, strlen(footer->label), SIZE_MAX);
	wrap_text(w, footer->line, footer->line_len, footer->cursor);
	if (footer->cursor == footer->line_len) {
		if (w->column >= w->view->width) /* the cursor needs a place of its own */
			wrap_row(w);
		w->cursor_row = w->row;
		w->cursor_column = w->column;
	}
	wrap_row(w);
}

void footer_view_draw(struct footer_view *r, const struct footer *footer, size_t width,
	size_t height, bool faint)
{
	struct wrapping measured = { .view = r }, w = { .view = r };
	size_t above, room;

	r->width = width;
	r->rows = 0;
	r->bytes.len = 0;
	buffer_text(&r->bytes, WRAP_OFF);
	draw_rows(r, footer, height - 1, faint);
	above = r->rows;
	room = height - above;
	wrap_line(&measured, footer);
	w.first = measured.cursor_row < room ? 0 : measured.cursor_row + 1 - room;
	w.last = measured.row < w.first + room ? measured.row : w.first + room;
	wrap_line(&w, footer);
	r->cursor_row = above + w.cursor_row - w.first;
	r->cursor_column = w.cursor_column;
	buffer_text(&r->bytes, WRAP_ON "\r");
	if (r->rows - 1 > r->cursor_row)
		buffer_format(&r->bytes, "\033[%zuA", r->rows - 1 - r->cursor_row);
	if (r->cursor_column)
		buffer_format(&r->bytes, "\033[%zuC", r->cursor_column);
}

size_t footer_view_depth(const struct footer_view *r, size_t width)
{
	size_t depth = r->cursor_row;

	if (width >= r->width)
		return depth;
	for (size_t i = 0; i < r->cursor_row && i < FOOTER_VIEW_ROWS_MAX; i++)
		if (r->columns[i] > width)
			depth += (r->columns[i] - 1) / width;
	return depth + r->cursor_column / width;
}
