/*
 * Who is in the room, as far as it was heard, the last one who spoke first: what TAB offers.
 */
#ifndef CHAT_NAMES_H
#define CHAT_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/limits.h"

enum { NAMES_MAX = 512 };

struct name {
	char text[WHO_MAX];
	size_t len;
	bool doubtful; /* known from what was said before we came: perhaps gone since */
};

/* All zero is nobody. */
struct names {
	struct name names[NAMES_MAX];
	size_t count;
};

/* Somebody spoke: to the front. */
void names_spoke(struct names *n, const char *who, size_t len);

/* Somebody is here: to the end, unless known. When there is no room left they are not kept. */
void names_came(struct names *n, const char *who, size_t len);

/* Everybody may have left; who speaks or is here from then on has not. */
void names_doubt(struct names *n);

/* Drops those of whom that is still to be feared. */
void names_drop_doubtful(struct names *n);

void names_left(struct names *n, const char *who, size_t len);
void names_renamed(struct names *n, const char *who, size_t len, const char *now, size_t now_len);

#endif
