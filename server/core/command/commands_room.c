/*
 * The commands about rooms (docs/protocol.md, "Rooms"). The rule: of a room nothing is told that
 * lookup.h does not allow.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/text.h"
#include "server/core/client/rate.h"
#include "server/core/command/args.h"
#include "server/core/room/lookup.h"
#include "server/core/room/presence.h"
#include "server/core/room/tell.h"

enum {
	TOPIC_MAX = 1024,           /* bytes */
	INVITATION_MINUTES = 60,
	INVITATION_USES = 1,
	INVITATION_MOST = 1000000,  /* minutes, or uses */
};

/* One line of /rooms. */
static void tell_room(struct chat *chat, struct client *client, const struct room *room)
{
	bool sees = lookup_sees(client, room);
	char figures[64] = "";

	if (sees)
		snprintf(figures, sizeof(figures), ": %u online, up to %" PRIu64,
			(unsigned)lookup_online(client, room), room_visible(room) - 1);
	tell_answer(chat, client, "%s%s%s%s%s%s", room->name,
		room == client->member.room ? " (you)" : "",
		room->password != NULL ? " (password)" : "", figures,
		sees && room->topic != NULL ? " - " : "",
		sees && room->topic != NULL ? room->topic : "");
}

void command_rooms_go_on(struct chat *chat, struct client *client)
{
	for (; client->list_next < chat->rooms.top; client->list_next++) {
		const struct room *room = rooms_at(&chat->rooms, client->list_next);

		if (outbox_waiting(&client->outbox) > OUTBOX_BUSY)
			return;
		if (lookup_knows(client, room))
			tell_room(chat, client, room);
	}
	client->list = LIST_NONE;
}

void command_rooms(struct chat *chat, struct client *client, const struct args *args)
{
	tell_answer(chat, client, "%u rooms:", (unsigned)lookup_count(chat, client));
	client->list = LIST_ROOMS;
	client->list_next = 0;
	command_rooms_go_on(chat, client);
}

void command_topic(struct chat *chat, struct client *client, const struct args *args)
{
	const struct room *room = client->member.room;
	struct slice topic = { args->text[0], args->len[0] };

	if (args->count == 0) {
		if (room->topic == NULL)
			tell_answer(chat, client, "there is no topic");
		tell_topic(chat, client);
	} else if (!client->user.is_operator && !room->topic_is_open) {
		tell_error(chat, client, "operators set the topic here");
	} else if (topic.len > TOPIC_MAX) {
		tell_error(chat, client, "a topic has at most %u bytes", (unsigned)TOPIC_MAX);
	} else {
		if (client->user.is_operator)
			args_log(chat, client, args, 0);
		if (topic.len == 1 && *topic.bytes == '-')
			topic.len = 0;
		presence_announce(chat, client);
		room_propose_topic(chat, client, topic);
	}
}

/* An argument as a number from 1 up; absent: as it was. False: the client has been told. */
static bool read_number(struct chat *chat, struct client *client, const struct args *args,
	unsigned i, uint64_t *number)
{
	if (i >= args->count ||
		(text_number(args->text[i], args->len[i], INVITATION_MOST, number) &&
					*number > 0))
		return true;
	tell_error(chat, client, "/invite takes a number of %s from 1 to %u",
		i == 0 ? "minutes" : "uses", (unsigned)INVITATION_MOST);
	return false;
}

void command_invite(struct chat *chat, struct client *client, const struct args *args)
{
	uint64_t minutes = INVITATION_MINUTES, uses = INVITATION_USES;
	uint8_t random[INVITATION_BYTES];
	struct invitation one = { .room = client->member.room };

	if (!read_number(chat, client, args, 0, &minutes) ||
		!read_number(chat, client, args, 1, &uses))
		return;
	if (one.room->is_for_operators) {
		tell_error(chat, client, "room %s is for operators", one.room->name);
		return;
	}
	one.until = chat->now.usec + (int64_t)minutes * 60 * TIME_SECOND;
	one.uses = (uint32_t)uses;
	chat->random(random, sizeof(random));
	invitation_word(one.word, random);
	invitations_expire(&chat->invitations, chat->now.usec);
	if (invitations_add(&chat->invitations, &one) == 0)
		tell_answer(chat, client, "invitation %s/%.*s, %u minutes, %u uses", one.room->name,
			INVITATION_LEN, one.word, (unsigned)minutes, (unsigned)uses);
	else if (chat->invitations.count == INVITATIONS_MAX)
		tell_error(chat, client, "too many invitations");
	else
		tell_error(chat, client, "out of memory, nothing changed");
}

void command_slow(struct chat *chat, struct client *client, const struct args *args)
{
	struct room *room = client->member.room;
	uint64_t seconds;

	if (!text_number(args->text[0], args->len[0], SETTINGS_SLOW_MAX, &seconds)) {
		tell_error(chat, client, "/slow takes a number of seconds, at most %u",
			(unsigned)SETTINGS_SLOW_MAX);
		return;
	}
	room->slow = (uint32_t)seconds;
	chat->store_changes++;
	for (struct client *c = NULL; (c = chat_next_client(chat, c)) != NULL;) {
		if (c->member.room != room)
			continue;
		chat_reset_rate(chat, c);
		chat_change(chat, c);
	}
	chat_wake_at(chat, chat->now.usec);
	args_log(chat, client, args, ALL_WORDS);
	if (seconds > 0)
		tell_answer(chat, client, "one line of each person every %u s", (unsigned)seconds);
	else
		tell_answer(chat, client, "lines are as frequent as they come");
}
