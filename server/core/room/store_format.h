/*
 * What people and operators have set and a restart must not lose, as memory and as text: bans,
 * claimed nicks, topics, a room's own rate, the message of the day.
 *
 * The text has one thing a line, after a first line that tells it from any other file:
 *
 *	=== chatd store 1
 *	ban 192.0.2.0/24 1666207445 60 alice: spam     UNTIL (0: for good) MINUTES BY: REASON
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
#include "server/core/base/address.h"
#include "server/core/base/sha256.h"

enum {
	STORE_TEXT_MAX = 1024,     /* bytes of a reason or a topic */
	STORE_MOTD_MAX = 8192,     /* bytes of the message of the day, its line feeds counted */
	STORE_LINE_MAX = 16 + STORE_MOTD_MAX, /* bytes of a line without its LF */
	STORE_ENTRIES_MAX = 65536, /* of each kind */
};

/* Texts are clean UTF-8 (text_is_clean()) and end with a NUL. */
struct store_ban {
	struct prefix prefix;
	int64_t until;    /* 0: for good */
	uint32_t minutes; /* as it was asked for; 0: for good */
	char by[NICK_MAX + 1];
	char *reason; /* heap; "" for none */
};

struct store_claim {
	char nick[NICK_MAX + 1];
	uint8_t key[SHA256_SIZE]; /* the digest of it */
	int64_t used;
};

struct store_room {
	char name[NICK_MAX + 1];
	char *topic; /* heap, or NULL */
	uint32_t slow;
};

/* All zero is an empty store. */
struct store {
	struct store_ban *bans; /* heap, as are the others */
	struct store_claim *claims;
	struct store_room *rooms;
	size_t ban_count, claim_count, room_count;
	char *motd; /* heap, or NULL; lines end with LF, but the last */
};

/*
 * Each adds a copy of one thing, or for a room sets it. 0, or -1 when memory is out or there are
 * too many, and nothing has changed.
 */
int store_add_ban(struct store *s, const struct store_ban *ban);
int store_add_claim(struct store *s, const struct store_claim *claim);
int store_set_topic(struct store *s, const char *room, const char *topic);
int store_set_slow(struct store *s, const char *room, uint32_t seconds);
int store_set_motd(struct store *s, const char *motd);

/* Frees all; it is empty then. */
void store_finish(struct store *s);

/* The whole as text, *len bytes on the heap; NULL when memory is out. */
char *store_text(const struct store *s, size_t *len);

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
int store_read(struct store *s, const char *text, size_t len, struct store_skipped *skipped);

#endif
