/*
 * The screen. The rule: what is not ours is never touched, and nothing of ours is drawn a second
 * time while its first copy is still there, on the screen or above it.
 *
 * After a change of width that takes knowing where our rows are now. A terminal that cuts keeps
 * each row in its place; of one that wraps it is reckoned (reflow.h), and where that is not sure
 * the messages stay as the terminal has wrapped them.
 *
 * Sequences: ECMA-48 (CUU, ED, EL, IL, DSR 6); DECTCEM hides the cursor.
 */
#include "client/core/view.h"

#include <string.h>

#include "client/core/layout.h"

#define HIDE_CURSOR "\033[?25l"
#define SHOW_CURSOR "\033[?25h"
#define CLEAR "\033[H\033[J"
#define ASK_CURSOR "\033[6n"

/*
 * Erases from the beginning of a row, but the row by itself and then from its second column on:
 * tmux keeps a copy of a screen that is erased from its very top.
 */
#define ERASE_BELOW "\r\033[2K\033[C\033[J\r"

void view_init(struct view *v, struct look look, size_t width, size_t height)
{
	*v = (struct view){ .look = look };
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
	if (width == v->width && height == v->height)
		return;
	v->resized = true;
	v->ask = v->answers;
	v->row_known = false;
	v->width = width;
	v->height = height;
	if (height < v->least_height)
		v->least_height = height;
}

void view_set_reflow(struct view *v, enum reflow reflow, bool answers)
{
	v->reflow = reflow;
	v->answers |= answers;
}

void view_cursor_is(struct view *v, size_t row, size_t column)
{
	if (!v->asked || --v->asked)
		return; /* another is under way, of the size as it is now */
	v->row_known = true;
	v->row = row;
	v->column = column;
}

bool view_is_waiting(const struct view *v)
{
	return v->asked > 0;
}

void view_stop_waiting(struct view *v)
{
	v->asked = 0;
	v->answers = v->ask = false;
}

void view_clear(struct view *v)
{
	v->clear = true;
}

static void erase_from(struct buffer *out, size_t rows_up)
{
	if (rows_up)
		buffer_format(out, "\033[%zuA", rows_up);
	buffer_text(out, ERASE_BELOW);
}

/* The rows of an item that stands on the screen, as they are now. */
static struct bounds rows_now(const struct view *v, const struct item *item)
{
	struct layout l;

	layout_begin(&l, NULL, item->drawn_width);
	layout_count(&l, v->reflow, v->width);
	render_rest(&l, item, item->drawn_from, &v->look);
	layout_end(&l);
	return l.now;
}

/*
 * Where in its text an item's row begins, counted from the last one. 0: not in the text, or the
 * rows are not any more those that were drawn.
 */
static size_t find_row(const struct view *v, const struct item *item, size_t from_last)
{
	const char *text = item_text(item);
	size_t rows;
	struct layout l;

	layout_begin(&l, NULL, item->drawn_width);
	layout_count(&l, v->reflow, v->width);
	render_rest(&l, item, item->drawn_from, &v->look);
	layout_end(&l);
	rows = l.rows;
	if (l.now.most != rows || from_last >= rows)
		return 0;
	layout_begin(&l, NULL, item->drawn_width);
	l.find_row = rows - from_last + 1;
	render_rest(&l, item, item->drawn_from, &v->look);
	return l.found >= text && l.found < text + item->text_len ? (size_t)(l.found - text) : 0;
}

/* The rows that an item takes when it is drawn. */
static size_t rows_of(const struct view *v, const struct item *item)
{
	struct layout l;

	layout_begin(&l, NULL, v->width);
	render_item(&l, item, &v->look);
	layout_end(&l);
	return l.rows;
}

/* How many rows there are above the cursor, at most: after a resize not all terminals tell. */
static size_t rows_above(const struct view *v)
{
	size_t below = v->shown.rows - 1 - v->shown.cursor_row;
	size_t height = v->least_height < v->height ? v->least_height : v->height;

	if (v->row_known)
		return v->row;
	return height > below + 1 ? height - 1 - below : 0;
}

/* What is drawn again after a resize: the last items, the first of them from a place on. */
struct rest {
	size_t items;
	size_t from;
};

/*
 * After a resize: erases the footer, and as much of the items before it as is on the screen and in
 * rows that are known.
 */
static struct rest erase_ours(const struct view *v, const struct scrollback *scrollback,
	struct buffer *out)
{
	size_t old = scrollback->count - scrollback->fresh, above = rows_above(v);
	struct bounds up = footer_view_depth(&v->shown, v->reflow, v->width);
	struct rest rest = { 0, 0 };
	bool stay = v->width == v->shown.width;

