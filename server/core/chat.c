/*
 * The face is thin: it finds the slot, sets the time and hands on to the module that knows.
 */
#include "server/core/chat.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/core/command.h"
#include "server/core/door.h"
#include "server/core/flow.h"
#include "server/core/input.h"
#include "server/core/presence.h"
#include "server/core/state.h"
#include "server/core/stream.h"

_Static_assert((int)CHAT_IOV == (int)STREAM_PIECES, "a plan fills what the shell has room for");

struct chat {
	struct room room;
	struct stream_plan plan; /* of the last chat_owed() */
};

struct chat *chat_create(const struct settings *settings, struct log *log, chat_random *random,
	struct moment now)
{
	struct chat *chat = calloc(1, sizeof(*chat));

	if (chat != NULL && room_init(&chat->room, settings, log, random, now) < 0) {
		free(chat);
		return NULL;
	}
	return chat;
}

void chat_destroy(struct chat *chat)
{
	if (chat == NULL)
		return;
	room_finish(&chat->room);
	free(chat);
}

int chat_set(struct chat *chat, const struct settings *settings, struct moment now)
{
	struct room *room = &chat->room;
	struct settings copy, old = room->settings;

	room->now = now;
	if (settings_copy(&copy, settings) < 0)
		return -1;
	copy.max_clients = old.max_clients;
	copy.feed_bytes = old.feed_bytes;
	room->settings = copy;
	if (room_fit(room) < 0) {
		room->settings = old;
		settings_finish(&copy);
		return -1;
	}
	settings_finish(&old);
	for (uint32_t i = 0; i < room->slots.top; i++)
		if (room->slots.list[i].state == SLOT_HERE)
			flow_new_rate(room, &room->slots.list[i]);
	room_wake_at(room, now.ticks);
	return 0;
}

void chat_save(struct chat *chat, struct pack *p)
{
	state_save(&chat->room, p);
}

struct chat *chat_load(struct pack *p, const struct settings *settings, struct log *log,
	chat_random *random, struct moment now, const char **why)
{
	struct chat *chat = calloc(1, sizeof(*chat));

	*why = "out of memory";
	if (chat == NULL || state_load(&chat->room, p, settings, log, random, now, why) < 0) {
		free(chat);
		return NULL;
	}
	return chat;
}

uint32_t chat_places(const struct chat *chat)
{
	return chat->room.slots.count;
}

uint32_t chat_clients(const struct chat *chat)
{
	return chat->room.clients;
}

static struct slot *slot_at(struct chat *chat, uint32_t place)
{
	assert(place < chat->room.slots.count);
	return &chat->room.slots.list[place];
}

static uint32_t count_host(const struct room *room, const struct address *from)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < room->slots.top && i < room->slots.max; i++) {
		const struct slot *slot = &room->slots.list[i];

		if ((slot->state == SLOT_HERE || slot->state == SLOT_DOOR) &&
			address_same_host(&slot->from, from))
			count++;
	}
	return count;
}

/* NULL when all are taken. Behind the last of them nobody is let in: room has to be made soon. */
static struct slot *take_refusal(struct room *room)
{
	struct slot *slot = slots_take(&room->slots, true);

	if (slots_full(&room->slots, true))
		room_wake_at(room, room->now.ticks);
	return slot;
}

static int refuse(struct room *room, const struct address *from, const char *why)
{
	char address[ADDRESS_TEXT_MAX];
	struct slot *slot = take_refusal(room);

	room->counters.refused++;
	address_text(address, from);
	log_line(room->log, LOG_AT_NOTICE, "connect from %s refused: %s. TIME: %s", address, why,
		room_stamp(room));
	if (slot == NULL)
		return -1;
	presence_refuse(room, slot, from, why);
	return (int)slots_index(&room->slots, slot);
}

bool chat_may_connect(const struct chat *chat)
{
	return !slots_full(&chat->room.slots, true);
}

int chat_connect(struct chat *chat, const struct address *from, bool is_operator,
	struct moment now)
{
	struct room *room = &chat->room;
	uint32_t most = room->settings.max_per_host;
	struct slot *slot;
	char full[96];

	room->now = now;
	room->counters.connects++;
	if (bans_find(&room->bans, from, now.time) != NULL)
		return refuse(room, from, "you are banned from this server");
	if (most > 0 && count_host(room, from) >= most)
		return refuse(room, from, "too many connections from your address");
	slot = slots_take(&room->slots, false);
	if (slot == NULL) {
		snprintf(full, sizeof(full), "server full (%u of %u clients), try again later",
			(unsigned)room->slots.used, (unsigned)room->slots.max);
		return refuse(room, from, full);
	}
	presence_connect(room, slot, from, is_operator);
	return (int)slots_index(&room->slots, slot);
}

void chat_receive(struct chat *chat, uint32_t place, const uint8_t *bytes, size_t len,
	struct moment now)
{
	chat->room.now = now;
	input_receive(&chat->room, slot_at(chat, place), bytes, len);
}

