/*
 * The screen: messages go into the terminal's own scrollback, and below them the footer, of which
 * only what changes is drawn. State in, bytes for the terminal out.
 *
 * The terminal is asked for what all of them do: moving, erasing to the end, inserting rows,
 * colours. Its wrapping is off while we have it.
 */
#ifndef CLIENT_CORE_VIEW_H
#define CLIENT_CORE_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "client/core/buffer.h"
#include "client/core/footer.h"
#include "client/core/footer_view.h"
#include "client/core/palette.h"
#include "client/core/reflow.h"
#include "client/core/render.h"
#include "client/core/scrollback.h"

enum {
	/*
	 * About as many bytes of messages are painted at once, so that a terminal gets them in
	 * one piece and the line being typed is never away for long.
	 */
	VIEW_BURST = 2048,
};

struct view {
	struct look look;
	size_t width, height;
	struct footer_view shown; /* as it stands on the screen; no rows: it does not */
	struct footer_view next;  /* … and as it is about to */
	size_t painted;      /* the last items, this many, stand right above it */
	bool clear;          /* everything is to be drawn again, on an empty screen */

	enum reflow reflow;
	bool answers;        /* the terminal has answered a question, and so will the next one */
	bool resized;
	bool ask;            /* … since when it was not asked where the cursor is */
	size_t least_height; /* since the footer was drawn */
	unsigned asked;      /* where the cursor is: answers that have not come yet */
	bool row_known;      /* … and the last one */
	size_t row, column;
};

void view_init(struct view *v, struct look look, size_t width, size_t height);
void view_finish(struct view *v);

void view_resize(struct view *v, size_t width, size_t height);

/* What the terminal does when it is resized; answers: it said so itself. */
void view_set_reflow(struct view *v, enum reflow reflow, bool answers);

/* The terminal says where the cursor is, from 0. */
void view_cursor_is(struct view *v, size_t row, size_t column);

/* Whether such an answer is waited for, and nothing is painted; and what if it never comes. */
bool view_is_waiting(const struct view *v);
void view_stop_waiting(struct view *v);

/* The screen is emptied and drawn again at the next paint. */
void view_clear(struct view *v);

/*
 * Appends what brings the screen up to date; nothing if it is. Items still fresh in scroll then
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
