/*
 * Sessions (session.h) stand in an array, in a list by the order of their coming, and in an index.
 * The rule: a session keeps its index in the array.
 */
#include "server/core/client/session.h"

#include <stdlib.h>
#include <string.h>

#include "proto/text.h"
#include "server/core/base/secret.h"

enum { SESSION_KEYS = USER_KEYS + 1 };

bool tokens_equal(const uint8_t a[TOKEN_BYTES], const uint8_t b[TOKEN_BYTES])
{
	return secret_equal((const char *)a, TOKEN_BYTES, (const char *)b, TOKEN_BYTES);
}

/* Makes the array larger, with all that is new free. 0, or -1 for no memory. */
static int grow(struct sessions *s)
{
	uint32_t size = s->size == 0 ? 8 : 2 * s->size;
	struct session *list = realloc(s->list, size * sizeof(*list));

	if (list == NULL)
		return -1;
	s->list = list;
	for (; s->size < size; s->size++) {
		list[s->size] = (struct session){ .after = s->free };
		s->free = s->size + 1;
	}
	return 0;
}

static struct session *session_at(const struct sessions *s, uint32_t number)
{
	return number > 0 ? &s->list[number - 1] : NULL;
}

static uint32_t number_of(const struct sessions *s, const struct session *session)
{
	return (uint32_t)(session - s->list) + 1;
}

struct session *sessions_add(struct sessions *s)
{
	struct session *session;
	uint32_t number;

	if (s->free == 0 && grow(s) < 0)
		return NULL;
	number = s->free;
	session = session_at(s, number);
	s->free = session->after;
	*session = (struct session){ .before = s->last };
	if (s->last > 0)
		session_at(s, s->last)->after = number;
	else
		s->first = number;
	s->last = number;
	s->count++;
	return session;
}

struct session *sessions_next(const struct sessions *s, const struct session *after)
{
	return session_at(s, after != NULL ? after->after : s->first);
}

static void add_to_index(struct sessions *s, const struct session *session)
{
	uint32_t i = number_of(s, session) - 1;

	user_add_to_index(&session->user, &s->users, i);
	index_add(&s->users, index_hash(INDEX_NUMBER, session->number), i);
}

void sessions_note_user(struct sessions *s, const struct session *session)
{
	s->has_ignores = s->has_ignores || session->user.ignores != NULL;
	if (!index_has_room(&s->users, SESSION_KEYS)) {
		index_begin(&s->users, SESSION_KEYS * (s->count + 1));
		for (struct session *other = NULL; (other = sessions_next(s, other)) != NULL;)
			add_to_index(s, other);
	}
	add_to_index(s, session);
}

/* The next one that may have a key; all of them where the index is not whole. */
static struct session *next_with(const struct sessions *s, uint32_t hash, uint32_t *at)
{
	uint32_t i;

	if (s->users.is_partial ? (i = (*at)++) < s->size : index_next(&s->users, hash, at, &i))
		return &s->list[i];
	return NULL;
}

struct session *sessions_by_token(const struct sessions *s, const uint8_t token[TOKEN_BYTES])
{
	struct session *session;
	uint32_t at = 0;

	while ((session = next_with(s, token_hash(token), &at)) != NULL)
		if (session->user.has_token && !session->leaving &&
			tokens_equal(session->user.token, token))
			return session;
	return NULL;
}

/* The one that may have the key, and whose nick is the same. */
static struct session *find_nick(const struct sessions *s, const char *nick, size_t len,
	uint32_t key)
{
	struct session *session;
	uint32_t at = 0;

	while ((session = next_with(s, key, &at)) != NULL)
		if (session->user.nick_len > 0 &&
			nick_same(session->user.nick, session->user.nick_len, nick, len))
			return session;
	return NULL;
}

struct session *sessions_by_nick(const struct sessions *s, const char *nick, size_t len)
{
	struct session *session;
	struct nick_hash hash;

	if (s->count == 0)
		return NULL;
	hash = nick_hash(nick, len);
	session = find_nick(s, nick, len, index_hash(INDEX_FOLDED, hash.folded));
	return session != NULL ? session
			       : find_nick(s, nick, len, index_hash(INDEX_WRITTEN, hash.written));
}

struct session *sessions_by_number(const struct sessions *s, uint32_t number)
{
	struct session *session;
	uint32_t at = 0;

	while ((session = next_with(s, index_hash(INDEX_NUMBER, number), &at)) != NULL)
		if (session->user.id != 0 && session->user.nick_len == 0 &&
			session->number == number)
			return session;
	return NULL;
}

struct session *sessions_by_id(const struct sessions *s, uint32_t user_id)
{
	struct session *session;
	uint32_t at = 0;

	while ((session = next_with(s, index_hash(INDEX_ID, user_id), &at)) != NULL)
		if (session->user.id == user_id)
			return session;
	return NULL;
}

struct session *sessions_first(const struct sessions *s)
{
	struct session *first = NULL;

	do
		first = sessions_next(s, first);
	while (first != NULL && first->leaving);
	return first;
}

static void give_back(struct sessions *s)
{
	free(s->list);
	index_finish(&s->users);
	*s = (struct sessions){ 0 };
}

void sessions_remove(struct sessions *s, struct session *session)
{
	uint32_t before = session->before, after = session->after;

	user_finish(&session->user);
	if (before > 0)
		session_at(s, before)->after = after;
	else
		s->first = after;
	if (after > 0)
		session_at(s, after)->before = before;
	else
		s->last = before;
	*session = (struct session){ .after = s->free };
	s->free = number_of(s, session);
	/* Memory that a storm has taken is given back. */
	if (--s->count == 0)
		give_back(s);
}

void sessions_finish(struct sessions *s)
{
	struct session *session;

	while ((session = sessions_next(s, NULL)) != NULL && s->count > 0)
		sessions_remove(s, session);
	give_back(s);
}

bool token_parse(uint8_t token[TOKEN_BYTES], const char *text, size_t len)
{
	return len == TOKEN_LEN && text_hex(token, TOKEN_BYTES, text);
}

void token_text(char *out, const uint8_t token[TOKEN_BYTES])
{
	for (size_t i = 0; i < TOKEN_BYTES; i++) {
		out[2 * i] = "0123456789abcdef"[token[i] >> 4];
		out[2 * i + 1] = "0123456789abcdef"[token[i] & 15];
	}
}
