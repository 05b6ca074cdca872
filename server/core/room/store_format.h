/*
 * What people and operators have set and a restart must not lose, as memory and as text: bans,
 * claimed nicks, topics, a room's own rate, the message of the day.
 *
 * The text has one thing a line, after a first line that tells it from any other file:
 *
 *	=== chatd store 1
 *	ban 192.0.2.0/24 1666207445 alice: spam        END (0: for good) BY: REASON
 *	claim alice 9f86d0…0a08 1666137600             NAME SHA-256-OF-THE-KEY LAST-USED
 *	topic tea: Tea at five                         ROOM: TEXT
 *	slow tea 5                                     ROOM SECONDS
 *	motd: Welcome                                  as often as it has lines
 *
 * Times are seconds since 1970, UTC. Nothing in the text is trusted: a line that can't be read is
 * skipped and counted.
 */
#ifndef SERVER_CORE_ROOM_STORE_FORMAT_H
#define SERVER_CORE_ROOM_STORE_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/limits.h"
#include "server/core/base/time.h"
#include "server/core/room/ban.h"
#include "server/core/room/claims.h"

enum {
	STORE_TEXT_MAX = 1024,     /* bytes of a topic */
	STORE_MOTD_MAX = 8192,     /* bytes of the message of the day, its line feeds counted */
	STORE_LINE_MAX = 16 + STORE_MOTD_MAX, /* bytes of a line without its LF */
	STORE_ROOMS_MAX = 65536,
};

/* Texts are clean UTF-8 (text_is_clean()) and end with a NUL. */
struct store_room {
	char name[NICK_MAX + 1];
	char *topic; /* heap, or NULL */
	uint32_t slow;
	bool has_slow; /* somebody has set it, perhaps to 0 */
};

/* All zero is an empty store. */
struct store {
	struct bans bans;
	struct claims claims;
	struct store_room *rooms; /* heap */
	size_t room_count;
	char *motd; /* heap, or NULL; lines end with LF, but the last */
};

/* Frees all; it is empty then. */
void store_finish(struct store *s);

/* The whole as text, *len bytes on the heap; NULL when memory is out. */
char *store_text(const struct store *s, struct time now, size_t *len);

/* What a file's first bytes tell about it. */
enum store_origin {
	STORE_OURS,
	STORE_EMPTY,   /* no bytes at all */
	STORE_NEWER,   /* of a form that this chatd does not know */
	STORE_FOREIGN, /* not a store */
};

enum store_origin store_origin(const char *bytes, size_t len);

/* What was skipped in reading. */
struct store_skipped {
	size_t count;
	size_t first; /* number of the first such line, from 1 on */
};

/* Adds what a text has. 0, or -1 when memory is out; what was read until then is there. */
int store_read(struct store *s, struct slice text, struct time now, struct store_skipped *skipped);

#endif
