/*
 * A line of the conversation as it looks: on a terminal, as plain text, in a log.
 */
#ifndef CLIENT_CORE_RENDER_H
#define CLIENT_CORE_RENDER_H

#include "client/core/buffer.h"
#include "client/core/layout.h"
#include "client/core/palette.h"
#include "client/core/scrollback.h"

/* How the person wants it. */
struct look {
	enum palette palette;
	bool links; /* the terminal knows links (OSC 8) */
};

/*
 * "21:24 [alice]: hello". The character after the time is '>' for what the person here said and
 * '!' for what is for them, '/' for what a search has found; without a time it stands in front.
 */
void render_item(struct layout *l, const struct item *item, const struct look *look);

/* The rest of it, from a place in its text on: rows that hang as those after the first do. */
void render_rest(struct layout *l, const struct item *item, size_t from, const struct look *look);

/* The same without colours, unwrapped, with LF. */
void render_plain(struct buffer *out, const struct item *item);

/* As the server's line was, with the stamp in local time. */
void render_log(struct buffer *out, const struct item *item);

#endif
