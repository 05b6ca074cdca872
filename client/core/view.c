#include "client/core/view.h"

#include <string.h>

#include "client/core/layout.h"
#include "client/core/render.h"
#include "proto/text.h"

#define HIDE_CURSOR "\033[?25l"
#define SHOW_CURSOR "\033[?25h"
#define HOME "\033[H"
#define CLEAR "\033[H\033[J"

/*
 * Erases from the beginning of a row, but its first column by itself: tmux keeps a copy of a
 * screen that is erased from its very top.
 */
#define ERASE_BELOW "\033[K\033[C\033[J\r"

void view_init(struct view *v, enum palette palette, size_t width, size_t height)
{
	*v = (struct view){ .palette = palette };
	view_resize(v, width, height);
	v->resized = false;
}

void view_finish(struct view *v)
{
	footer_view_finish(&v->shown);
	footer_view_finish(&v->next);
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

static void erase_from(struct buffer *out, size_t rows_up)
{
	buffer_text(out, "\r");
	if (rows_up)
		buffer_format(out, "\033[%zuA", rows_up);
	buffer_text(out, ERASE_BELOW);
}

/*
 * The rows of an item on a screen of this width; before: on the one that it was drawn for, as
 * they are now that the screen may have become narrower.
 */
static size_t item_rows(const struct view *v, const struct item *item, bool before)
{
	struct layout l;

	layout_begin(&l, NULL, before ? v->shown.width : v->width);
	l.narrow = before && v->width < v->shown.width ? v->width : 0;
	render_item(&l, item, PALETTE_NONE);
	layout_end(&l);
	return l.rows;
}

/* Goes up to the first row that is ours, as far as the screen reaches, and erases from there. */
static void erase_ours(const struct view *v, const struct scrollback *scrollback, struct buffer *out)
{
	size_t old = scrollback->count - scrollback->fresh, up = footer_view_depth(&v->shown, v->width);

	for (size_t i = 0; i < v->painted && i < old && up < v->height; i++)
		up += item_rows(v, scrollback_at(scrollback, old - 1 - i), true);
	if (up < v->height)
		erase_from(out, up);
	else
		buffer_text(out, HOME ERASE_BELOW);
}

/*
 * The first item to draw on a screen on which nothing of ours is left, and how many of its rows to
 * skip: as many rows as fit above the footer, and all items that were never drawn.
 */
static size_t first_anew(const struct view *v, const struct scrollback *scrollback, size_t *skip)
{
	size_t max = v->clear ? scrollback->count : v->painted + scrollback->fresh;
	size_t first = scrollback->count, rows = v->next.rows;

	*skip = 0;
	while (first > 0 && scrollback->count - first < max) {
		bool fresh = scrollback->count - first < scrollback->fresh;

		if (rows >= v->height && !fresh)
			break;
		rows += item_rows(v, scrollback_at(scrollback, --first), false);
		if (rows > v->height && !fresh)
			*skip = rows - v->height;
	}
	return first;
}

/*
 * Puts the items from a place on, the first without some rows, but not too many at once; returns
 * the place behind the last.
 */
static size_t put_items(struct view *v, const struct scrollback *scrollback, size_t first, size_t skip,
	struct buffer *out)
{
	size_t i = first, end = out->len + VIEW_BURST;

	for (; i < scrollback->count && out->len < end; i++) {
		struct layout l;

		layout_begin(&l, out, v->width);
		l.skip = i == first ? skip : 0;
		render_item(&l, scrollback_at(scrollback, i), v->palette);
		layout_end(&l);
	}
	return i;
}

static bool is_unchanged(const struct view *v, const struct scrollback *scrollback)
{
	const struct buffer *next = &v->next.bytes, *shown = &v->shown.bytes;

	return !v->clear && !v->resized && !scrollback->fresh && v->shown.rows &&
		next->len == shown->len && memcmp(next->data, shown->data, next->len) == 0;
}

static void show_next(struct view *v, struct buffer *out)
{
	struct footer_view before = v->shown;

	buffer_append(out, v->next.bytes.data, v->next.bytes.len);
	v->shown = v->next;
	v->next = before;
	v->clear = v->resized = false;
}

void view_paint(struct view *v, struct scrollback *scrollback, const struct footer *footer,
	struct buffer *out)
{
	bool anew = v->clear || (v->resized && v->shown.rows);
	size_t first, skip = 0, last, ours;

	footer_view_draw(&v->next, footer, v->width, v->height, v->palette != PALETTE_NONE);
	if (is_unchanged(v, scrollback))
		return;
	buffer_text(out, HIDE_CURSOR);
	if (v->clear)
		buffer_text(out, CLEAR);
	else if (anew)
		erase_ours(v, scrollback, out);
	else
		erase_from(out, v->shown.cursor_row);
	first = anew ? first_anew(v, scrollback, &skip) : scrollback->count - scrollback->fresh;
	last = put_items(v, scrollback, first, skip, out);
	ours = v->clear ? scrollback->count - first : v->painted + scrollback->fresh;
	scrollback->fresh = scrollback->count - last;
	v->painted = ours - scrollback->fresh;
	show_next(v, out);
	buffer_text(out, SHOW_CURSOR);
}

void view_hide(struct view *v, struct buffer *out)
{
	if (v->shown.rows)
		erase_from(out, v->shown.cursor_row);
	view_forget(v);
}

void view_forget(struct view *v)
{
	v->shown.rows = 0;
	v->shown.cursor_row = 0;
	v->painted = 0;
}