	while (!stay && rest.items < v->painted && rest.items < old && up.fewest == up.most) {
		const struct item *item = scrollback_at(scrollback, old - 1 - rest.items);
		struct bounds more = rows_now(v, item);

		if (more.fewest != more.most)
			break;
		if (up.most + more.most > above) {
			if (up.most < above)
				rest.from = find_row(v, item, above - up.most);
			if (rest.from)
				up.fewest = above;
			rest.items += rest.from > 0;
			break;
		}
		bounds_add(&up, more);
		rest.items++;
	}
	erase_from(out, up.fewest < above ? up.fewest : above);
	return rest;
}

/*
 * The first item to draw on an empty screen, and how many of its rows to skip: as many rows as fit
 * above the footer, and all items that were never drawn.
 */
static size_t first_that_fits(const struct view *v, const struct scrollback *scrollback,
	size_t *skip)
{
	size_t first = scrollback->count, rows = v->next.rows;

	*skip = 0;
	while (first > 0) {
		bool fresh = scrollback->count - first < scrollback->fresh;

		if (rows >= v->height && !fresh)
			break;
		rows += rows_of(v, scrollback_at(scrollback, --first));
		if (rows > v->height && !fresh)
			*skip = rows - v->height;
	}
	return first;
}

/* Puts the item at a place without its first rows. */
static void put_item(struct view *v, struct scrollback *scrollback, size_t place, size_t skip,
	struct buffer *out)
{
	const struct item *item = scrollback_at(scrollback, place);
	struct layout l;

	layout_begin(&l, out, v->width);
	l.skip = skip;
	render_rest(&l, item, item->drawn_from, &v->look);
	layout_end(&l);
	scrollback_drawn(scrollback, place, v->width, item->drawn_from);
}

static void show_next(struct view *v)
{
	struct footer_view before = v->shown;

	v->shown = v->next;
	v->next = before;
	v->clear = v->resized = v->row_known = false;
	v->least_height = v->height;
}

/*
 * Draws items from a place on, the first without some rows, and the footer below them. One that is
 * not whole is nothing to go back to after a resize.
 */
static void draw(struct view *v, struct scrollback *scrollback, size_t first, size_t skip,
	struct buffer *out)
{
	size_t last = first, start = out->len;

	for (; last < scrollback->count && out->len - start < VIEW_BURST; last++)
		put_item(v, scrollback, last, last == first ? skip : 0, out);

	scrollback->fresh = scrollback->count - last;
	v->painted = skip ? last - first - 1 : v->painted + last - first;
	footer_view_draw(&v->next, out);
}

static void draw_cleared(struct view *v, struct scrollback *scrollback, struct buffer *out)
{
	size_t skip, first = first_that_fits(v, scrollback, &skip);

	buffer_text(out, CLEAR);
	for (size_t i = first; i < scrollback->count; i++)
		scrollback_drawn(scrollback, i, v->width, 0);
	v->painted = 0;
	draw(v, scrollback, first, skip, out);
}

/* Whether the cursor is not in the line that it was in. */
static bool has_strayed(const struct view *v)
{
	return v->reflow == REFLOW_TMUX && v->row_known && v->shown.cursor_column < v->width &&
		v->column != v->shown.cursor_column;
}

/*
 * How many rows of the footer are still at the bottom, the cursor having strayed into a row above
 * its own. tmux drops rows below the cursor when the screen becomes lower. The cursor is then at
 * the end of a row, which tells whether that is one of the footer's.
 */
static size_t footer_rows_left(const struct view *v)
{
	size_t rows = footer_view_rows(&v->shown, v->reflow, v->width).fewest;
	size_t below = v->row < v->height ? v->height - 1 - v->row : 0;
	const struct extent *extent;

	if (rows > v->height)
		rows = v->height;
	if (below >= rows || below >= v->shown.rows)
		return rows;
	extent = &v->shown.row[v->shown.rows - 1 - below].extent;
	return v->column >= extent->fewest && v->column <= extent->most ? rows : below;
}

/*
 * Where the footer is now is not known, but that nothing is below it: it is erased at the bottom of
 * the screen, and the messages are left as they are.
 */
static void draw_at_bottom(struct view *v, struct scrollback *scrollback, struct buffer *out)
{
	size_t rows = footer_rows_left(v);

	buffer_format(out, "\033[%zuB", v->height);
	if (rows)
		erase_from(out, rows - 1);
	else
		buffer_text(out, "\r\n");
	v->painted = 0;
	draw(v, scrollback, scrollback->count - scrollback->fresh, 0, out);
}

