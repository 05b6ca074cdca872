/*
 * A user: who somebody is, apart from any connection. It stands in one struct, in the client while
 * there is one and in a session when the connection is lost, and goes from one to the other whole.
 */
#ifndef SERVER_CORE_CLIENT_USER_H
#define SERVER_CORE_CLIENT_USER_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "proto/limits.h"
#include "proto/slice.h"
#include "server/core/base/index.h"
#include "server/core/client/nick.h"
#include "server/core/feed/ignore.h"

enum {
	TOKEN_BYTES = TOKEN_LEN / 2,
	USER_SECONDS_MAX = 0xffffff, /* of claimed_at, which begins again after it */
};

struct user {
	uint32_t id;          /* kept through renames and /resume; never 0 in use */
	uint32_t since;       /* when it came, in seconds since 1970 */
	uint32_t last_sender; /* id of the last who wrote to it privately; 0: nobody */
	uint32_t said;        /* lines dealt with since it has a token: "said N of SENT" */
	uint32_t proposed;    /* number of its last event */
	uint32_t applied;     /* number of its last event that was applied */
	struct ignores *ignores; /* shared heap, or NULL */
	uint8_t token[TOKEN_BYTES];
	char nick[NICK_MAX];
	uint8_t nick_len; /* 0: none */
	struct nick_hash nick_hash;
	uint8_t in_flight; /* events that are proposed and not applied yet */
	uint32_t claimed_at : 24; /* the second (time.usec) of its last claim; 0: none */
	bool has_token : 1;
	bool is_operator : 1;
	bool is_quiet : 1; /* does not want to see joins and leaves */
};

/* Moves a user: *from is nobody afterwards. */
static inline void user_move(struct user *to, struct user *from)
{
	ignores_release(to->ignores);
	*to = *from;
	*from = (struct user){ 0 };
}

/* nick in NFC, at most NICK_MAX bytes. */
static inline void user_set_nick(struct user *user, struct slice nick)
{
	memcpy(user->nick, nick.bytes, nick.len);
	user->nick_len = (uint8_t)nick.len;
	user->nick_hash = nick_hash(nick.bytes, nick.len);
}

/* The hash by which a token is found: a part of it, which tells nothing of the rest. */
static inline uint32_t token_hash(const uint8_t token[TOKEN_BYTES])
{
	uint32_t bits;

	memcpy(&bits, token, sizeof(bits));
	return index_hash(INDEX_TOKEN, bits);
}

enum { USER_KEYS = 4 }; /* by which one is found, at most */

/* By how many keys an index finds a user. */
static inline uint32_t user_key_count(const struct user *user)
{
	return 1u + user->has_token + (user->nick_len > 0 ? 2u : 0u);
}

/* Has an index find what has this user by its id, token and nick. There is room. */
static inline void user_add_to_index(const struct user *user, struct index *x, uint32_t value)
{
	index_add(x, index_hash(INDEX_ID, user->id), value);
	if (user->has_token)
		index_add(x, token_hash(user->token), value);
	if (user->nick_len == 0)
		return;
	index_add(x, index_hash(INDEX_FOLDED, user->nick_hash.folded), value);
	index_add(x, index_hash(INDEX_WRITTEN, user->nick_hash.written), value);
}

static inline void user_finish(struct user *user)
{
	ignores_release(user->ignores);
	*user = (struct user){ 0 };
}

#endif
