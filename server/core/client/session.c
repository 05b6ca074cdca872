/*
 * Sessions (session.h) stand in a plain array: only those who have just lost their connection are
 * in it, which is few. A session that is removed gives its place to the last one.
 */
#include "server/core/client/session.h"

#include <stdlib.h>
#include <string.h>

#include "server/core/base/secret.h"

bool tokens_equal(const uint8_t a[TOKEN_BYTES], const uint8_t b[TOKEN_BYTES])
{
	return secret_equal((const char *)a, TOKEN_BYTES, (const char *)b, TOKEN_BYTES);
}

struct session *sessions_add(struct sessions *s)
{
	if (s->count == s->size) {
		uint32_t size = s->size == 0 ? 8 : 2 * s->size;
		struct session *list = realloc(s->list, size * sizeof(*list));

		if (list == NULL)
			return NULL;
		s->list = list;
		s->size = size;
	}
	s->list[s->count] = (struct session){ 0 };
	return &s->list[s->count++];
}

struct session *sessions_by_token(const struct sessions *s, const uint8_t token[TOKEN_BYTES])
{
	for (uint32_t i = 0; i < s->count; i++)
		if (!s->list[i].leaving && tokens_equal(s->list[i].user.token, token))
			return &s->list[i];
	return NULL;
}

struct session *sessions_by_nick(const struct sessions *s, const char *nick, size_t len)
{
	struct nick_hash hash = nick_hash(nick, len);

	for (uint32_t i = 0; i < s->count; i++) {
		const struct user *user = &s->list[i].user;

		if (user->nick_len > 0 && nick_hash_meets(user->nick_hash, hash) &&
			nick_same(user->nick, user->nick_len, nick, len))
			return &s->list[i];
	}
	return NULL;
}

struct session *sessions_by_number(const struct sessions *s, uint32_t number)
{
	for (uint32_t i = 0; i < s->count; i++)
		if (s->list[i].user.nick_len == 0 && s->list[i].number == number)
			return &s->list[i];
	return NULL;
}

struct session *sessions_by_id(const struct sessions *s, uint32_t user_id)
{
	for (uint32_t i = 0; i < s->count; i++)
		if (s->list[i].user.id == user_id)
			return &s->list[i];
	return NULL;
}

struct session *sessions_first(const struct sessions *s)
{
	struct session *first = NULL;

	for (uint32_t i = 0; i < s->count; i++)
		if (!s->list[i].leaving && (first == NULL || s->list[i].due < first->due))
			first = &s->list[i];
	return first;
}

void sessions_remove(struct sessions *s, struct session *session)
{
	user_finish(&session->user);
	*session = s->list[--s->count];
}

void sessions_finish(struct sessions *s)
{
	while (s->count > 0)
		sessions_remove(s, &s->list[s->count - 1]);
	free(s->list);
	*s = (struct sessions){ 0 };
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