void chat_end(struct chat *chat, uint32_t place, enum chat_end how, struct moment now)
{
	struct slot *slot = slot_at(chat, place);

	chat->room.now = now;
	slot->ended = true;
	if (how == CHAT_RESET)
		chat_deaf(chat, place);
	input_end(&chat->room, slot);
}

void chat_catch_up(struct chat *chat, struct moment now)
{
	struct room *room = &chat->room;

	room->now = now;
	if (!room->waiting)
		return;
	room->waiting = false;
	/* Where the readers leave only a little to be said, everybody has a turn. */
	for (uint32_t n = 0, top = room->slots.top, first = room->turn; n < top; n++) {
		uint32_t i = (first + n) % top;
		bool open = flow_is_open(room);

		input_catch_up(room, &room->slots.list[i]);
		if (open && !flow_is_open(room))
			room->turn = i + 1;
	}
}

unsigned chat_wants(struct chat *chat, uint32_t place)
{
	const struct room *room = &chat->room;
	struct slot *slot = slot_at(chat, place);
	unsigned wants = stream_waits(room, slot) ? CHAT_WRITE : 0;

	switch ((enum slot_state)slot->state) {
	case SLOT_FREE:
		return 0;
	case SLOT_DOOR:
	case SLOT_HERE:
		if (slot->waiting == NULL && !slot->ended && !slot->failed &&
			input_may_go_on(&chat->room, slot))
			wants |= CHAT_READ;
		return wants;
	case SLOT_LEAVING:
		if (wants == 0)
			return slot->ended || slot->deaf
				? CHAT_FREE
				: CHAT_SHUT | CHAT_READ | (slot->quits ? CHAT_DONE : 0u);
		return slot->ended ? wants : wants | CHAT_READ;
	case SLOT_GONE:
		break;
	}
	return CHAT_FREE;
}

int chat_owed(struct chat *chat, uint32_t place, struct iovec iov[CHAT_IOV])
{
	int count = stream_owed(&chat->room, slot_at(chat, place), &chat->plan);

	for (int i = 0; i < count; i++)
		iov[i] = chat->plan.iov[i];
	return count;
}

static void set_blocked(struct room *room, struct slot *slot, bool blocked)
{
	if (slot->blocked == blocked)
		return;
	slot->blocked = blocked;
	if (blocked)
		room->blocked++;
	else
		room->blocked--;
}

void chat_sent(struct chat *chat, uint32_t place, size_t len, struct moment now)
{
	struct room *room = &chat->room;
	struct slot *slot = slot_at(chat, place);

	room->now = now;
	room->counters.bytes_out += len;
	slot->untaken = len < UINT32_MAX - slot->untaken ? slot->untaken + (uint32_t)len
							 : UINT32_MAX;
	stream_sent(room, slot, &chat->plan, len);
	if (slot->list != LIST_NONE)
		command_go_on(room, slot);
	set_blocked(room, slot, stream_waits(room, slot));
	if (!slot->blocked)
		slot->lagging = false;
	if (len > 0)
		presence_settle(room, slot);
}

void chat_deaf(struct chat *chat, uint32_t place)
{
	struct slot *slot = slot_at(chat, place);

	slot->deaf = true;
	slot->list = LIST_NONE;
	slot->replay_end = 0;
	slot->replay_back = 0;
	reply_finish(&slot->reply);
	set_blocked(&chat->room, slot, false);
}

bool chat_holds(const struct chat *chat, uint32_t place)
{
	const struct room *room = &chat->room;

	return !flow_is_open(room) && flow_holds(room, &room->slots.list[place]);
}

void chat_unsent(struct chat *chat, uint32_t place, size_t bytes)
{
	flow_unsent(slot_at(chat, place), bytes);
}

int chat_part(struct chat *chat, uint32_t place, struct moment now)
{
	struct room *room = &chat->room;
	struct slot *slot;

	room->now = now;
	slot = take_refusal(room);
	if (slot == NULL)
		return -1;
	presence_part(room, slot);
	chat_release(chat, place);
	return (int)slots_index(&room->slots, slot);
}

void chat_release(struct chat *chat, uint32_t place)
{
	struct slot *slot = slot_at(chat, place);

	set_blocked(&chat->room, slot, false);
	slots_release(&chat->room.slots, slot);
}

int64_t chat_deadline(const struct chat *chat)
{
	return chat->room.wake;
}

/* One who is in the room: announced after a while, thrown out after a longer one. */
static void tick_here(struct room *room, struct slot *slot)
{
	int64_t announce = slot->heard + PRESENCE_ANNOUNCE_MS * MOMENT_MS;
	int64_t idle = slot->heard + (int64_t)room->settings.idle_timeout * MOMENT_SECOND;

	if (room->settings.idle_timeout > 0 && room->now.ticks >= idle) {
		room_error(room, slot, "nothing from you for %u seconds: closed",
			(unsigned)room->settings.idle_timeout);
		presence_leave(room, slot, LEAVING_THROWN, "timed out", 9);
		return;
	}
	if (room->settings.idle_timeout > 0)
		room_wake_about(room, idle);
	if (!slot->announced && room->now.ticks >= announce)
		presence_announce(room, slot);
	else if (!slot->announced)
		room_wake_about(room, announce);
}

