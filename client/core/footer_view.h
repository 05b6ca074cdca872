/*
 * The rows at the bottom of the screen: what stands above the line, and the line, wrapped where a
 * row ends. Rows that do not fit on the screen are cut, but never the place of the cursor. They are
 * drawn, or what is there is changed into what is to be there.
 */
#ifndef CLIENT_CORE_FOOTER_VIEW_H
#define CLIENT_CORE_FOOTER_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "client/core/buffer.h"
#include "client/core/footer.h"
#include "client/core/reflow.h"

enum { FOOTER_VIEW_ROWS_MAX = 256 };

struct footer_view_row {
	size_t start; /* in text */
	size_t len;
	bool faint;
	struct extent extent;
};

/* All zero is one that is not there. */
struct footer_view {
	struct buffer text;  /* of all rows */
	size_t width;        /* of the screen */
	size_t rows;
	size_t cursor_row, cursor_column;
	bool styled;         /* faint rows are shown so */
	struct footer_view_row row[FOOTER_VIEW_ROWS_MAX];
};

void footer_view_finish(struct footer_view *v);

/* Lays a footer out for a screen of this size (at least 1 by 1). */
void footer_view_layout(struct footer_view *v, const struct footer *footer, size_t width,
	size_t height);

/* Draws it from the beginning of an empty row on, and places the cursor. */
void footer_view_draw(const struct footer_view *v, struct buffer *out);

/* Where the cursor is, in rows of a footer that is on the screen. */
struct place {
	size_t row;
	size_t column;
};

/*
 * Changes what is on the screen, laid out for the same width, into v, and places the cursor. at:
 * where it is now.
 */
void footer_view_change(struct footer_view *v, const struct footer_view *shown, struct place at,
	struct buffer *out);

/* How many rows the cursor is below the top on a screen that has become this wide. */
struct bounds footer_view_rows(const struct footer_view *v, enum reflow how, size_t width);
struct bounds footer_view_depth(const struct footer_view *v, enum reflow how, size_t width);

#endif
