/*
 * Nicks: taking one, and keeping it (docs/protocol.md, "A nick that stays yours"). The rule: a key
 * is said to the one who claims and nowhere else, and only its digest stays.
 */
#include <string.h>

#include "server/core/base/sha256.h"
#include "server/core/command/args.h"
#include "server/core/room/presence.h"
#include "server/core/room/roster.h"
#include "server/core/room/tell.h"

enum {
	CLAIM_PAUSE = 60,   /* seconds between two claims of a connection */
	WRONG_KEYS_MAX = 3, /* on a connection */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Cuts "NAME KEY"; without a blank it is a name alone, and the key is none. */
static void cut_key(struct slice *word, struct slice *key)
{
	size_t end = word->len;

	while (end > 0 && !is_blank(word->bytes[end - 1]))
		end--;
	*key = (struct slice){ 0 };
	if (end == 0)
		return;
	*key = (struct slice){ word->bytes + end, word->len - end };
	while (end > 0 && is_blank(word->bytes[end - 1]))
		end--;
	word->len = end;
}

/* Reads "NAME" or "NAME KEY"; the nick, in NFC, is written to name. */
static enum nick_fault read_wish(struct claim_wish *wish, struct slice word, char name[NICK_MAX])
{
	enum nick_fault fault;

	*wish = (struct claim_wish){ .nick.bytes = name };
	cut_key(&word, &wish->key);
	fault = nick_normalize(word.bytes, word.len, name, &wish->nick.len);
	return fault == NICK_FINE ? nick_check(name, wish->nick.len) : fault;
}

/* Claims end that were not used for long, but not of those who are here. */
static void expire_claims(struct chat *chat)
{
	for (uint32_t i = 0; i < chat->claims.count; i++) {
		struct claim *claim = &chat->claims.list[i];

		if (claim_has_ended(claim, chat->now.time) &&
			roster_find(chat, claim->nick, claim->nick_len) != NULL)
			claim->used = chat->now.time;
	}
	if (claims_expire(&chat->claims, chat->now.time))
		chat->store_changes++;
}

/* Whether a claim keeps the client from a nick: then it is told. */
static bool refuse_claimed(struct chat *chat, struct client *client, const struct claim_wish *wish)
{
	bool changed = false, open;

	if (wish->key.bytes != NULL && client->tries >= WRONG_KEYS_MAX) {
		tell_error(chat, client, "too many wrong keys on this connection");
		return true;
	}
	expire_claims(chat);
	open = claims_open(&chat->claims, wish, chat->now.time, &changed);
	chat->store_changes += changed;
	if (open)
		return false;
	client->tries += wish->key.bytes != NULL;
	tell_error(chat, client, "nick %.*s is claimed", (int)wish->nick.len, wish->nick.bytes);
	return true;
}

/* Whether what follows a nick that may be taken is no key: then the client is told. */
static bool refuse_key(struct chat *chat, struct client *client, struct slice key)
{
	if (key.bytes == NULL || claim_is_key(key))
		return false;
	tell_error(chat, client, "a nick must not have a blank; a key after it has %d characters, "
		"a-z and 2-7", CLAIM_KEY_LEN);
	return true;
}

void command_nick(struct chat *chat, struct client *client, const struct args *args)
{
	char before[WHO_MAX], name[NICK_MAX];
	struct slice who = { before, roster_who(chat, client, before) };
	struct claim_wish wish;
	enum nick_fault fault = read_wish(&wish, (struct slice){ args->text[0], args->len[0] },
		name);

	wish.held = (struct slice){ client->user.nick, client->user.nick_len };
	if (fault != NICK_FINE)
		tell_error(chat, client, "a nick %s", nick_rule(fault));
	else if (client->is_adrift)
		tell_error(chat, client,
			"nicks can't be taken now: the other servers can't be reached");
	else if (refuse_claimed(chat, client, &wish) || refuse_key(chat, client, wish.key))
		return;
	else if (who.len == wish.nick.len && memcmp(before, name, who.len) == 0)
		tell_answer(chat, client, "you are %.*s already", (int)who.len, name);
	else if (!roster_refuse_taken(chat, client, wish.nick)) {
		room_rename(chat, client, who, wish.nick);
		/* One who is new joins under that name. */
		presence_announce(chat, client);
	}
}

static uint32_t second_of(const struct chat *chat)
{
	return (uint32_t)(chat->now.usec / TIME_SECOND) & USER_SECONDS_MAX;
}

/* Whether it may claim its nick now: if not, it is told. */
static bool may_claim(struct chat *chat, struct client *client, const struct claim *old)
{
	uint32_t passed = (second_of(chat) - client->user.claimed_at) & USER_SECONDS_MAX;

	if (!chat->settings.has_store)
		tell_error(chat, client, "nothing can be claimed: this server keeps no store");
	else if (client->user.nick_len == 0)
		tell_error(chat, client, "take a nick first: /nick NAME");
	else if (client->user.claimed_at != 0 && passed < CLAIM_PAUSE)
		tell_error(chat, client, "one claim a minute, try again in %u s",
			(unsigned)(CLAIM_PAUSE - passed));
	else if (old == NULL && chat->claims.count >= chat->settings.max_claims)
		tell_error(chat, client, "no more claims");
	else
		return true;
	return false;
}

/* In place of the claim that the nick has, if any. 0, or -1 when there is no memory. */
static int claim(struct chat *chat, struct slice nick, const char key[CLAIM_KEY_LEN])
{
	uint8_t digest[SHA256_SIZE];
	struct claim *old;

	sha256(digest, key, CLAIM_KEY_LEN);
	if (claims_add(&chat->claims, nick, digest, chat->now.time) < 0)
		return -1;
	old = claims_find(&chat->claims, nick);
	if (old != &chat->claims.list[chat->claims.count - 1])
		claims_remove(&chat->claims, old);
	chat->store_changes++;
	return 0;
}

void command_claim(struct chat *chat, struct client *client, const struct args *args)
{
	struct slice nick = { client->user.nick, client->user.nick_len };
	uint8_t random[CLAIM_KEY_LEN];
	char key[CLAIM_KEY_LEN];

	expire_claims(chat);
	/* One that has it already may have lost the key, and gets another. */
	if (!may_claim(chat, client, claims_find(&chat->claims, nick)))
		return;
	chat->random(random, sizeof(random));
	claim_make_key(key, random);
	if (claim(chat, nick, key) < 0) {
		tell_error(chat, client, "out of memory, nothing changed");
		return;
	}
	client->user.claimed_at = second_of(chat);
	log_client(chat, client, LOG_AT_INFO, "has claimed its nick");
	tell_answer(chat, client, "claimed %.*s %.*s", (int)nick.len, nick.bytes, CLAIM_KEY_LEN,
		key);
}

void command_unclaim(struct chat *chat, struct client *client, const struct args *args)
{
	struct slice nick = { client->user.nick, client->user.nick_len };
	struct claim *claim;

	if (args->count > 0 && !client->user.is_operator) {
		tell_error(chat, client, "/unclaim NAME is for operators");
		return;
	}
	if (args->count > 0)
		nick = (struct slice){ args->text[0], args->len[0] };
	claim = claims_find(&chat->claims, nick);
	if (nick.len == 0 || claim == NULL) {
		tell_error(chat, client, "%.*s is not claimed", nick.len > 0 ? (int)nick.len : 9,
			nick.len > 0 ? nick.bytes : "your nick");
		return;
	}
	if (args->count > 0)
		args_log(chat, client, args, ALL_WORDS);
	tell_answer(chat, client, "%.*s is no longer claimed", (int)claim->nick_len, claim->nick);
	claims_remove(&chat->claims, claim);
	chat->store_changes++;
}
