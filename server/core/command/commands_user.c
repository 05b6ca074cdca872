/*
 * The commands that everybody may use.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/text.h"
#include "server/core/command/args.h"
#include "server/core/room/lookup.h"
#include "server/core/room/position.h"
#include "server/core/room/presence.h"
#include "server/core/room/roster.h"
#include "server/core/room/tell.h"
#include "server/core/share/ask.h"
#include "server/core/share/share.h"

enum { ROOM_TEXT = NICK_MAX + 16 }; /* ", room NAME" */

static void tell_person(struct chat *chat, struct client *client, const struct client *person)
{
	struct stamp since = { 0 };
	char room[ROOM_TEXT] = "";
	char who[WHO_MAX], address[ADDRESS_TEXT_MAX] = "",
		from[ADDRESS_TEXT_MAX + NODE_MAX + 16] = "";
	int len;
	int64_t idle = (chat->now.usec - person->last_activity) / TIME_SECOND;
	int who_len = (int)roster_who(chat, person, who);

	if (client->user.is_operator) {
		address_text(address, &person->from);
		len = snprintf(from, sizeof(from), ", from %s", address);
		if (chat->share != NULL)
			snprintf(from + len, sizeof(from) - (size_t)len, ", on %.*s",
				(int)chat->share->node_len, chat->share->node);
	}
	if (client->list_room == 0)
		snprintf(room, sizeof(room), ", room %s", person->member.room->name);
	tell_answer(chat, client, "%.*s%s since %s, idle %" PRId64 " s%s%s", who_len, who,
		person == client ? " (you)" : person->user.is_operator ? " (operator)" : "",
		stamp_at(&since, person->user.since), idle, room, from);
}

/* One who asks is here, whether the room knows or not; but one that can only read is not shown. */
static bool is_unknown_asker(const struct client *client, const struct client *person)
{
	return person == client && !person->member.announced && !person->is_reader;
}

/* Whether a room is among those whose people a client has asked for. */
static bool is_asked_for(const struct client *client, const struct room *room)
{
	return lookup_sees(client, room) &&
		(client->list_room == 0 || client->list_room == room->index + 1);
}

static bool is_listed_for(const struct client *client, const struct client *person)
{
	return person->state == CLIENT_HERE && is_asked_for(client, person->member.room) &&
		(person->member.announced || is_unknown_asker(client, person));
}

/* One on another node: how long they have been idle is known by what they said. */
static void tell_elsewhere(struct chat *chat, struct client *client, const struct persona *person)
{
	struct stamp since = { 0 };
	char who[WHO_MAX], from[NODE_MAX + 8] = "", room[ROOM_TEXT] = "";
	int64_t idle = (chat->now.usec - person->heard_at) / TIME_SECOND;

	if (client->user.is_operator)
		snprintf(from, sizeof(from), ", on %.*s", (int)person->node_len, person->node);
	if (client->list_room == 0)
		snprintf(room, sizeof(room), ", room %s",
			rooms_at(&chat->rooms, person->room)->name);
	tell_answer(chat, client, "%.*s%s since %s, idle %" PRId64 " s%s%s",
		(int)person_who(person, who), who, person->is_operator ? " (operator)" : "",
		stamp_at(&since, person->since), idle, room, from);
}

/* Those elsewhere come after the places of this node. */
static void list_elsewhere(struct chat *chat, struct client *client)
{
	uint32_t i;

	while ((i = client->list_next - chat->clients.max) < chat->people.count) {
		const struct persona *person = chat->people.list[i];

		if (outbox_waiting(&client->outbox) > OUTBOX_BUSY)
			return;
		client->list_next++;
		if (person->counted && is_asked_for(client, rooms_at(&chat->rooms, person->room)))
			tell_elsewhere(chat, client, person);
	}
	client->list = LIST_NONE;
}

