#include "server/core/presence.h"

#include <stdio.h>
#include <string.h>

#include "server/core/flow.h"
#include "server/core/stream.h"

static const char default_name[] = "chatd";

static void log_connect(struct room *room, const struct slot *slot)
{
	char address[ADDRESS_TEXT_MAX];

	address_text(address, &slot->from);
	log_line(room->log, LOG_AT_INFO,
		"client (#%u) connect from %s, number of current clients: %u. TIME: %s",
		(unsigned)slots_index(&room->slots, slot) + 1, address, (unsigned)room->clients,
		room_stamp(room));
}

void presence_connect(struct room *room, struct slot *slot, const struct address *from,
	bool is_operator)
{
	slot->from = *from;
	slot->operator= is_operator;
	slot->cursor = room->feed.next;
	slot->allowance = FLOW_ALLOWANCE;
	slot->heard = room->now.ticks;
	slot->since = (uint32_t)room->now.time;
	if (++room->clients > room->counters.peak)
		room->counters.peak = room->clients;
	log_connect(room, slot);
	if (room->settings.password == NULL) {
		presence_enter(room, slot);
		return;
	}
	slot->state = SLOT_DOOR;
	slot->due = room->now.ticks + PRESENCE_DOOR_MS * MOMENT_MS;
	room_wake_at(room, slot->due);
	room_answer(room, slot, "password:");
}

void presence_motd(struct room *room, struct slot *slot)
{
	const char *motd = room->settings.motd;

	while (motd != NULL && *motd != '\0') {
		size_t len = strcspn(motd, "\n");

		room_tell_text(room, slot, MESSAGE_ANSWER, NULL, 0, motd, len);
		motd += len + (motd[len] == '\n');
	}
}

static void greet(struct room *room, struct slot *slot)
{
	const char *name = room->settings.name;
	char limit[48] = "";

	if (room->settings.max_message != MESSAGE_DEFAULT)
		snprintf(limit, sizeof(limit), "messages up to %u bytes, ",
			(unsigned)room->settings.max_message);
	room_answer(room, slot, "%s: you are #%u, %u of %u online, %s/help for help",
		name != NULL ? name : default_name,
		(unsigned)slots_index(&room->slots, slot) + 1, (unsigned)room->clients,
		(unsigned)room->slots.max, limit);
	presence_motd(room, slot);
}

void presence_enter(struct room *room, struct slot *slot)
{
	slot->state = SLOT_HERE;
	slot->paid = 0;
	slot->cursor = room->feed.next;
	slot->heard = room->now.ticks;
	greet(room, slot);
	room_tell_operator(room, slot);
	stream_replay(room, slot, room->settings.replay);
	room_wake_about(room, slot->heard + PRESENCE_ANNOUNCE_MS * MOMENT_MS);
	if (room->settings.idle_timeout > 0)
		room_wake_about(room,
			slot->heard + (int64_t)room->settings.idle_timeout * MOMENT_SECOND);
}

/* Above so many people nobody's coming and going is said. */
static bool is_announced(const struct room *room, uint32_t online)
{
	return online <= room->settings.announce_max;
}

/* One less is online already. */
static void say_left(struct room *room, const char *who, size_t who_len, const char *text,
	size_t len)
{
	if (!is_announced(room, room->online + 1))
		return;
	if (len > 0)
		room_event(room, "%.*s left (%.*s)", (int)who_len, who, (int)len, text);
	else
		room_event(room, "%.*s left (%u online)", (int)who_len, who,
			(unsigned)room->online);
}

/* The one who is waited for has left, for the room; *who is what it was called. */
static void give_up(struct room *room, struct absence *absence)
{
	char who[WHO_MAX];
	size_t len = absence->nick_len;

	if (len > 0)
		memcpy(who, absence->nick, len);
	else
		len = (size_t)snprintf(who, sizeof(who), "#%u", (unsigned)absence->number);
	if (absence->nick_len > 0 || absence->number > 0)
		say_left(room, who, len, "", 0);
	absence->number = 0;
}

