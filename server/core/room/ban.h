/*
 * The list of banned addresses. How long a ban lasts is measured by a clock that nobody sets, so a
 * step of the time of day neither ends nor prolongs it.
 */
#ifndef SERVER_CORE_ROOM_BAN_H
#define SERVER_CORE_ROOM_BAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/limits.h"
#include "proto/slice.h"
#include "server/core/base/address.h"
#include "server/core/base/time.h"

enum {
	BANS_MAX = 16384,
	BAN_REASON_MAX = 1024, /* bytes */
};

struct ban {
	struct prefix prefix;
	char by[NICK_MAX + 1]; /* who banned it; "": not known */
	char *reason;          /* heap; NULL for none */
	int64_t until;         /* usec; TIME_NEVER: for good */
};

/* All zero is an empty list. */
struct bans {
	struct ban *list; /* heap */
	uint32_t count, size;
};

/*
 * Adds a copy of a ban, in place of one of the same prefix. 0, or -1 when the list is full or
 * memory is out, and nothing has changed.
 */
int bans_add(struct bans *b, const struct ban *ban);

/* The same for one whose prefix is not in the list yet, without a look at all of it. */
int bans_append(struct bans *b, const struct ban *ban);

/*
 * Takes away the ban of exactly this prefix or, if there is none, one that covers all of it; puts
 * what was banned into *lifted. False if nothing was.
 */
bool bans_remove(struct bans *b, const struct prefix *prefix, struct prefix *lifted);

/* The ban that covers an address now (usec), or NULL. */
const struct ban *bans_find(const struct bans *b, const struct address *a, int64_t now);

/* Forgets what has ended. */
void bans_expire(struct bans *b, int64_t now);

/* When a ban ends, in seconds since 1970 as the clock goes now; 0: never. */
int64_t ban_end(const struct ban *ban, struct time now);

/* How long one lasts that ends at a time of day (0: never): its until. */
int64_t ban_until(int64_t end, struct time now);

/*
 * Writes " until STAMP: REASON", of which either part or both may be missing, and a NUL; out has
 * BAN_TEXT_MAX bytes.
 */
enum { BAN_TEXT_MAX = BAN_REASON_MAX + 64 };
void ban_text(char *out, const struct ban *ban, struct time now);

void bans_finish(struct bans *b);

#endif
