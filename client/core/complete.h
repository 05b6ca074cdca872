/*
 * What TAB makes of the word before the cursor: the names and commands that begin like it.
 */
#ifndef CLIENT_CORE_COMPLETE_H
#define CLIENT_CORE_COMPLETE_H

#include <stdbool.h>
#include <stddef.h>

#include "client/core/buffer.h"
#include "client/core/piece.h"
#include "client/core/roster.h"

/* Where the word begins that ends at the end of a text. */
size_t complete_word(const char *text, size_t len);

struct completion {
	const struct roster *names;
	struct piece word;
	bool first; /* it is the first of its line */
};

/* How many candidates there are. */
size_t complete_count(const struct completion *c);

/* Appends a candidate (0 to count - 1), with what goes after it, to out. */
void complete_put(const struct completion *c, size_t which, struct buffer *out);

#endif