void command_who_go_on(struct chat *chat, struct client *client)
{
	while (client->list_next < chat->clients.top && client->list_next < chat->clients.max) {
		const struct client *person = &chat->clients.list[client->list_next];

		if (outbox_waiting(&client->outbox) > OUTBOX_BUSY)
			return;
		client->list_next++;
		if (is_listed_for(client, person))
			tell_person(chat, client, person);
	}
	if (client->list_next < chat->clients.max)
		client->list_next = chat->clients.max;
	list_elsewhere(chat, client);
}

/* Sets whom a client asks for: of one room or, "*", of all. False: it has been told why not. */
static bool choose_listed(struct chat *chat, struct client *client, const struct args *args)
{
	const struct room *room = client->member.room;

	client->list_room = 0;
	if (args->count > 0 && args->len[0] == 1 && *args->text[0] == '*')
		return true;
	if (args->count > 0)
		room = lookup_known(chat, client, (struct slice){ args->text[0], args->len[0] });
	if (room == NULL) {
		tell_error(chat, client, "no such room");
		return false;
	}
	if (!lookup_sees(client, room)) {
		tell_error(chat, client, "room %s has a password", room->name);
		return false;
	}
	client->list_room = (uint16_t)(room->index + 1);
	return true;
}

void command_who(struct chat *chat, struct client *client, const struct args *args)
{
	uint32_t count = 0;

	if (!choose_listed(chat, client, args))
		return;
	for (const struct room *r = NULL; (r = rooms_next(&chat->rooms, r)) != NULL;)
		if (is_asked_for(client, r))
			count += lookup_online(client, r);
	tell_answer(chat, client, "%u online:", (unsigned)count);
	client->list = LIST_WHO;
	client->list_next = 0;
	command_who_go_on(chat, client);
}

void command_me(struct chat *chat, struct client *client, const struct args *args)
{
	presence_announce(chat, client);
	room_say(chat, client, EVENT_ACTION, args->text[0], args->len[0]);
}

static void send_private(struct chat *chat, struct client *client, struct client *to,
	const char *text, size_t len)
{
	char from[WHO_MAX], who[WHO_MAX];
	size_t from_len = roster_who(chat, client, from), who_len = roster_who(chat, to, who);

	if (!outbox_fits(&to->outbox, MESSAGE_FRAME_MAX + len)) {
		tell_error(chat, client, "%.*s is not reading: not sent", (int)who_len, who);
		return;
	}
	presence_announce(chat, client);
	chat->counters.private++;
	tell_text(chat, client, MESSAGE_SENT, (struct slice){ who, who_len },
		(struct slice){ text, len });
	/* The sender can't tell that it is ignored. */
	if (ignores_user(to->user.ignores, client->user.id))
		return;
	to->user.last_sender = client->user.id;
	/* It comes after what its sender has said before. */
	if (to->member.room == client->member.room && to->member.own_end < client->member.own_end)
		to->member.own_end = client->member.own_end;
	tell_text(chat, to, MESSAGE_RECEIVED, (struct slice){ from, from_len },
		(struct slice){ text, len });
}

static void send_elsewhere(struct chat *chat, struct client *client, struct persona *to,
	struct slice text)
{
	presence_announce(chat, client);
	share_message(chat, client, to, text);
}

void command_msg(struct chat *chat, struct client *client, const struct args *args)
{
	struct slice who = { args->text[0], args->len[0] }, text = { args->text[1], args->len[1] };
	struct client *to = roster_find(chat, who.bytes, who.len);
	struct persona *elsewhere = to == NULL ? share_find(chat, who) : NULL;

	if (elsewhere != NULL)
		send_elsewhere(chat, client, elsewhere, text);
	else if (to != NULL || (to = roster_find_or_tell(chat, client, who.bytes, who.len)) != NULL)
		send_private(chat, client, to, text.bytes, text.len);
}

