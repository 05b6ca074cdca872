/*
 * What of a room can be had from outside (lookup.h). The rule: whatever tells of rooms asks here.
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
