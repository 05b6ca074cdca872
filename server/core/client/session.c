/*
 * A plain array: as many people come back as have just lost their connection, which is few.
 */
#include "server/core/client/session.h"

#include <stdlib.h>
#include <string.h>

#include "server/core/base/secret.h"

bool tokens_equal(const uint8_t a[TOKEN_BYTES], const uint8_t b[TOKEN_BYTES])
{
	return secret_equal((const char *)a, TOKEN_BYTES, (const char *)b, TOKEN_BYTES);
}

int sessions_add(struct sessions *a, const struct client *client, uint32_t number, int64_t due)
{
	struct session *session;
	size_t ignored_size = client->ignored_count * sizeof(*client->ignored);
	uint32_t *ignored = NULL;

	if (a->count == a->size) {
		uint32_t size = a->size == 0 ? 8 : 2 * a->size;
		struct session *list = realloc(a->list, size * sizeof(*list));

		if (list == NULL)
			return -1;
		a->list = list;
		a->size = size;
	}
	/* A copy: what the client still sends is filtered until its end. */
	if (ignored_size > 0) {
		ignored = malloc(ignored_size);
		if (ignored == NULL)
			return -1;
		memcpy(ignored, client->ignored, ignored_size);
	}
	session = &a->list[a->count++];
	*session = (struct session){
		.due = due,
		.user_id = client->user_id,
		.number = number,
		.since = client->since,
		.last_sender = client->last_sender,
		.ignored = ignored,
		.ignored_count = client->ignored_count,
		.nick_len = client->nick_len,
		.nick_hash = client->nick_hash,
	};
	memcpy(session->token, client->token, sizeof(session->token));
	memcpy(session->nick, client->nick, client->nick_len);
	return 0;
}

struct session *sessions_by_token(const struct sessions *a, const uint8_t token[TOKEN_BYTES])
{
	for (uint32_t i = 0; i < a->count; i++)
		if (tokens_equal(a->list[i].token, token))
			return &a->list[i];
	return NULL;
}

struct session *sessions_by_nick(const struct sessions *a, const char *nick, size_t len)
{
	struct nick_hash hash = nick_hash(nick, len);

	for (uint32_t i = 0; i < a->count; i++) {
		struct session *session = &a->list[i];

		if (session->nick_len > 0 && nick_hash_meets(session->nick_hash, hash) &&
			nick_same(session->nick, session->nick_len, nick, len))
			return session;
	}
	return NULL;
}

struct session *sessions_by_number(const struct sessions *a, uint32_t number)
{
	for (uint32_t i = 0; i < a->count; i++)
		if (a->list[i].nick_len == 0 && a->list[i].number == number)
			return &a->list[i];
	return NULL;
}

struct session *sessions_by_id(const struct sessions *a, uint32_t user_id)
{
	for (uint32_t i = 0; i < a->count; i++)
		if (a->list[i].user_id == user_id)
			return &a->list[i];
	return NULL;
}

struct session *sessions_first(const struct sessions *a)
{
	struct session *first = NULL;

	for (uint32_t i = 0; i < a->count; i++)
		if (first == NULL || a->list[i].due < first->due)
			first = &a->list[i];
	return first;
}

void sessions_remove(struct sessions *a, struct session *session)
{
	free(session->ignored);
	*session = a->list[--a->count];
}

void sessions_finish(struct sessions *a)
{
	while (a->count > 0)
		sessions_remove(a, &a->list[a->count - 1]);
	free(a->list);
	*a = (struct sessions){ 0 };
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

bool token_parse(uint8_t token[TOKEN_BYTES], const char *text, size_t len)
{
	if (len != TOKEN_LEN)
		return false;
	for (size_t i = 0; i < TOKEN_BYTES; i++) {
		int high = hex_value(text[2 * i]), low = hex_value(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		token[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

void token_text(char *out, const uint8_t token[TOKEN_BYTES])
{
	for (size_t i = 0; i < TOKEN_BYTES; i++) {
		out[2 * i] = "0123456789abcdef"[token[i] >> 4];
		out[2 * i + 1] = "0123456789abcdef"[token[i] & 15];
	}
}
