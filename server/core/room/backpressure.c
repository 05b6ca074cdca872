/*
 * Backpressure (backpressure.h). The rule: a reader is judged by what its peer took, never by what
 * a kernel buffered, and each may hold its room back for no more than its own grace.
 */
#include "server/core/room/backpressure.h"

bool backpressure_is_open(const struct room *room)
{
	return room->budget > 0;
}

/* Bytes said since the lines that the client is still owed began; a replay is not owed. */
static size_t bytes_behind(const struct client *client)
{
	const struct member *m = &client->member;
	uint64_t cursor = m->cursor;

	if (m->replay_end != 0 && m->replay_back == 0)
		cursor = m->replay_end;
	/* One that resumes is not sent anything yet. */
	if (client->state == CLIENT_HERE && client_resumption(client) != NULL)
		return 0;
	if (client->state == CLIENT_LEAVING && cursor >= client->until)
		return 0;
	if (cursor < m->room->feed.first)
		return m->room->feed.size;
	return feed_behind(&m->room->feed, cursor);
}

/* How much of a room nobody may see yet, which no reader can help. */
static size_t bytes_held(const struct room *room)
{
	const struct feed *f = &room->feed;

	if (room->durable == 0 || room->durable >= f->next)
		return 0;
	return feed_behind(f, room->durable > f->first ? room->durable : f->first);
}

static bool is_waited_for(const struct client *client)
{
	return (client->state == CLIENT_HERE || client->state == CLIENT_LEAVING) &&
		client->blocked && !client->member.lagging && !client->deaf;
}

/*
 * A room is held back by those who are half a feed behind. Those who are a quarter behind would be
 * the next: they are looked at with them, or each of ten that stall together, being cut off at
 * another line, would hold the room for its own second.
 */
bool backpressure_holds(const struct client *client)
{
	const struct room *room = client->member.room;

	return is_waited_for(client) &&
		bytes_behind(client) >= room->feed.size / 4 + bytes_held(room);
}

static void charge(struct chat *chat, struct client *client, int64_t held_ms)
{
	if (held_ms == 0)
		return;
	if (held_ms < client->member.grace) {
		client->member.grace -= (uint16_t)held_ms;
		return;
	}
	client->member.grace = 0;
	client->member.lagging = true;
	chat->counters.lagged++;
}

/* Charges one that is behind for the time that has passed, and notes how far it is. */
static void check_reader(struct chat *chat, struct client *client)
{
	struct room *room = client->member.room;
	size_t bytes = bytes_behind(client), quarter = room->feed.size / 4 + bytes_held(room);

	if (bytes < quarter)
		client->member.lagging = false;
	if (!is_waited_for(client))
		return;
	if (bytes >= quarter)
		charge(chat, client, room->held_ms);
	if (!client->member.lagging && bytes > room->slowest)
		room->slowest = bytes;
}

static void begin_check(const struct chat *chat, struct room *room)
{
	if (!room->is_held)
		room->checked_at = chat->checked_at;
	if (backpressure_is_open(room))
		room->checked_at = chat->now.usec;
	room->held_ms = (chat->now.usec - room->checked_at) / TIME_MS;
	room->checked_at += room->held_ms * TIME_MS; /* what is left of a ms counts the next time */
	room->slowest = bytes_held(room);
}

static void end_check(struct chat *chat, struct room *room)
{
	room->budget = (int64_t)room->feed.size / 2 - (int64_t)room->slowest;
	room->is_held = !backpressure_is_open(room);
	if (room->is_held)
		chat_wake_at(chat, chat->now.usec + BACKPRESSURE_CHECK * TIME_MS);
	else
		place_set_remove(&chat->rooms.stirred, room->index);
}

void backpressure_update(struct chat *chat)
{
	const struct place_set *blocked = &chat->work.blocked, *stirred = &chat->rooms.stirred;

	for (uint32_t i = 0; (i = place_set_next(blocked, i)) < blocked->size; i++)
		rooms_stir(&chat->rooms, chat->clients.list[i].member.room);
	for (uint32_t i = 0; (i = place_set_next(stirred, i)) < stirred->size; i++)
		begin_check(chat, rooms_at(&chat->rooms, i));
	for (uint32_t i = 0; (i = place_set_next(blocked, i)) < blocked->size; i++)
		check_reader(chat, &chat->clients.list[i]);
	for (uint32_t i = 0; (i = place_set_next(stirred, i)) < stirred->size; i++)
		end_check(chat, rooms_at(&chat->rooms, i));
	chat->checked_at = chat->now.usec;
}

void backpressure_unsent(struct client *client, size_t bytes)
{
	size_t taken = client->member.unread_bytes > bytes
		? client->member.unread_bytes - bytes : 0;

	if (taken >= BACKPRESSURE_BYTES) {
		client->member.grace = BACKPRESSURE_GRACE;
		taken %= BACKPRESSURE_BYTES;
	}
	/* Bytes taken of the next BACKPRESSURE_BYTES are counted when these are whole. */
	client->member.unread_bytes = (uint32_t)(bytes + taken);
}
