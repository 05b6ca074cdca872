/*
 * What stands below the messages: what waits to be said, a paste that waits for an answer, the
 * status, and the line being typed.
 */
#ifndef CLIENT_CORE_FOOTER_H
#define CLIENT_CORE_FOOTER_H

#include <stdbool.h>
#include <stddef.h>

#include "client/core/buffer.h"
#include "client/core/prompt.h"

enum {
	FOOTER_ROWS = 12,      /* above the line, at most */
	FOOTER_PENDING = 3,    /* … of what waits to be said */
	FOOTER_PASTE = 6,      /* … of a paste */

	/* The counter shows when this many bytes are left, or fewer. */
	FOOTER_COUNTER = 100,
};

struct footer_row {
	size_t start; /* in text */
	size_t len;
	bool faint; /* … and cut to one row of the screen; others wrap */
};

struct footer {
	struct buffer text;  /* of all rows */
	struct footer_row rows[FOOTER_ROWS];
	size_t row_count;
	bool has_status;     /* the last row is the status */
	const char *label;   /* in front of the line */
	const char *line;
	size_t line_len;
	size_t cursor;       /* in bytes of line */
};

/* All zero is an empty footer. */
void footer_finish(struct footer *f);

/*
 * Fills the footer; it points into the prompt. pending: lines with LF. status: what there is to
 * say about the connection, "" for nothing.
 */
void footer_fill(struct footer *f, const struct prompt *p, const struct buffer *pending,
	const char *status);

/* Adds the status line, cut to one row, right above the line. */
void footer_add_bar(struct footer *f, const char *text, size_t len);

#endif
