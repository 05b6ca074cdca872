/*
 * The commands that everybody may use.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/text.h"
#include "server/core/room/presence.h"
#include "server/core/room/delivery.h"
#include "server/core/command/args.h"

/* Whether a nick is somebody else's, or looks like theirs: then client is told. */
static bool is_taken(struct room *room, struct client *client, const char *nick, size_t len)
{
	const struct client *holder = room_namesake(room, client, nick, len);
	const struct session *session = sessions_by_nick(&room->sessions, nick, len);
	const char *other = holder != NULL ? holder->nick : session != NULL ? session->nick : NULL;
	size_t other_len = holder != NULL ? holder->nick_len : session != NULL ? session->nick_len : 0;

	if (other == NULL)
		return false;
	if (text_compare(other, other_len, nick, len) == 0)
		room_error(room, client, "the nick %.*s is taken", (int)len, nick);
	else
		room_error(room, client, "the nick %.*s is taken: it looks like %.*s", (int)len, nick,
			(int)other_len, other);
	return true;
}

static void take_nick(struct room *room, struct client *client, const char *nick, size_t len)
{
	char before[WHO_MAX];
	size_t before_len = room_who(room, client, before);

	if (before_len == len && memcmp(before, nick, len) == 0) {
		room_answer(room, client, "you are %.*s already", (int)len, nick);
		return;
	}
	room_log(room, client, LOG_AT_INFO, "is now %.*s", (int)len, nick);
	client_set_nick(client, nick, len);
	if (client->announced)
		room_event(room, "%.*s is now %.*s", (int)before_len, before, (int)len, nick);
}

void command_nick(struct room *room, struct client *client, const struct args *args)
{
	char nick[NICK_MAX];
	size_t len;
	enum nick_fault fault = nick_normalize(args->text[0], args->len[0], nick, &len);

	if (fault == NICK_FINE)
		fault = nick_check(nick, len);
	if (fault != NICK_FINE)
		room_error(room, client, "a nick %s", nick_rule(fault));
	else if (!is_taken(room, client, nick, len))
		take_nick(room, client, nick, len);
}

static void tell_person(struct room *room, struct client *client, const struct client *person)
{
	struct stamp since = { 0 };
	char who[WHO_MAX], address[ADDRESS_TEXT_MAX] = "", from[ADDRESS_TEXT_MAX + 8] = "";
	int64_t idle = (room->now.usec - person->last_activity) / TIME_SECOND;
	int who_len = (int)room_who(room, person, who);

	if (client->is_operator) {
		address_text(address, &person->from);
		snprintf(from, sizeof(from), ", from %s", address);
	}
	room_answer(room, client, "%.*s%s since %s, idle %" PRId64 " s%s", who_len, who,
		person == client ? " (you)" : person->is_operator ? " (operator)" : "",
		stamp_at(&since, person->since), idle, from);
}

void command_who_go_on(struct room *room, struct client *client)
{
	while (client->list_next < room->clients.top && client->list_next < room->clients.max) {
		const struct client *person = &room->clients.list[client->list_next];

		if (outbox_waiting(&client->outbox) > OUTBOX_BUSY)
			return;
		client->list_next++;
		if (person->state == CLIENT_HERE && person->announced)
			tell_person(room, client, person);
	}
	client->list = LIST_NONE;
}

void command_who(struct room *room, struct client *client, const struct args *args)
{
	room_answer(room, client, "%u online:", (unsigned)room->online);
	client->list = LIST_WHO;
	client->list_next = 0;
	command_who_go_on(room, client);
}

void command_me(struct room *room, struct client *client, const struct args *args)
{
	room_say(room, client, MESSAGE_ACTION, args->text[0], args->len[0]);
}

static void send_private(struct room *room, struct client *client, struct client *to, const char *text,
	size_t len)
{
	char from[WHO_MAX], who[WHO_MAX];
	size_t from_len = room_who(room, client, from), who_len = room_who(room, to, who);

	if (!outbox_fits(&to->outbox, MESSAGE_FRAME_MAX + len)) {
		room_error(room, client, "%.*s is not reading: not sent", (int)who_len, who);
		return;
	}
	room->counters.private++;
	room_tell_text(room, client, MESSAGE_SENT, who, who_len, text, len);
	/* Who is ignored can't tell. */
	if (client_ignores(to, client->user_id))
		return;
	to->last_sender = client->user_id;
	/* It comes after what its sender has said before. */
	if (to->own_end < client->own_end)
		to->own_end = client->own_end;
	room_tell_text(room, to, MESSAGE_RECEIVED, from, from_len, text, len);
}

void command_msg(struct room *room, struct client *client, const struct args *args)
{
	struct client *to = room_person(room, client, args->text[0], args->len[0]);

	if (to != NULL)
		send_private(room, client, to, args->text[1], args->len[1]);
}

