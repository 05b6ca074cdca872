/*
 * The terminal: its modes, taken and given back, its size, and what waits to be written to it.
 * Writing never blocks, however long somebody holds the screen.
 */
#ifndef CLIENT_SHELL_TERMINAL_H
#define CLIENT_SHELL_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

#include "client/core/buffer.h"
#include "client/core/terminal_type.h"

struct terminal {
	int in;
	int out;           /* our own description where possible, to be non-blocking */
	bool plain;        /* no escape sequences; the terminal edits the line */
	bool window;       /* it has a title and a focus, and answers what it is */
	bool broken;       /* nothing can be written any more */
	struct buffer owed; /* for the screen */
};

/* Standard input and output are a terminal. 0, or -1 with errno set. */
int terminal_open(struct terminal *t, struct terminal_type type, bool plain);

/* Closes and frees; the modes must have been given back. */
void terminal_finish(struct terminal *t);

/* Takes over the modes of the terminal; also again after a stop. */
int terminal_begin(struct terminal *t);

/* Gives them back as they were. Async-signal-safe; does nothing when they were not taken. */
void terminal_restore(void);

/* Whether we are in the foreground: a background job is stopped when it changes the terminal. */
bool terminal_is_ours(const struct terminal *t);

/* The title of its window, safe text; nothing where there is none. */
void terminal_title(struct terminal *t, const char *text, size_t len);

/* Goes to the terminal's other screen, or back to the first, which is as it was. */
void terminal_alternate(struct terminal *t, bool other);

/* Tells of a message in the way of the terminal's own notifications. */
void terminal_notify(struct terminal *t, const char *who, size_t who_len, const char *text,
	size_t len);

/* Plain: what is typed is not shown, or is again. */
void terminal_hide(struct terminal *t, bool hidden);

void terminal_size(const struct terminal *t, size_t *width, size_t *height);

/* Writes as much of what is owed as goes without waiting. */
void terminal_write(struct terminal *t);

/* Writes all of it, but gives up after a while: false then. */
bool terminal_flush(struct terminal *t);

#endif
