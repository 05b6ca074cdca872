/*
 * Looking back over what was said, page by page, on a screen of its own: the one with the
 * conversation stays as it is meanwhile.
 */
#ifndef CLIENT_CORE_LOOKBACK_H
#define CLIENT_CORE_LOOKBACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/core/buffer.h"
#include "client/core/render.h"
#include "client/core/scrollback.h"

/* Whether there is more than what is kept. */
enum lookback_more {
	LOOKBACK_MORE_UNKNOWN,
	LOOKBACK_MORE_ASKED, /* the server is asked for it */
	LOOKBACK_MORE_NONE,
};

/* All zero is one that is closed. */
struct lookback {
	bool open;
	bool changed;    /* … and to be drawn */
	int64_t bottom;  /* the last line of the page, counted from the first that was added */
	size_t width, height; /* of the screen */
	enum lookback_more more;
	bool goes_on;    /* … asked for with a page up, which is due when it has come */
};

/* The lines that there are, and how they look. */
struct lookback_source {
	const struct scrollback *scrollback;
	const struct look *look;
};

void lookback_resize(struct lookback *l, size_t width, size_t height);

/* A page up: opens it where it is closed. False: there is nothing before this page. */
bool lookback_up(struct lookback *l, const struct lookback_source *from);

/* Whether the page shows all of the line at a place of the scrollback, or lines before it. */
bool lookback_reaches(const struct lookback *l, const struct lookback_source *from, size_t place);

/* Tells it whether there are lines before those that are kept. */
void lookback_set_more(struct lookback *l, enum lookback_more more);

/* A page down, which closes it after the last one. */
void lookback_down(struct lookback *l, const struct lookback_source *from);

/* Draws the page on an empty screen. */
void lookback_draw(struct lookback *l, const struct lookback_source *from, struct buffer *out);

#endif
