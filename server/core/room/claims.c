/*
 * The list of claims (claims.h). The rule: two nicks that can be taken for each other (nick_same())
 * have one owner, so a nick that looks like several claimed ones needs a key that opens them all.
 */
#include "server/core/room/claims.h"

#include <stdlib.h>
#include <string.h>

#include "server/core/base/secret.h"

enum {
	DAY = 24 * 3600,
	KEPT_AFTER = DAY, /* seconds that a use may be older on disk than it is */
};

/* RFC 4648, 6, in small letters: none looks like another. */
static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";

int claims_add(struct claims *c, struct slice nick, const uint8_t key[SHA256_SIZE], int64_t used)
{
	struct claim *claim;

	if (c->count >= CLAIMS_MAX)
		return -1;
	if (c->count == c->size) {
		uint32_t size = c->size == 0 ? 8 : 2 * c->size;
		struct claim *list = realloc(c->list, size * sizeof(*list));

		if (list == NULL)
			return -1;
		c->list = list;
		c->size = size;
	}
	claim = &c->list[c->count++];
	*claim = (struct claim){ .nick_len = (uint8_t)nick.len, .used = used,
		.hash = nick_hash(nick.bytes, nick.len) };
	memcpy(claim->nick, nick.bytes, nick.len);
	memcpy(claim->key, key, SHA256_SIZE);
	return 0;
}

/* The next claim after one (NULL: the first) that a nick looks like; NULL: there is none. */
static struct claim *next_same(const struct claims *c, const struct claim *after,
	struct slice nick, struct nick_hash hash)
{
	for (uint32_t i = after != NULL ? (uint32_t)(after - c->list) + 1 : 0; i < c->count; i++) {
		struct claim *claim = &c->list[i];

		if (nick_hash_meets(claim->hash, hash) &&
			nick_same(claim->nick, claim->nick_len, nick.bytes, nick.len))
			return claim;
	}
	return NULL;
}

struct claim *claims_find(const struct claims *c, struct slice nick)
{
	return c->count > 0 ? next_same(c, NULL, nick, nick_hash(nick.bytes, nick.len)) : NULL;
}

/* Whether the time of its last use has to be kept: not each time, or the disk would never rest. */
static bool use(struct claim *claim, int64_t now)
{
	bool is_old = now - claim->used > KEPT_AFTER;

	claim->used = is_old ? now : claim->used;
	return is_old;
}

/* Whether one claim lets a wish through. */
static bool opens(const struct claim *claim, const struct claim_wish *wish)
{
	uint8_t digest[SHA256_SIZE];

	if (wish->held.len > 0 &&
		nick_same(claim->nick, claim->nick_len, wish->held.bytes, wish->held.len))
		return true;
	if (wish->key.bytes == NULL)
		return false;
	sha256(digest, wish->key.bytes, wish->key.len);
	return secret_equal((const char *)claim->key, SHA256_SIZE, (const char *)digest,
		SHA256_SIZE);
}

bool claims_open(struct claims *c, const struct claim_wish *wish, int64_t now, bool *changed)
{
	struct nick_hash hash = nick_hash(wish->nick.bytes, wish->nick.len);
	struct claim *claim = NULL;

	while ((claim = next_same(c, claim, wish->nick, hash)) != NULL)
		if (!opens(claim, wish))
			return false;
	while ((claim = next_same(c, claim, wish->nick, hash)) != NULL)
		*changed = use(claim, now) || *changed;
	return true;
}

bool claims_touch(struct claims *c, struct slice nick, int64_t now)
{
	struct claim *claim = claims_find(c, nick);

	return claim != NULL && use(claim, now);
}

void claims_remove(struct claims *c, struct claim *claim)
{
	*claim = c->list[--c->count];
}

bool claim_has_ended(const struct claim *claim, int64_t now)
{
	return now - claim->used > (int64_t)CLAIM_DAYS * DAY;
}

bool claims_expire(struct claims *c, int64_t now)
{
	uint32_t before = c->count;

	for (uint32_t i = c->count; i > 0; i--)
		if (claim_has_ended(&c->list[i - 1], now))
			claims_remove(c, &c->list[i - 1]);
	return c->count < before;
}

void claims_finish(struct claims *c)
{
	free(c->list);
	*c = (struct claims){ 0 };
}

void claim_make_key(char *out, const uint8_t *random)
{
	for (size_t i = 0; i < CLAIM_KEY_LEN; i++)
		out[i] = letters[random[i] % (sizeof(letters) - 1)];
}

bool claim_is_key(struct slice word)
{
	if (word.len != CLAIM_KEY_LEN)
		return false;
	for (size_t i = 0; i < word.len; i++)
		if (word.bytes[i] == '\0' || strchr(letters, word.bytes[i]) == NULL)
			return false;
	return true;
}
