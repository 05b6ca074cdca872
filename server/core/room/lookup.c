/*
 * What of a room can be had from outside (lookup.h). The rule: whatever tells of rooms asks here,
 * and the name of a room that somebody may not know of is not compared with what they ask for,
 * which takes long enough to be noticed.
 */
#include "server/core/room/lookup.h"

enum entry lookup_entry(const struct client *client, const struct room *room)
{
	if (room == NULL)
		return ENTRY_NONE;
	if (client->user.is_operator || client->member.room == room)
		return ENTRY_FREE;
	if (room->is_for_operators)
		return room->is_hidden ? ENTRY_NONE : ENTRY_FOR_OPERATORS;
	if (room->password != NULL)
		return ENTRY_BY_PASSWORD;
	return room->is_hidden ? ENTRY_NONE : ENTRY_FREE;
}

static bool may_enter(const struct client *client, const struct room *room)
{
	return lookup_entry(client, room) != ENTRY_NONE;
}

static struct room *find(const struct chat *chat, const struct client *client, struct slice text,
	bool (*may)(const struct client *client, const struct room *room))
{
	struct room_name name = room_name(text);
	struct room *room = NULL;

	while ((room = rooms_next(&chat->rooms, room)) != NULL)
		if (may(client, room) && room_is_called(room, &name))
			return room;
	return NULL;
}

struct room *lookup_enterable(const struct chat *chat, const struct client *client,
	struct slice text)
{
	return find(chat, client, text, may_enter);
}

struct room *lookup_known(const struct chat *chat, const struct client *client, struct slice text)
{
	return find(chat, client, text, lookup_knows);
}

bool lookup_knows(const struct client *client, const struct room *room)
{
	return room != NULL &&
		(!room->is_hidden || client->user.is_operator || client->member.room == room);
}

bool lookup_sees(const struct client *client, const struct room *room)
{
	return lookup_knows(client, room) &&
		(room->password == NULL || client->user.is_operator || client->member.room == room);
}

uint32_t lookup_online(const struct client *client, const struct room *room)
{
	const struct member *m = &client->member;

	return room->online + (m->room == room && !m->announced && !client->is_reader);
}

uint32_t lookup_count(const struct chat *chat, const struct client *client)
{
	uint32_t count = 0;

	for (const struct room *r = NULL; (r = rooms_next(&chat->rooms, r)) != NULL;)
		count += lookup_knows(client, r);
	return count;
}
