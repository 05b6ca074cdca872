/*
 * What stands below the messages: what waits to be said, a paste that waits for an answer, the
 * status, and the line being typed.
 */
#ifndef CHAT_FRAME_H
#define CHAT_FRAME_H

#include <stdbool.h>
#include <stddef.h>

#include "client/core/buffer.h"
#include "client/core/prompt.h"

enum {
	FRAME_ROWS = 12,      /* above the line, at most */
	FRAME_PENDING = 3,    /* … of what waits to be said */
	FRAME_PASTE = 6,      /* … of a paste */

	/* The counter shows when so many bytes are left, or fewer. */
	FRAME_COUNTER = 100,
};

struct frame_row {
	size_t start; /* in text */
	size_t len;
	bool faint; /* … and cut to one row of the screen; others wrap */
};

struct frame {
	struct buffer text;  /* of all rows */
	struct frame_row rows[FRAME_ROWS];
	size_t row_count;
	bool has_status;     /* the last row is the status */
	const char *label;   /* in front of the line */
	const char *line;
	size_t line_len;
	size_t cursor;       /* in bytes of line */
};

/* All zero is an empty frame. */
void frame_finish(struct frame *f);

/*
 * Fills the frame; it points into the prompt. pending: lines with LF. status: what there is to
 * say about the connection, "" for nothing.
 */
void frame_fill(struct frame *f, const struct prompt *p, const struct buffer *pending,
	const char *status);

#endif
