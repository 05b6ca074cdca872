/*
 * The list of banned addresses.
 */
#ifndef SERVER_CORE_ROOM_BAN_H
#define SERVER_CORE_ROOM_BAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/core/base/address.h"

enum { BANS_MAX = 4096 };

struct ban {
	struct prefix prefix;
	int64_t until; /* seconds since 1970; 0: for good */
};

/* All zero is an empty list. */
struct bans {
	struct ban *list; /* heap */
	uint32_t count, size;
};

/* Adds a ban, or changes how long it lasts. 0, or -1 when the list is full or memory is out. */
int bans_add(struct bans *b, const struct prefix *prefix, int64_t until);

/*
 * Takes away the ban of exactly this prefix or, if there is none, one that covers all of it; puts
 * what was banned into *lifted. False if nothing was.
 */
bool bans_remove(struct bans *b, const struct prefix *prefix, struct prefix *lifted);

/* The ban that covers an address now, or NULL. */
const struct ban *bans_find(const struct bans *b, const struct address *a, int64_t now);

/* Forgets what has ended. */
void bans_expire(struct bans *b, int64_t now);

void bans_finish(struct bans *b);

#endif
