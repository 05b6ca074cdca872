/*
 * A piece of a line: bytes that lie somewhere else, and the few questions asked of them.
 */
#ifndef CLIENT_CORE_PIECE_H
#define CLIENT_CORE_PIECE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct piece {
	const char *s;
	size_t len;
};

bool piece_is(struct piece p, const char *text);
bool piece_begins(struct piece p, const char *with);

/* Whether it is a text, without regard to ASCII case. */
bool piece_is_called(struct piece p, const char *text);

/* Whether a text stands anywhere in it. */
bool piece_has(struct piece p, const char *text);

/*
 * Whether a word stands in it, not as part of a longer one; without regard to case. Beside
 * wide letters one of ASCII is none.
 */
bool piece_has_word(struct piece p, struct piece word);

/* Cuts off and returns what stands before the first blank, and drops the blank. */
struct piece piece_word(struct piece *rest);

/* Drops the blanks at its front. */
void piece_skip_blanks(struct piece *p);

/* The decimal number that stands after a text, the last time it is there; 0 for none. */
uint64_t piece_number(struct piece p, const char *after);

#endif
