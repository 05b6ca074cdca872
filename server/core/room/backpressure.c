#include "server/core/room/backpressure.h"

/*
 * Rate: the generic cell rate algorithm. Each line costs 1/rate seconds, tat is the time up to
 * which all lines so far have been tat for, and it may run ahead of the clock by a burst.
 */
static int64_t line_cost(const struct room *room)
{
	return TIME_SECOND / room->settings.rate;
}

bool rate_allows(const struct room *room, const struct client *client, int64_t *when)
{
	if (room->settings.rate == 0)
		return true;
	*when = client->tat - line_cost(room) * ((int64_t)room->settings.burst - 1);
	return *when <= room->now.usec;
}

void rate_charge(struct room *room, struct client *client)
{
	if (room->settings.rate == 0)
		return;
	if (client->tat < room->now.usec)
		client->tat = room->now.usec;
	client->tat += line_cost(room);
}

void rate_reset(const struct room *room, struct client *client)
{
	int64_t most = room->now.usec;

	if (room->settings.rate > 0)
		most += line_cost(room) * (int64_t)room->settings.burst;
	if (client->tat > most)
		client->tat = most;
}

bool backpressure_is_open(const struct room *room)
{
	return room->budget > 0;
}

/* What has been said since the lines that the client is still owed began; a replay is not owed. */
static size_t behind(const struct room *room, const struct client *client)
{
	uint64_t cursor = client->cursor;

	if (client->replay_end != 0 && client->replay_back == 0)
		cursor = client->replay_end;
	if (client->state == CLIENT_LEAVING && cursor >= client->until)
		return 0;
	if (cursor < room->feed.first)
		return room->feed.size;
	return feed_behind(&room->feed, cursor);
}

/* How much of it nobody may see yet, which no reader can help. */
static size_t held(const struct room *room)
{
	const struct feed *f = &room->feed;

	if (room->durable == 0 || room->durable >= f->next)
		return 0;
	return feed_behind(f, room->durable > f->first ? room->durable : f->first);
}

static bool is_waited_for(const struct client *client)
{
	return (client->state == CLIENT_HERE || client->state == CLIENT_LEAVING) && client->blocked &&
		!client->lagging && !client->deaf;
}

/*
 * A room is held back by those who are half a feed behind. Those who are a quarter behind would be
 * the next: they are looked at with them, or each of ten that stall together, being cut off at
 * another line, would hold the room for its own second.
 */
bool backpressure_holds(const struct room *room, const struct client *client)
{
	return is_waited_for(client) &&
		behind(room, client) >= room->feed.size / 4 + held(room);
}

static void charge(struct room *room, struct client *client, int64_t held_ms)
{
	if (held_ms == 0)
		return;
	if (held_ms < client->grace) {
		client->grace -= (uint16_t)held_ms;
		return;
	}
	client->grace = 0;
	client->lagging = true;
	room->counters.lagged++;
}

/*
 * One walk: charges those who hold the room back for the time that has passed, returns the most
 * that one is behind.
 */
static size_t look_at_readers(struct room *room, int64_t held_ms)
{
	size_t most = 0;

	for (uint32_t i = 0; i < room->clients.top; i++) {
		struct client *client = &room->clients.list[i];
		size_t bytes;

		if (!client->blocked)
			continue;
		bytes = behind(room, client);
		if (bytes < room->feed.size / 4 + held(room))
			client->lagging = false;
		if (!is_waited_for(client))
			continue;
		if (backpressure_holds(room, client))
			charge(room, client, held_ms);
		if (!client->lagging && bytes > most)
			most = bytes;
	}
	return most;
}

void backpressure_update(struct room *room)
{
	int64_t held_ms;
	size_t most = held(room);

	if (backpressure_is_open(room))
		room->backpressure_at = room->now.usec;
	held_ms = (room->now.usec - room->backpressure_at) / TIME_MS;
	room->backpressure_at += held_ms * TIME_MS; /* what is left of a ms counts the next time */
	if (room->blocked > 0) {
		size_t behind_most = look_at_readers(room, held_ms);

		most = behind_most > most ? behind_most : most;
	}
	room->budget = (int64_t)room->feed.size / 2 - (int64_t)most;
	if (!backpressure_is_open(room))
		room_wake_at(room, room->now.usec + BACKPRESSURE_LOOK * TIME_MS);
}

void backpressure_unsent(struct client *client, size_t bytes)
{
	size_t taken = client->unread_bytes > bytes ? client->unread_bytes - bytes : 0;

	if (taken >= BACKPRESSURE_BYTES) {
		client->grace = BACKPRESSURE_GRACE;
		taken %= BACKPRESSURE_BYTES;
	}
	/* What it has taken of the next BACKPRESSURE_BYTES is counted when they are whole. */
	client->unread_bytes = (uint32_t)(bytes + taken);
}
