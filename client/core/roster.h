/*
 * Who is in the room, as far as it was heard, the last one who spoke first: what TAB offers.
 */
#ifndef CLIENT_CORE_ROSTER_H
#define CLIENT_CORE_ROSTER_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/limits.h"

enum { ROSTER_MAX = 512 };

struct name {
	char text[WHO_MAX];
	size_t len;
	bool doubtful; /* known from what was said before we came: perhaps gone since */
};

/* All zero is nobody. */
struct roster {
	struct name names[ROSTER_MAX];
	size_t count;
};

/* Somebody spoke: to the front. */
void roster_spoke(struct roster *n, const char *who, size_t len);

/* Somebody is here: to the end, unless known. When there is no room left they are not kept. */
void roster_came(struct roster *n, const char *who, size_t len);

/* Everybody may have left; who speaks or is here from then on has not. */
void roster_doubt(struct roster *n);

/* Drops those of whom that is still to be feared. */
void roster_drop_doubtful(struct roster *n);

void roster_left(struct roster *n, const char *who, size_t len);
void roster_renamed(struct roster *n, const char *who, size_t len, const char *now, size_t now_len);

#endif
