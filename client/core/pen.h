/*
 * Puts text on a row of the terminal so that each cluster stands in the column where it is reckoned
 * to be, whatever the terminal takes for the ones before it.
 */
#ifndef CLIENT_CORE_PEN_H
#define CLIENT_CORE_PEN_H

#include <stdbool.h>
#include <stddef.h>

#include "client/core/buffer.h"
#include "proto/text.h"

/* All zero, with out set, is one at the beginning of a row. */
struct pen {
	struct buffer *out; /* NULL: nothing is written, columns are counted all the same */
	size_t column;      /* where the next cluster goes */
	size_t least;       /* the fewest columns that a terminal may have used of the row */
	bool drifted;       /* the terminal's cursor may be further left */
	bool joining;       /* … only because it may join letters, which is mended after the word */
};

/* The text that stands for a cluster that does not fit on a row of its own: U+FFFD, one column. */
#define PEN_STAND_IN "\xef\xbf\xbd"

/* Puts a cluster that text_shape() has looked at; it must fit. */
void pen_cluster(struct pen *p, const char *s, size_t len, struct text_shape shape);

/* Puts text that fits on the row. */
void pen_text(struct pen *p, const char *text, size_t len);

/* Puts what takes no column: the parameters of an SGR sequence; "" for none. */
void pen_style(struct pen *p, const char *style);

/* Moves the terminal's cursor to where the next cluster would go. */
void pen_settle(struct pen *p);

/* The row is over: what comes next begins another one. */
void pen_next_row(struct pen *p);

#endif