void command_r(struct chat *chat, struct client *client, const struct args *args)
{
	struct slice text = { args->text[0], args->len[0] };
	uint32_t last = client->user.last_sender;
	struct client *to = last != 0 ? roster_by_id(chat, last) : NULL;
	struct persona *elsewhere =
		to == NULL && last != 0 ? personas_by_user(&chat->people, last) : NULL;

	if (last == 0)
		tell_error(chat, client, "nobody has written to you yet");
	else if (elsewhere != NULL && elsewhere->has_record && !elsewhere->is_ours)
		send_elsewhere(chat, client, elsewhere, text);
	else if (to != NULL)
		send_private(chat, client, to, text.bytes, text.len);
	else if (sessions_by_id(&chat->sessions, last) != NULL)
		tell_error(chat, client, "the person who wrote to you last has lost the "
			"connection, perhaps for a moment");
	else
		tell_error(chat, client, "the person who wrote to you last is no longer here");
}

/* Makes room in a full list: people without a nick who are gone for good are forgotten. */
static void prune_ignored(struct chat *chat, struct ignores **ignores)
{
	for (uint16_t i = *ignores != NULL ? (*ignores)->count : 0; i > 0; i--) {
		const struct ignored *one = &(*ignores)->list[i - 1];

		if (one->nick_len == 0 && roster_by_id(chat, one->user_id) == NULL &&
			sessions_by_id(&chat->sessions, one->user_id) == NULL &&
			personas_by_user(&chat->people, one->user_id) == NULL &&
			ignores_remove_at(ignores, (uint16_t)(i - 1)) < 0)
			return;
	}
}

/* Takes out every entry of a number (0: of none) or a nick; false if there is none. */
static bool forget_ignored(struct ignores **ignores, uint32_t user_id, struct slice nick)
{
	bool found = false;

	for (uint16_t i = *ignores != NULL ? (*ignores)->count : 0; i > 0; i--) {
		const struct ignored *one = &(*ignores)->list[i - 1];

		if ((user_id != 0 && one->user_id == user_id) || roster_is_ignored_as(one, nick))
			found = ignores_remove_at(ignores, (uint16_t)(i - 1)) == 0 || found;
	}
	return found;
}

/* The name of an ignored person now: the nick that was ignored if nobody here has the id. */
static size_t ignored_who(const struct chat *chat, const struct ignored *one, char *who)
{
	const struct client *person = roster_by_id(chat, one->user_id);
	const struct persona *elsewhere =
		person == NULL ? personas_by_user(&chat->people, one->user_id) : NULL;

	if (person != NULL)
		return roster_who(chat, person, who);
	if (elsewhere != NULL && elsewhere->counted)
		return person_who(elsewhere, who);
	memcpy(who, one->nick, one->nick_len);
	return one->nick_len;
}

static bool is_listed(const struct chat *chat, const struct ignores *ignores, uint16_t end,
	struct slice name)
{
	for (uint16_t i = 0; i < end; i++) {
		char who[WHO_MAX];
		size_t len = ignored_who(chat, &ignores->list[i], who);

		if (len == name.len && memcmp(who, name.bytes, len) == 0)
			return true;
	}
	return false;
}

static void list_ignored(struct chat *chat, struct client *client)
{
	const struct ignores *ignores = client->user.ignores;
	uint16_t listed = 0;

	for (uint16_t i = 0; ignores != NULL && i < ignores->count; i++) {
		char who[WHO_MAX];
		size_t len = ignored_who(chat, &ignores->list[i], who);

		/* Of one nick there is an entry for each that came under it. */
		if (len == 0 || is_listed(chat, ignores, i, (struct slice){ who, len }))
			continue;
		tell_answer(chat, client, "you ignore %.*s", (int)len, who);
		listed++;
	}
	if (listed == 0)
		tell_answer(chat, client, "you ignore nobody");
}

static void ignore(struct chat *chat, struct client *client, const struct user *user,
	struct slice name)
{
	const char *who = name.bytes;
	int len = (int)name.len;
	enum ignore_result result = IGNORE_DONE;