static void tick_slot(struct room *room, struct slot *slot)
{
	if (slot->failed)
		presence_leave(room, slot, LEAVING_THROWN, "out of memory", 13);
	switch ((enum slot_state)slot->state) {
	case SLOT_HERE:
		tick_here(room, slot);
		break;
	case SLOT_DOOR:
		if (room->now.ticks >= slot->due)
			door_tick(room, slot);
		if (slot->state == SLOT_DOOR)
			room_wake_at(room, slot->due);
		break;
	case SLOT_LEAVING:
		if (room->now.ticks >= slot->due || slot->failed)
			slot->state = SLOT_GONE;
		else
			room_wake_at(room, slot->due);
		break;
	case SLOT_FREE:
	case SLOT_GONE:
		break;
	}
	if (input_is_due(room, slot))
		room_wake_at(room, room->now.ticks);
}

static void tick_absences(struct room *room)
{
	struct absence *first;

	while ((first = absences_first(&room->absences)) != NULL) {
		if (room->now.ticks < first->due) {
			room_wake_at(room, first->due);
			return;
		}
		presence_expire(room, first);
	}
}

/*
 * Those who were refused are given time to end in good order, unless so many come that there are no
 * places left: then half of them, the first who came, have had their line, and must do with that.
 */
static void make_room_for_refusals(struct room *room)
{
	struct slot *first = &room->slots.list[room->slots.max];

	if (!slots_full(&room->slots, true))
		return;
	for (int i = 0; i < ROOM_REFUSALS / 2; i++) {
		struct slot *oldest = first;

		for (struct slot *slot = first; slot < first + ROOM_REFUSALS; slot++)
			if (oldest->state == SLOT_GONE ||
				(slot->state != SLOT_GONE && slot->due < oldest->due))
				oldest = slot;
		oldest->state = SLOT_GONE;
	}
}

void chat_tick(struct chat *chat, struct moment now)
{
	struct room *room = &chat->room;
	bool due = now.ticks >= room->wake || room->waiting;

	room->now = now;
	if (due)
		room->wake = MOMENT_NEVER; /* each that is still ahead is found again below */
	flow_update(room);
	if (!due)
		return;
	for (uint32_t i = 0; i < room->slots.top; i++)
		tick_slot(room, &room->slots.list[i]);
	make_room_for_refusals(room);
	tick_absences(room);
}

struct feed *chat_feed(struct chat *chat)
{
	return &chat->room.feed;
}

/* A line to every operator. */
static void tell_operators(struct room *room, const char *text)
{
	for (uint32_t i = 0; i < room->slots.top && i < room->slots.max; i++) {
		struct slot *slot = &room->slots.list[i];

		if (slot->state == SLOT_HERE && slot->operator)
			room_answer(room, slot, "%s", text);
	}
}

void chat_history_failed(struct chat *chat, const char *reason, struct moment now)
{
	struct room *room = &chat->room;

	room->now = now;
	snprintf(room->history_fault, sizeof(room->history_fault),
		"the history can't be written: %s", reason);
	log_line(room->log, LOG_AT_ERROR, "%s. TIME: %s", room->history_fault, room_stamp(room));
	tell_operators(room, room->history_fault);
}

void chat_history_works(struct chat *chat, uint64_t lost, struct moment now)
{
	char text[128];

	chat->room.now = now;
	chat->room.counters.history_lost += lost;
	*chat->room.history_fault = '\0';
	snprintf(text, sizeof(text), "the history is written again, %llu lines are not in it",
		(unsigned long long)lost);
	log_line(chat->room.log, LOG_AT_NOTICE, "%s. TIME: %s", text, room_stamp(&chat->room));
	tell_operators(&chat->room, text);
}

void chat_shutdown(struct chat *chat, const char *text, size_t len, struct moment now)
{
	struct room *room = &chat->room;

	room->now = now;
	if (len > 0)
		room_event(room, "server shutting down (%.*s)", (int)len, text);
	else
		room_event(room, "server shutting down");
	room->settings.announce_max = 0;
	for (uint32_t i = 0; i < room->slots.top; i++)
		presence_leave(room, &room->slots.list[i], LEAVING_THROWN, "", 0);
}

bool chat_is_owing(const struct chat *chat)
{
	const struct room *room = &chat->room;

	for (uint32_t i = 0; i < room->slots.top; i++)
		if (room->slots.list[i].state != SLOT_FREE)
			return true;
	return false;
}

bool chat_stopping(const struct chat *chat, const char **text, size_t *len)
{
	*text = chat->room.stop_text;
	*len = *text != NULL ? strlen(*text) : 0;
	return chat->room.stopping;
}
