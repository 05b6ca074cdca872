/*
 * Bots: programs that say lines over HTTP. They are users without a connection: their names are
 * nobody else's, and they can be ignored.
 */
#ifndef SERVER_CORE_ROOM_BOTS_H
#define SERVER_CORE_ROOM_BOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/slice.h"
#include "server/core/client/user.h"

struct bot {
	struct user user;
	struct slice token; /* in the text that was read */
	struct slice room;  /* where it says them, in that text; bytes NULL: the first */
	int64_t tat;        /* theoretical arrival time of its lines (rate.h), in usec */
};

/* All zero is an empty list. */
struct bots {
	struct bot *list; /* heap */
	uint32_t count;
};

/*
 * Reads lines "NAME TOKEN [ROOM]", which outlive the list, in place of what it has; those that go
 * on being there keep their rate. A '#' begins a comment line. NULL: none. 0, or -1 with nothing
 * changed: no memory.
 */
int bots_read(struct bots *bots, const char *text);
void bots_finish(struct bots *bots);

/* The one with a token, found in a time that tells nothing of it; NULL: none has it. */
struct bot *bots_by_token(const struct bots *bots, struct slice token);

/* The one with a number, or NULL. */
struct bot *bots_by_id(const struct bots *bots, uint32_t user_id);

/* The user of the one whose name is the same as a nick (nick.h); NULL: nobody's is. */
const struct user *bots_by_nick(const struct bots *bots, const char *nick, size_t len);

/*
 * Whether all lines of the file are good: NULL, or why one is not, and its number. A name is like a
 * nick; whether there are such rooms is left to others.
 */
const char *bots_check(const char *text, unsigned *number);

#endif