	if (!ignores_user(client->user.ignores, user->id))
		result = ignores_add(&client->user.ignores, user->id, user->nick, user->nick_len);
	clients_note_user(&chat->clients, client);
	switch (result) {
	case IGNORE_DONE:
		tell_answer(chat, client, "you ignore %.*s from now on", len, who);
		break;
	case IGNORE_FULL:
		tell_error(chat, client, "you ignore %u people already, that is the most",
			(unsigned)IGNORES_MAX);
		break;
	case IGNORE_NOMEM:
		tell_error(chat, client, "out of memory, nothing changed");
		break;
	}
}

/*
 * Somebody on another node, and as a user of this one. NULL: nobody is
 * called so, or somebody here.
 */
static struct persona *find_elsewhere(const struct chat *chat, struct slice who, struct user *user)
{
	struct persona *person =
		roster_find(chat, who.bytes, who.len) == NULL ? share_find(chat, who) : NULL;

	if (person == NULL)
		return NULL;
	*user = (struct user){ .id = person->user_id };
	user_set_nick(user, (struct slice){ person->nick, person->nick_len });
	return person;
}

/* A user who has a nick but no connection: a bot, or one who has lost it. NULL: there is none. */
static const struct user *find_unconnected(const struct chat *chat, struct slice nick)
{
	const struct user *bot = bots_by_nick(&chat->bots, nick.bytes, nick.len);
	const struct session *session = NULL;

	if (bot == NULL && roster_find(chat, nick.bytes, nick.len) == NULL)
		session = sessions_by_nick(&chat->sessions, nick.bytes, nick.len);
	return session != NULL ? &session->user : bot;
}

void command_ignore(struct chat *chat, struct client *client, const struct args *args)
{
	struct slice word = { args->text[0], args->len[0] };
	const struct client *person;
	const struct user *unconnected;
	struct user user;
	struct persona *elsewhere;
	char who[WHO_MAX];

	if (client->user.ignores != NULL && client->user.ignores->count >= IGNORES_MAX)
		prune_ignored(chat, &client->user.ignores);
	if (args->count == 0) {
		list_ignored(chat, client);
		return;
	}
	unconnected = find_unconnected(chat, word);
	if (unconnected != NULL) {
		ignore(chat, client, unconnected,
			(struct slice){ unconnected->nick, unconnected->nick_len });
		return;
	}
	elsewhere = find_elsewhere(chat, word, &user);
	if (elsewhere != NULL) {
		ignore(chat, client, &user, (struct slice){ who, person_who(elsewhere, who) });
		return;
	}
	person = roster_find_or_tell(chat, client, word.bytes, word.len);
	if (person == client)
		tell_error(chat, client, "you can't ignore yourself");
	else if (person != NULL)
		ignore(chat, client, &person->user,
			(struct slice){ who, roster_who(chat, person, who) });
}

void command_unignore(struct chat *chat, struct client *client, const struct args *args)
{
	struct slice word = { args->text[0], args->len[0] };
	const struct client *person = roster_find(chat, word.bytes, word.len);
	char who[WHO_MAX];

	const struct persona *elsewhere = person == NULL ? share_find(chat, word) : NULL;
	uint32_t id = elsewhere != NULL ? elsewhere->user_id : 0;

	/* By the nick alone, if nobody here has it now. */
	if (person == NULL && forget_ignored(&client->user.ignores, id, word)) {
		tell_answer(chat, client, "you see what %.*s says again", (int)word.len,
			word.bytes);
		return;
	}
	person = roster_find_or_tell(chat, client, word.bytes, word.len);
	if (person == NULL)
		return;
	word = (struct slice){ who, roster_who(chat, person, who) };
	if (forget_ignored(&client->user.ignores, person->user.id,
		    (struct slice){ person->user.nick, person->user.nick_len }))
		tell_answer(chat, client, "you see what %.*s says again", (int)word.len,
			word.bytes);
	else
		tell_error(chat, client, "you do not ignore %.*s", (int)word.len, word.bytes);
}

