/*
 * Lines that were pasted and are said at the pace at which the server takes them, so that the rest
 * can still be dropped.
 */
#ifndef CLIENT_CORE_PASTE_H
#define CLIENT_CORE_PASTE_H

#include <stdbool.h>
#include <stddef.h>

#include "client/core/buffer.h"
#include "client/core/piece.h"

enum { PASTE_IN_FLIGHT = 2 }; /* lines that are under way at a time */

/* All zero is an empty one. */
struct paste {
	struct buffer lines; /* each with LF */
	size_t at;           /* those before it were said */
	size_t left;         /* lines that were not */
};

void paste_finish(struct paste *p);

void paste_add(struct paste *p, struct piece lines);

/* Takes the next line. False: there is none. It is valid until the next call. */
bool paste_next(struct paste *p, struct piece *line);

/* Drops what is left; returns how many lines that was. */
size_t paste_drop(struct paste *p);

#endif