void presence_take_number(struct room *room, const struct slot *slot)
{
	struct absence *namesake = absences_by_number(&room->absences,
		slots_index(&room->slots, slot) + 1);

	if (slot->nick_len == 0 && namesake != NULL)
		give_up(room, namesake);
}

void presence_announce(struct room *room, struct slot *slot)
{
	char who[WHO_MAX];
	int len;

	if (slot->announced || slot->state != SLOT_HERE)
		return;
	presence_take_number(room, slot);
	slot->announced = true;
	room->online++;
	len = (int)room_who(room, slot, who);
	if (is_announced(room, room->online))
		room_event(room, "%.*s joined (%u online)", len, who, (unsigned)room->online);
}

/* Keeps the place of one who may come back; false if there is no reason or no memory to. */
static bool keep(struct room *room, struct slot *slot, enum leaving how)
{
	int64_t due = room->now.ticks + (int64_t)ABSENCE_SECONDS * MOMENT_SECOND;

	if (how != LEAVING_LOST || !slot->has_token)
		return false;
	/* No more are waited for than could come back. */
	if (room->absences.count >= room->slots.max)
		presence_expire(room, absences_first(&room->absences));
	if (absences_add(&room->absences, slot, slots_index(&room->slots, slot) + 1, due) < 0)
		return false;
	room_wake_at(room, due);
	return true;
}

void presence_leave(struct room *room, struct slot *slot, enum leaving how, const char *text,
	size_t len)
{
	char who[WHO_MAX];

	if (slot->state != SLOT_HERE && slot->state != SLOT_DOOR)
		return;
	slot->until = slot->state == SLOT_HERE ? room->feed.next : slot->cursor;
	if (slot->announced) {
		room->online--;
		if (!keep(room, slot, how))
			say_left(room, who, room_who(room, slot, who), text, len);
	}
	room->clients--;
	room_log(room, slot, LOG_AT_INFO, "exit, number of current clients: %u",
		(unsigned)room->clients);
	slot->announced = false;
	slot->nick_len = 0;
	slot->list = LIST_NONE;
	slot->pausing = false;
	/* Who says that it leaves need not end its side: its place is free as soon as it has all. */
	slot->quits = how == LEAVING_WISH;
	slot_forget_input(slot);
	slot->state = slot->deaf ? SLOT_GONE : SLOT_LEAVING;
	slot->due = room->now.ticks + PRESENCE_OWED_MS * MOMENT_MS;
	room_wake_at(room, slot->due);
	presence_settle(room, slot);
}

void presence_turn_away(struct room *room, struct slot *slot, const char *why)
{
	log_line(room->log, LOG_AT_NOTICE, "client (#%u) is no chat client: %s",
		(unsigned)slots_index(&room->slots, slot) + 1, why);
	room->counters.strangers++;
	slot->deaf = true;
	presence_leave(room, slot, LEAVING_THROWN, "", 0);
}

void presence_refuse(struct room *room, struct slot *slot, const struct address *from,
	const char *text)
{
	slot->from = *from;
	slot->state = SLOT_LEAVING;
	slot->cursor = slot->until = room->feed.next;
	slot->due = room->now.ticks + PRESENCE_LINGER_MS * MOMENT_MS;
	room_wake_at(room, slot->due);
	room_error(room, slot, "%s", text);
}

void presence_part(struct room *room, struct slot *slot)
{
	slot->state = SLOT_LEAVING;
	slot->cursor = slot->until = room->feed.next;
	presence_settle(room, slot);
}

void presence_settle(struct room *room, struct slot *slot)
{
	int64_t patience = PRESENCE_OWED_MS;

	if (slot->state != SLOT_LEAVING || slot->shut)
		return;
	if (!stream_waits(room, slot)) {
		slot->shut = true;
		patience = PRESENCE_LINGER_MS;
	}
	slot->due = room->now.ticks + patience * MOMENT_MS;
	room_wake_at(room, slot->due);
}

void presence_expire(struct room *room, struct absence *absence)
{
	give_up(room, absence);
	absences_remove(&room->absences, absence);
}
