/*
 * Ignore lists: the people whose lines a user does not want to see, each by number and by nick. The
 * number holds whatever they call themselves next, the nick holds when they come back as new.
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
	uint16_t references;
	uint16_t count, size;
	struct ignored list[];
};

enum ignore_result { IGNORE_DONE, IGNORE_FULL, IGNORE_NOMEM };

/* Whether a list, which may be NULL, has this user. */
bool ignores_user(const struct ignores *ignores, uint32_t user_id);

/* Whether it has this nick, in any spelling that counts as the same. */
bool ignores_nick(const struct ignores *ignores, const char *nick, size_t len);

/* Adds somebody to *ignores, which may be NULL and may move. Nothing changes if it fails. */
enum ignore_result ignores_add(struct ignores **ignores, uint32_t user_id, const char *nick,
	size_t len);

/* Takes out every entry of this number, or of this nick (if len > 0); false if there is none. */
bool ignores_remove(struct ignores **ignores, uint32_t user_id, const char *nick, size_t len);

/* Takes out the entry at this index. */
void ignores_remove_at(struct ignores *ignores, uint16_t index);

/* One more holder, or one less. NULL is fine. */
struct ignores *ignores_share(struct ignores *ignores);
void ignores_release(struct ignores *ignores);

#endif