/* Rows above a part of an item are not to be drawn again: its beginning is there. */
static void draw_resized(struct view *v, struct scrollback *scrollback, struct buffer *out)
{
	size_t old = scrollback->count - scrollback->fresh;
	struct rest rest = erase_ours(v, scrollback, out);
	size_t first = old - rest.items;

	v->painted -= rest.items;
	if (rest.from) {
		struct layout l;

		layout_begin(&l, out, v->width);
		render_rest(&l, scrollback_at(scrollback, first), rest.from, &v->look);
		layout_end(&l);
		scrollback_drawn(scrollback, first, v->width, rest.from);
		v->painted = 1;
		first++;
	}
	draw(v, scrollback, first, 0, out);
}

/*
 * Draws what is fresh in rows that are inserted above the footer, which only moves down. False:
 * it does not fit so, or it would cost more than drawing the footer again.
 */
static bool insert(struct view *v, struct scrollback *scrollback, struct buffer *out)
{
	size_t first = scrollback->count - scrollback->fresh, rows = 0, bytes = v->shown.text.len;
	struct place at = { 0, 0 };

	if (bytes < 2 * v->width)
		return false;
	for (size_t i = first; i < scrollback->count; i++)
		rows += rows_of(v, scrollback_at(scrollback, i));
	if (rows + v->shown.rows > v->height)
		return false;
	if (v->shown.rows - 1 > v->shown.cursor_row)
		buffer_format(out, "\033[%zuB", v->shown.rows - 1 - v->shown.cursor_row);
	for (size_t i = 0; i < rows; i++)
		buffer_text(out, "\n");
	buffer_format(out, "\r\033[%zuA\033[%zuL", v->shown.rows - 1 + rows, rows);
	for (size_t i = first; i < scrollback->count; i++)
		put_item(v, scrollback, i, 0, out);
	v->painted += scrollback->fresh;
	scrollback->fresh = 0;
	footer_view_change(&v->next, &v->shown, at, out);
	return true;
}

static void draw_fresh(struct view *v, struct scrollback *scrollback, struct buffer *out)
{
	if (v->shown.rows && insert(v, scrollback, out))
		return;
	if (v->shown.rows)
		erase_from(out, v->shown.cursor_row);
	draw(v, scrollback, scrollback->count - scrollback->fresh, 0, out);
}

static bool is_same_place(const struct view *v)
{
	return v->next.cursor_row == v->shown.cursor_row &&
		v->next.cursor_column == v->shown.cursor_column;
}

/* Only the footer may have changed. The cursor stays to be seen while a key's worth is drawn. */
static void change_footer(struct view *v, struct buffer *out)
{
	size_t start = out->len, key = 16;
	struct place at = { v->shown.cursor_row, v->shown.cursor_column };
	struct buffer change = { 0 };

	footer_view_change(&v->next, &v->shown, at, &change);
	if (change.len > key)
		buffer_text(out, HIDE_CURSOR);
	buffer_append(out, change.data, change.len);
	if (change.len > key)
		buffer_text(out, SHOW_CURSOR);
	out->failed |= change.failed;
	buffer_finish(&change);
	if (out->len > start || !is_same_place(v))
		show_next(v);
}

/*
 * Where our rows are after a resize is known only to the terminal: it is asked, if it answers.
 * True: nothing can be drawn before that.
 */
static bool must_wait(struct view *v, struct buffer *out)
{
	if (v->ask && v->shown.rows && !v->clear) {
		buffer_text(out, ASK_CURSOR);
		v->asked++;
	}
	v->ask = false;
	return v->asked > 0;
}

void view_paint(struct view *v, struct scrollback *scrollback, const struct footer *footer,
	struct buffer *out)
{
	if (must_wait(v, out))
		return;
	v->next.styled = v->look.palette != PALETTE_NONE;
	footer_view_layout(&v->next, footer, v->width, v->height);
	if (v->shown.rows && !v->clear && !v->resized && !scrollback->fresh) {
		change_footer(v, out);
		return;
	}
	buffer_text(out, HIDE_CURSOR);
	if (v->clear)
		draw_cleared(v, scrollback, out);
	else if (v->resized && v->shown.rows && has_strayed(v))
		draw_at_bottom(v, scrollback, out);
	else if (v->resized && v->shown.rows)
		draw_resized(v, scrollback, out);
	else
		draw_fresh(v, scrollback, out);
	show_next(v);
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
	v->asked = 0;
}
