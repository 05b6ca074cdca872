/*
 * The roster (roster.h): people are looked up in the index of the clients. Nicks are compared as
 * nick.h says; a #SLOT is a place in the table.
 */
#include "server/core/room/roster.h"

#include <string.h>

#include "proto/text.h"
#include "server/core/room/tell.h"

enum { ECHO_MAX = 64 }; /* of a wrong word, repeated to its author */

size_t roster_who(const struct chat *chat, const struct client *client, char *who)
{
	if (client->user.nick_len > 0) {
		memcpy(who, client->user.nick, client->user.nick_len);
		return client->user.nick_len;
	}
	*who = '#';
	return 1 + text_put_number(who + 1, (uint64_t)clients_index(&chat->clients, client) + 1);
}

static struct client *find_number(const struct chat *chat, const char *digits, size_t len)
{
	uint64_t number;
	struct client *client;

	if (!text_number(digits, len, chat->clients.max, &number) || number == 0)
		return NULL;
	client = &chat->clients.list[number - 1];
	return client->state == CLIENT_HERE && !client->is_reader ? client : NULL;
}

static bool has_nick(const struct client *client)
{
	return (client->member.announced || client->is_moving) && client->user.nick_len > 0;
}

struct client *roster_find(const struct chat *chat, const char *who, size_t len)
{
	if (len > 1 && who[0] == '#')
		return find_number(chat, who + 1, len - 1);

	struct nick_hash hash = nick_hash(who, len);
	uint32_t at = 0;
	struct client *c;

	while ((c = clients_next_with(&chat->clients, index_hash(INDEX_FOLDED, hash.folded),
		&at)) != NULL)
		if (has_nick(c) && c->user.nick_hash.folded == hash.folded &&
			nick_same_folded(c->user.nick, c->user.nick_len, who, len))
			return c;
	return NULL;
}

struct client *roster_find_or_tell(struct chat *chat, struct client *client, const char *who,
	size_t len)
{
	struct client *person = roster_find(chat, who, len);
	int shown = (int)(len < ECHO_MAX ? len : ECHO_MAX);

	if (person != NULL)
		return person;
	if (sessions_by_nick(&chat->sessions, who, len) != NULL)
		tell_error(chat, client, "%.*s has lost the connection, perhaps for a moment",
			shown, who);
	else
		tell_error(chat, client, "nobody here is called %.*s", shown, who);
	return NULL;
}

struct client *roster_by_id(const struct chat *chat, uint32_t user_id)
{
	struct client *c;
	uint32_t at = 0;

	while ((c = clients_next_with(&chat->clients, index_hash(INDEX_ID, user_id), &at)) != NULL)
		if (c->user.id == user_id)
			return c;
	return NULL;
}

struct client *roster_author(const struct chat *chat, const struct event *event)
{
	if (event->author == 0)
		return NULL;
	if (event->slot > 0 && event->slot <= chat->clients.max) {
		struct client *client = &chat->clients.list[event->slot - 1];

		if (client->state == CLIENT_HERE && client->user.id == event->author)
			return client;
	}
	return roster_by_id(chat, event->author);
}

/* The user of somebody else who is here and may have the key, and whose nick is the same. */
static const struct user *find_same(const struct chat *chat, const struct client *client,
	struct slice nick, uint32_t key)
{
	struct client *c;
	uint32_t at = 0;

	while ((c = clients_next_with(&chat->clients, key, &at)) != NULL)
		if (c != client && has_nick(c) &&
			nick_same(c->user.nick, c->user.nick_len, nick.bytes, nick.len))
			return &c->user;
	return NULL;
}

/*
 * The nick of somebody else, here or on another node, or of a session, that is the same; or none.
 */
static struct slice find_namesake(const struct chat *chat, const struct client *client,
	struct slice nick)
{
	struct nick_hash hash = nick_hash(nick.bytes, nick.len);
	const struct user *user = NULL;
	const struct session *session;
	const struct persona *person;

	user = find_same(chat, client, nick, index_hash(INDEX_FOLDED, hash.folded));
	if (user == NULL)
		user = find_same(chat, client, nick, index_hash(INDEX_WRITTEN, hash.written));
	session = user == NULL ? sessions_by_nick(&chat->sessions, nick.bytes, nick.len) : NULL;
	if (session != NULL)
		user = &session->user;
	if (user == NULL)
		user = bots_by_nick(&chat->bots, nick.bytes, nick.len);
	if (user != NULL)
		return (struct slice){ user->nick, user->nick_len };
	person = personas_by_nick(&chat->people, nick, false);
	return person != NULL
		? (struct slice){ person->nick, person->nick_len } : (struct slice){ 0 };
}

bool roster_refuse_taken(struct chat *chat, struct client *client, struct slice nick)
{
	struct slice other = find_namesake(chat, client, nick);

	if (other.len == 0)
		return false;
	if (text_compare(other.bytes, other.len, nick.bytes, nick.len) == 0)
		tell_error(chat, client, "the nick %.*s is taken", (int)nick.len, nick.bytes);
	else
		tell_error(chat, client, "the nick %.*s is taken: it looks like %.*s",
			(int)nick.len, nick.bytes, (int)other.len, other.bytes);
	return true;
}

bool roster_is_ignored_as(const struct ignored *one, struct slice nick)
{
	return one->nick_len > 0 && nick.len > 0 &&
		nick_same(one->nick, one->nick_len, nick.bytes, nick.len);
}

static void name_ignored(const struct chat *chat, struct ignores *ignores)
{
	if (ignores == NULL)
		return;
	for (struct client *c = NULL; (c = chat_next_client(chat, c)) != NULL;)
		ignores_name(ignores, c->user.id, c->user.nick, c->user.nick_len);
	for (struct session *s = NULL; (s = sessions_next(&chat->sessions, s)) != NULL;)
		ignores_name(ignores, s->user.id, s->user.nick, s->user.nick_len);
}

void roster_name_ignored(struct chat *chat)
{
	for (struct client *c = NULL; (c = chat_next_client(chat, c)) != NULL;)
		name_ignored(chat, c->user.ignores);
	for (struct session *s = NULL; (s = sessions_next(&chat->sessions, s)) != NULL;)
		name_ignored(chat, s->user.ignores);
}

/* One who ignores a nick also ignores the number of the user that has it now. */
static void ignore_by_nick(struct ignores **ignores, const struct user *user)
{
	struct slice nick = { user->nick, user->nick_len };
	bool found = false;

	for (uint16_t i = 0; *ignores != NULL && i < (*ignores)->count && !found; i++)
		found = roster_is_ignored_as(&(*ignores)->list[i], nick);
	if (found && !ignores_user(*ignores, user->id))
		(void)ignores_add(ignores, user->id, user->nick, user->nick_len);
}

void roster_ignore_nick(struct chat *chat, const struct user *user)
{
	const struct place_set *ignorers = &chat->clients.ignorers;
	struct session *s = NULL;

	for (uint32_t i = 0; (i = place_set_next(ignorers, i)) < ignorers->size; i++) {
		struct client *c = &chat->clients.list[i];

		if (c->state == CLIENT_HERE && c->user.id != user->id)
			ignore_by_nick(&c->user.ignores, user);
	}
	while (chat->sessions.has_ignores && (s = sessions_next(&chat->sessions, s)) != NULL)
		ignore_by_nick(&s->user.ignores, user);
}
