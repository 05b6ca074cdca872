/*
 * Sessions: users who have lost their connection. One with a token may come back within
 * SESSION_SECONDS; one whose leaving is on its way to the feed stays until that is applied.
 */
#ifndef SERVER_CORE_CLIENT_SESSION_H
#define SERVER_CORE_CLIENT_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/core/client/user.h"

struct room;

enum { SESSION_SECONDS = 30 };

struct session {
	struct user user;
	struct room *room; /* where it was */
	int64_t due;       /* when it counts as left, in usec */
	uint32_t number;   /* of the slot it had; 0: the room has been told that it left */
	bool leaving;      /* its leave is proposed: it can't come back any more */
	bool counted;      /* still among those who are online */
	uint32_t before, after; /* in the order of their coming: indices + 1; 0: none */
};

/* All zero is an empty list. */
struct sessions {
	struct session *list; /* heap */
	uint32_t count, size;
	uint32_t first, last; /* indices + 1; 0: none */
	uint32_t free;        /* the first that is free, index + 1; others are after it */
	struct index users;
	bool has_ignores;     /* some may have a list of ignored people */
};

/*
 * A new session, the last; all zero but its links. NULL when there is no memory. Others may move.
 */
struct session *sessions_add(struct sessions *s);

/* To be said when it has got its user, and its number. */
void sessions_note_user(struct sessions *s, const struct session *session);

/* The next after `after` (NULL: the first) in the order of their coming; NULL: none. */
struct session *sessions_next(const struct sessions *s, const struct session *after);

/*
 * The one that has a token, a nick or one that looks the same, a number while it has no nick, or a
 * user id; NULL if none has.
 */
struct session *sessions_by_token(const struct sessions *s, const uint8_t token[TOKEN_BYTES]);
struct session *sessions_by_nick(const struct sessions *s, const char *nick, size_t len);
struct session *sessions_by_number(const struct sessions *s, uint32_t number);
struct session *sessions_by_id(const struct sessions *s, uint32_t user_id);

/* The one that is due first, or NULL: that which came first, as all wait for as long. */
struct session *sessions_first(const struct sessions *s);

void sessions_remove(struct sessions *s, struct session *session);
void sessions_finish(struct sessions *s);

/* Compares in a time that tells nothing. */
bool tokens_equal(const uint8_t a[TOKEN_BYTES], const uint8_t b[TOKEN_BYTES]);

/* Parses the hexadecimal form of a token; false if it is not one. Writes it: TOKEN_LEN bytes. */
bool token_parse(uint8_t token[TOKEN_BYTES], const char *text, size_t len);
void token_text(char *out, const uint8_t token[TOKEN_BYTES]);

#endif
