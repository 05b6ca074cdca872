#include "server/core/flow.h"

/*
 * Rate: the generic cell rate algorithm. Each line costs 1/rate seconds, paid is the time up to
 * which all lines so far have been paid for, and it may run ahead of the clock by a burst.
 */
static int64_t line_cost(const struct room *room)
{
	return MOMENT_SECOND / room->settings.rate;
}

bool flow_may_speak(const struct room *room, const struct slot *slot, int64_t *when)
{
	if (room->settings.rate == 0)
		return true;
	*when = slot->paid - line_cost(room) * ((int64_t)room->settings.burst - 1);
	return *when <= room->now.ticks;
}

void flow_spoken(struct room *room, struct slot *slot)
{
	if (room->settings.rate == 0)
		return;
	if (slot->paid < room->now.ticks)
		slot->paid = room->now.ticks;
	slot->paid += line_cost(room);
}

void flow_new_rate(const struct room *room, struct slot *slot)
{
	int64_t most = room->now.ticks;

	if (room->settings.rate > 0)
		most += line_cost(room) * (int64_t)room->settings.burst;
	if (slot->paid > most)
		slot->paid = most;
}

bool flow_is_open(const struct room *room)
{
	return room->budget > 0;
}

/* What has been said since the lines that the slot is still owed began; a replay is not owed. */
static size_t behind(const struct room *room, const struct slot *slot)
{
	uint64_t cursor = slot->cursor;

	if (slot->replay_end != 0 && slot->replay_back == 0)
		cursor = slot->replay_end;
	if (slot->state == SLOT_LEAVING && cursor >= slot->until)
		return 0;
	if (cursor < room->feed.first)
		return room->feed.size;
	return feed_behind(&room->feed, cursor);
}

static bool is_waited_for(const struct slot *slot)
{
	return (slot->state == SLOT_HERE || slot->state == SLOT_LEAVING) && slot->blocked &&
		!slot->lagging && !slot->deaf;
}

/*
 * A room is held back by those who are half a feed behind. Those who are a quarter behind would be
 * the next: they are looked at with them, or each of ten that stall together, being cut off at
 * another line, would hold the room for its own second.
 */
bool flow_holds(const struct room *room, const struct slot *slot)
{
	return is_waited_for(slot) && behind(room, slot) >= room->feed.size / 4;
}

static void charge(struct room *room, struct slot *slot, int64_t held_ms)
{
	if (held_ms == 0)
		return;
	if (held_ms < slot->allowance) {
		slot->allowance -= (uint16_t)held_ms;
		return;
	}
	slot->allowance = 0;
	slot->lagging = true;
	room->counters.lagged++;
}

/*
 * One walk: charges those who hold the room back for the time that has passed, returns the most
 * that one is behind.
 */
static size_t look_at_readers(struct room *room, int64_t held_ms)
{
	size_t most = 0;

	for (uint32_t i = 0; i < room->slots.top; i++) {
		struct slot *slot = &room->slots.list[i];
		size_t bytes;

		if (!slot->blocked)
			continue;
		bytes = behind(room, slot);
		if (bytes < room->feed.size / 4)
			slot->lagging = false;
		if (!is_waited_for(slot))
			continue;
		if (flow_holds(room, slot))
			charge(room, slot, held_ms);
		if (!slot->lagging && bytes > most)
			most = bytes;
	}
	return most;
}

void flow_update(struct room *room)
{
	int64_t held_ms;
	size_t most = 0;

	if (flow_is_open(room))
		room->flow_at = room->now.ticks;
	held_ms = (room->now.ticks - room->flow_at) / MOMENT_MS;
	room->flow_at += held_ms * MOMENT_MS; /* what is left of a ms counts the next time */
	if (room->blocked > 0)
		most = look_at_readers(room, held_ms);
	room->budget = (int64_t)room->feed.size / 2 - (int64_t)most;
	if (!flow_is_open(room))
		room_wake_at(room, room->now.ticks + FLOW_LOOK * MOMENT_MS);
}

void flow_unsent(struct slot *slot, size_t bytes)
{
	size_t taken = slot->untaken > bytes ? slot->untaken - bytes : 0;

	if (taken >= FLOW_BYTES) {
		slot->allowance = FLOW_ALLOWANCE;
		taken %= FLOW_BYTES;
	}
	/* What it has taken of the next FLOW_BYTES is counted when they are whole. */
	slot->untaken = (uint32_t)(bytes + taken);
}
