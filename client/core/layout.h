/*
 * Text laid out in rows of a terminal: wrapped between words, with a hanging indent, in colours
 * that do not count for the width. A URL stays whole.
 */
#ifndef CLIENT_CORE_LAYOUT_H
#define CLIENT_CORE_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "client/core/buffer.h"
#include "client/core/pen.h"
#include "client/core/reflow.h"

struct layout {
	struct buffer *out; /* NULL: nothing is written, only the rows are counted */
	struct pen pen;
	size_t width;       /* columns, at least 1 */
	size_t indent;      /* … that rows after the first begin with */
	size_t blanks;      /* that go before the next word if it is on the same row */
	size_t skip;        /* as many rows from here on are neither written nor counted */
	size_t rows;        /* begun so far */
	bool links;         /* URLs are marked as links (OSC 8) */

	size_t find_row;       /* the row, from 1, whose first text is looked for; 0: none is */
	const char *found;     /* … and where it begins; NULL: it is not there */

	struct extent line;    /* since the last line end that was sent */
	enum reflow how;       /* … and with now_width, the width of the screen as it is now, … */
	size_t now_width;      /* … or 0, … */
	struct bounds now;     /* … the rows that all lines take on it */
};

void layout_begin(struct layout *l, struct buffer *out, size_t width);

/* Counts the rows as they are since the screen has become this wide. */
void layout_count(struct layout *l, enum reflow how, size_t now_width);

/* Rows after this one begin below this column, or further left where that would be narrow. */
void layout_hang_here(struct layout *l);

/*
 * Puts safe text. style: the parameters of the SGR sequence that it is shown in; NULL for none.
 */
void layout_text(struct layout *l, const char *text, size_t len, const char *style);

/* Goes to a row after the first, which has been used up elsewhere. */
void layout_go_on(struct layout *l);

/* Ends the last row. */
void layout_end(struct layout *l);

#endif
