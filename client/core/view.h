/*
 * The screen: messages go into the terminal's own scrollback, and below them a footer of a few
 * rows is drawn anew whenever something changes. State in, bytes for the terminal out.
 *
 * The terminal is only asked for what all of them do: moving up and to a column, erasing below,
 * colours, and turning off its wrapping while the footer is drawn, so that a character which it
 * thinks wider than we do can't push the footer apart.
 */
#ifndef CLIENT_CORE_VIEW_H
#define CLIENT_CORE_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "client/core/buffer.h"
#include "client/core/footer.h"
#include "client/core/footer_view.h"
#include "client/core/palette.h"
#include "client/core/scrollback.h"

enum {
	/*
	 * About so many bytes of messages are painted at once, so that a terminal gets them in
	 * one piece and the line being typed is never away for long.
	 */
	VIEW_BURST = 2048,
};

struct view {
	enum palette palette;
	size_t width, height;
	struct footer_view shown; /* as it stands on the screen; no rows: it does not */
	struct footer_view next;  /* … and as it is about to */
	size_t painted;      /* the last so many items stand right above it */
	bool resized;
	bool clear;          /* everything is to be drawn anew, on an empty screen */
};

void view_init(struct view *v, enum palette palette, size_t width, size_t height);
void view_finish(struct view *v);

void view_resize(struct view *v, size_t width, size_t height);

/* The screen is emptied and drawn anew at the next paint. */
void view_clear(struct view *v);

/*
 * Appends what brings the screen up to date; nothing if it is. What is still fresh in scroll then
 * is for the next time.
 */
void view_paint(struct view *v, struct scrollback *scrollback, const struct footer *footer,
	struct buffer *out);

/*
 * Takes the footer away, so that something else can be written there; the next paint begins a
 * new one wherever the cursor is then.
 */
void view_hide(struct view *v, struct buffer *out);

/* The footer is not where it was any more: somebody else has written on the screen. */
void view_forget(struct view *v);

#endif
