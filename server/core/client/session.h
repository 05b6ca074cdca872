/*
 * People who have lost their connection and may come back: what is kept for them for a while.
 */
#ifndef SERVER_CORE_CLIENT_SESSION_H
#define SERVER_CORE_CLIENT_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/core/client/client.h"

enum { SESSION_SECONDS = 30 };

struct session {
	int64_t due;     /* when it counts as left, in usec */
	uint32_t user_id;
	uint32_t number; /* of the client it had; without a nick 0: the room was told that it left */
	uint32_t since;
	uint32_t last_sender;
	uint32_t *ignored; /* heap */
	uint16_t ignored_count;
	uint8_t nick_len;
	uint8_t token[TOKEN_BYTES];
	char nick[NICK_MAX];
	struct nick_hash nick_hash;
};

/* All zero is an empty list. */
struct sessions {
	struct session *list; /* heap */
	uint32_t count, size;
};

/* Keeps what the client's client comes back to. 0, or -1 when there is no memory. */
int sessions_add(struct sessions *a, const struct client *client, uint32_t number, int64_t due);

/*
 * The one that has a token, a nick or one that is the same, a number without a nick, or a user_id;
 * NULL if none has.
 */
struct session *sessions_by_token(const struct sessions *a, const uint8_t token[TOKEN_BYTES]);
struct session *sessions_by_nick(const struct sessions *a, const char *nick, size_t len);
struct session *sessions_by_number(const struct sessions *a, uint32_t number);
struct session *sessions_by_id(const struct sessions *a, uint32_t user_id);

/* The one that is due first, or NULL. */
struct session *sessions_first(const struct sessions *a);

void sessions_remove(struct sessions *a, struct session *session);
void sessions_finish(struct sessions *a);

/* Compares in a time that tells nothing. */
bool tokens_equal(const uint8_t a[TOKEN_BYTES], const uint8_t b[TOKEN_BYTES]);

/* Parses the hexadecimal form of a token; false if it is none. Writes it: TOKEN_LEN bytes. */
bool token_parse(uint8_t token[TOKEN_BYTES], const char *text, size_t len);
void token_text(char *out, const uint8_t token[TOKEN_BYTES]);

#endif