void command_r(struct room *room, struct client *client, const struct args *args)
{
	struct client *to = client->last_sender != 0 ? room_by_id(room, client->last_sender) : NULL;

	if (client->last_sender == 0)
		room_error(room, client, "nobody has written to you yet");
	else if (to == NULL)
		room_error(room, client, "who wrote to you last is no longer here");
	else
		send_private(room, client, to, args->text[0], args->len[0]);
}

/* Forgets the ignored who are gone for good, so that the list does not fill up with them. */
static void prune_ignored(struct room *room, struct client *client)
{
	for (uint16_t i = 0; i < client->ignored_count;) {
		uint32_t user_id = client->ignored[i];

		if (room_by_id(room, user_id) == NULL &&
			sessions_by_id(&room->sessions, user_id) == NULL)
			client_unignore(client, user_id);
		else
			i++;
	}
}

static void list_ignored(struct room *room, struct client *client)
{
	uint16_t listed = 0;

	for (uint16_t i = 0; i < client->ignored_count; i++) {
		const struct client *person = room_by_id(room, client->ignored[i]);
		char who[WHO_MAX];

		if (person == NULL)
			continue;
		room_answer(room, client, "you ignore %.*s", (int)room_who(room, person, who), who);
		listed++;
	}
	if (listed == 0)
		room_answer(room, client, "you ignore nobody");
}

void command_ignore(struct room *room, struct client *client, const struct args *args)
{
	struct client *person;
	char who[WHO_MAX];

	prune_ignored(room, client);
	if (args->count == 0) {
		list_ignored(room, client);
		return;
	}
	person = room_person(room, client, args->text[0], args->len[0]);
	if (person == NULL)
		return;
	if (person == client)
		room_error(room, client, "you can't ignore yourself");
	else if (client_ignore(client, person->user_id) == 0)
		room_answer(room, client, "you ignore %.*s from now on",
			(int)room_who(room, person, who), who);
	else if (client->ignored_count >= IGNORES_MAX)
		room_error(room, client, "you ignore %u people already, that is the most",
			(unsigned)client->ignored_count);
	else
		room_error(room, client, "out of memory: all is as it was");
}

void command_unignore(struct room *room, struct client *client, const struct args *args)
{
	struct client *person = room_person(room, client, args->text[0], args->len[0]);
	char who[WHO_MAX];
	int len;

	if (person == NULL)
		return;
	len = (int)room_who(room, person, who);
	if (!client_ignores(client, person->user_id)) {
		room_error(room, client, "you do not ignore %.*s", len, who);
		return;
	}
	client_unignore(client, person->user_id);
	room_answer(room, client, "you see what %.*s says again", len, who);
}

void command_replay(struct room *room, struct client *client, const struct args *args)
{
	uint64_t count = room->settings.replay > 0 ? room->settings.replay : SETTINGS_REPLAY;

	if (args->count > 0 &&
		(!text_number(args->text[0], args->len[0], UINT32_MAX, &count) || count == 0)) {
		room_error(room, client, "/replay takes a number of messages, from 1 up");
		return;
	}
	delivery_replay(room, client, (uint32_t)count);
	if (client->replay_end == 0)
		room_answer(room, client, "nothing has been said yet");
	else
		room_answer(room, client, "the last messages again:");
}

void command_stats(struct room *room, struct client *client, const struct args *args)
{
	const struct counters *c = &room->counters;
	const struct feed *f = &room->feed;
	uint64_t held = f->next - f->first;

	room_answer(room, client, "version %s, uptime %" PRId64 " s", CHAT_VERSION,
		(room->now.usec - room->started.usec) / TIME_SECOND);
	room_answer(room, client, "clients: %u now, %u peak, %u most", (unsigned)room->client_count,
		(unsigned)c->peak, (unsigned)room->clients.max);
	room_answer(room, client, "lines: %" PRIu64 " said, %" PRIu64 " private", c->lines,
		c->private);
	room_answer(room, client, "bytes: %" PRIu64 " in, %" PRIu64 " out", c->bytes_in,
		c->bytes_out);
	room_answer(room, client, "feed: %" PRIu64 " lines, @%" PRIu64 " to @%" PRIu64
		", %zu of %zu bytes", held, f->first, f->next - 1, feed_behind(f, f->first),
		f->size);
	room_answer(room, client, "connects: %" PRIu64 ", %" PRIu64 " refused, %" PRIu64
		" strangers", c->connects, c->refused, c->strangers);
	room_answer(room, client, "errors: %" PRIu64 " told, %" PRIu64 " lines missed, %" PRIu64
		" times lagging, %" PRIu64 " log lines dropped, %" PRIu64 " not in the history",
		c->errors, c->missed, c->lagged, room->log->dropped_total, c->history_lost);
}

void command_quit(struct room *room, struct client *client, const struct args *args)
{
	presence_leave(room, client, LEAVING_WISH, args->text[0], args->len[0]);
}
