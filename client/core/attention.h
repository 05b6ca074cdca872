/*
 * Things the person should notice: their nick and other words, what came while they looked
 * elsewhere, and how much of it.
 */
#ifndef CLIENT_CORE_ATTENTION_H
#define CLIENT_CORE_ATTENTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/core/piece.h"

/* All zero, or with words and rings set, is one who is looking. */
struct attention {
	const char *const *words; /* that count as the nick does; not ours */
	size_t word_count;
	bool every;               /* the bell is for every message */

	bool away;                /* the terminal has no focus */
	bool rule_due;            /* … and nothing has come since it lost it at `since` */
	int64_t since;            /* in seconds since 1970 */
	uint64_t mentions;        /* that came while away */
	bool bell;                /* to be rung */
	bool notify;              /* a mention has come while away, to be told of once */
};

/* The terminal has the focus, or has lost it. */
void attention_focus(struct attention *a, bool has, int64_t utc);

/* Whether one of the words is said in a text. */
bool attention_is_called(const struct attention *a, struct piece text);

/* A message has come: whether it is for the person, and whether anybody said it. */
void attention_heard(struct attention *a, bool mention, bool said);

#endif
