/*
 * The rows at the bottom of the screen, as bytes for the terminal: what stands above the line,
 * and the line, wrapped where a row ends. What does not fit on the screen is cut, but never the
 * place of the cursor.
 */
#ifndef CLIENT_CORE_FOOTER_VIEW_H
#define CLIENT_CORE_FOOTER_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/core/buffer.h"
#include "client/core/footer.h"

enum { FOOTER_VIEW_ROWS_MAX = 256 };

/* All zero is one that is not there. */
struct footer_view {
	struct buffer bytes; /* draw it from the beginning of its first row, and place the cursor */
	size_t width;        /* of the screen */
	size_t rows;
	size_t cursor_row, cursor_column;
	uint16_t columns[FOOTER_VIEW_ROWS_MAX]; /* that each row takes */
};

void footer_view_finish(struct footer_view *r);

/* Draws a footer for a screen of this size (at least 1 by 1); faint rows are shown so. */
void footer_view_draw(struct footer_view *r, const struct footer *footer, size_t width,
	size_t height, bool faint);

/*
 * How many rows the cursor is below the top of the region on a screen that has become this wide:
 * terminals wrap anew what is too wide now.
 */
size_t footer_view_depth(const struct footer_view *r, size_t width);

#endif
