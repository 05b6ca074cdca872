/*
 * The rows at the bottom of the screen, as bytes for the terminal: what stands above the line,
 * and the line, wrapped where a row ends. What does not fit on the screen is cut, but never the
 * place of the cursor.
 */
#ifndef CHAT_REGION_H
#define CHAT_REGION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/core/buffer.h"
#include "client/core/frame.h"

enum { REGION_ROWS_MAX = 256 };

/* All zero is one that is not there. */
struct region {
	struct buffer bytes; /* draw it from the beginning of its first row, and place the cursor */
	size_t width;        /* of the screen */
	size_t rows;
	size_t cursor_row, cursor_column;
	uint16_t columns[REGION_ROWS_MAX]; /* that each row takes */
};

void region_finish(struct region *r);

/* Draws a frame for a screen of this size (at least 1 by 1); faint rows are shown so. */
void region_draw(struct region *r, const struct frame *frame, size_t width, size_t height,
	bool faint);

/*
 * How many rows the cursor is below the top of the region on a screen that has become this wide:
 * terminals wrap anew what is too wide now.
 */
size_t region_depth(const struct region *r, size_t width);

#endif