void command_replay(struct chat *chat, struct client *client, const struct args *args)
{
	uint64_t count = client->member.room->replay > 0
		? client->member.room->replay : SETTINGS_REPLAY;

	if (args->count > 0 &&
		(!text_number(args->text[0], args->len[0], UINT32_MAX, &count) || count == 0)) {
		tell_error(chat, client, "/replay takes a number of messages, from 1 up");
		return;
	}
	position_replay(client, (uint32_t)count);
	if (client->member.replay_end == 0)
		tell_answer(chat, client, "nothing has been said yet");
	else
		tell_answer(chat, client, "the last messages again:");
}

void command_quiet(struct chat *chat, struct client *client, const struct args *args)
{
	bool on = args->count == 0 || text_compare(args->text[0], args->len[0], "on", 2) == 0;

	if (!on && text_compare(args->text[0], args->len[0], "off", 3) != 0) {
		tell_error(chat, client, "usage: /quiet [on|off]");
		return;
	}
	client->user.is_quiet = on;
	if (on)
		tell_answer(chat, client, "you no longer see who joins and leaves");
	else
		tell_answer(chat, client, "you see who joins and leaves again");
}

void command_ping(struct chat *chat, struct client *client, const struct args *args)
{
	if (args->count == 0)
		tell_answer(chat, client, "pong");
	else
		tell_answer(chat, client, "pong %.*s", (int)args->len[0], args->text[0]);
}

/* Of the log that this server shares with others. */
static void tell_share(struct chat *chat, struct client *client)
{
	const struct share *share = chat->share;
	const struct log_figures *f = &share->figures;

	tell_answer(chat, client, "share: node %.*s, %u nodes, %s, %u in flight, behind by %" PRIu64
		", %" PRIu64 " reconnects", (int)share->node_len, share->node,
		(unsigned)share->nodes.count + 1, share->is_up ? "up" : "down",
		(unsigned)f->in_flight, f->behind, f->reconnects);
	if (share->disagrees_since > 0)
		tell_answer(chat, client, "share: nodes disagree since %" PRIu64,
			share->disagrees_since);
}

void command_stats(struct chat *chat, struct client *client, const struct args *args)
{
	const struct counters *c = &chat->counters;
	const struct feed *f = &client->member.room->feed;
	uint64_t held = f->next - f->first;

	tell_answer(chat, client, "version %s, uptime %" PRId64 " s", CHAT_VERSION,
		(chat->now.usec - chat->started.usec) / TIME_SECOND);
	tell_answer(chat, client, "clients: %u now, %u peak, %u most", (unsigned)chat->client_count,
		(unsigned)c->peak, (unsigned)chat->clients.max);
	tell_answer(chat, client, "lines: %" PRIu64 " said, %" PRIu64 " private", c->lines,
		c->private);
	tell_answer(chat, client, "bytes: %" PRIu64 " in, %" PRIu64 " out", c->bytes_in,
		c->bytes_out);
	tell_answer(chat, client, "feed: %" PRIu64 " lines, @%" PRIu64 " to @%" PRIu64
		", %zu of %zu bytes", held, f->first, f->next - 1, feed_behind(f, f->first),
		f->size);
	tell_answer(chat, client, "connects: %" PRIu64 ", %" PRIu64 " refused, %" PRIu64
		" strangers", c->connects, c->refused, c->strangers);
	tell_answer(chat, client, "errors: %" PRIu64 " told, %" PRIu64 " lines missed, %" PRIu64
		" times lagging, %" PRIu64 " log lines dropped, %" PRIu64 " not in the history",
		c->errors, c->missed, c->lagged, chat->log->dropped_total, c->history_lost);
	if (chat->share != NULL)
		tell_share(chat, client);
}

void command_quit(struct chat *chat, struct client *client, const struct args *args)
{
	presence_leave(chat, client, LEAVING_WISH, args->text[0], args->len[0]);
}
