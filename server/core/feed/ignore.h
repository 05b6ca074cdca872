/*
 * Ignore lists: the people whose lines a user does not want to see, each by number and by nick. The
 * number holds whatever they call themselves next, the nick holds when they come back as new (which
 * nicks are the same is for others to say).
 *
 * A list is one heap block that its user shares with a connection which is still being sent what it
 * is owed: it has references, and none of its holders frees it under another.
 */
#ifndef SERVER_CORE_FEED_IGNORE_H
#define SERVER_CORE_FEED_IGNORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/limits.h"

enum { IGNORES_MAX = 256 };

struct ignored {
	uint32_t user_id; /* 0: nobody who is known now */
	uint8_t nick_len; /* 0: had none */
	char nick[NICK_MAX];
};

struct ignores {
	uint32_t references;
	uint16_t count, size;
	struct ignored list[];
};

enum ignore_result { IGNORE_DONE, IGNORE_FULL, IGNORE_NOMEM };

/* Whether a list, which may be NULL, has this user. */
bool ignores_user(const struct ignores *ignores, uint32_t user_id);

/* Adds somebody to *ignores, which may be NULL and may move. Nothing changes if it fails. */
enum ignore_result ignores_add(struct ignores **ignores, uint32_t user_id, const char *nick,
	size_t len);

/* Gives entries of this user that lack a nick this one. NULL is fine. */
void ignores_name(struct ignores *ignores, uint32_t user_id, const char *nick, size_t len);

/* Takes out the entry at this index, from a list of the holder's own. 0, or -1: no memory. */
int ignores_remove_at(struct ignores **ignores, uint16_t index);

/* One more holder, or one less. NULL is fine. */
struct ignores *ignores_share(struct ignores *ignores);
void ignores_release(struct ignores *ignores);

#endif
