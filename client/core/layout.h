/*
 * Text laid out in rows of a terminal: wrapped between words, with a hanging indent, in colours
 * that do not count for the width.
 */
#ifndef CLIENT_CORE_LAYOUT_H
#define CLIENT_CORE_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "client/core/buffer.h"

struct layout {
	struct buffer *out; /* NULL: nothing is written, only the rows are counted */
	size_t width;       /* columns, at least 1 */
	size_t indent;      /* … that rows after the first begin with */
	size_t column;      /* where the next cluster goes */
	size_t skip;        /* so many rows from here on are neither written nor counted */
	size_t rows;        /* begun so far */
	size_t narrow;      /* rows are counted as a screen this narrow breaks them; 0: as they are */
};

void layout_begin(struct layout *l, struct buffer *out, size_t width);

/* Rows after this one begin below this column, or further left where that would be narrow. */
void layout_hang_here(struct layout *l);

/*
 * Puts safe text. style: the parameters of the SGR sequence that it is shown in; NULL for none.
 */
void layout_text(struct layout *l, const char *text, size_t len, const char *style);

/* Ends the last row. */
void layout_end(struct layout *l);

#endif
