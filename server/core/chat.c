/*
 * The face is thin: it finds the client, sets the time and hands on to the module that knows.
 */
#include "server/core/chat.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/core/command/command.h"
#include "server/core/room/auth.h"
#include "server/core/room/backpressure.h"
#include "server/core/input.h"
#include "server/core/room/presence.h"
#include "server/core/snapshot.h"
#include "server/core/room/delivery.h"

_Static_assert((int)CHAT_IOV == (int)DELIVERY_PIECES, "a plan fills what the shell has room for");

struct chat {
	struct room room;
	struct delivery plan; /* of the last chat_output() */
};

struct chat *chat_create(const struct settings *settings, struct log *log, chat_random *random,
	struct time now)
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

int chat_set(struct chat *chat, const struct settings *settings, struct time now)
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
	room->stamp = (struct stamp){ 0 }; /* the time zone may be another one, too */
	for (uint32_t i = 0; i < room->clients.top; i++)
		if (room->clients.list[i].state == CLIENT_HERE)
			rate_reset(room, &room->clients.list[i]);
	room_wake_at(room, now.usec);
	return 0;
}

void chat_save(struct chat *chat, struct codec *p)
{
	snapshot_save(&chat->room, p);
}

struct chat *chat_load(struct codec *p, const struct settings *settings, struct log *log,
	chat_random *random, struct time now, const char **why)
{
	struct chat *chat = calloc(1, sizeof(*chat));

	*why = "out of memory";
	if (chat == NULL || snapshot_load(&chat->room, p, settings, log, random, now, why) < 0) {
		free(chat);
		return NULL;
	}
	return chat;
}

uint32_t chat_places(const struct chat *chat)
{
	return chat->room.clients.count;
}

uint32_t chat_clients(const struct chat *chat)
{
	return chat->room.client_count;
}

static struct client *client_at(struct chat *chat, uint32_t place)
{
	assert(place < chat->room.clients.count);
	return &chat->room.clients.list[place];
}

static uint32_t count_host(const struct room *room, const struct address *from)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < room->clients.top && i < room->clients.max; i++) {
		const struct client *client = &room->clients.list[i];

		if ((client->state == CLIENT_HERE || client->state == CLIENT_AUTH) &&
			address_same_host(&client->from, from))
			count++;
	}
	return count;
}

/* NULL when all are taken. Behind the last of them nobody is let in: room has to be made soon. */
static struct client *take_refusal(struct room *room)
{
	struct client *client = clients_take(&room->clients, true);

	if (clients_full(&room->clients, true))
		room_wake_at(room, room->now.usec);
	return client;
}

static int refuse(struct room *room, const struct address *from, const char *why)
{
	char address[ADDRESS_TEXT_MAX];
	struct client *client = take_refusal(room);

	room->counters.refused++;
	address_text(address, from);
	log_line(room->log, LOG_AT_NOTICE, "connect from %s refused: %s. TIME: %s", address, why,
		room_stamp(room));
	if (client == NULL)
		return -1;
	presence_refuse(room, client, from, why);
	return (int)clients_index(&room->clients, client);
}

bool chat_may_connect(const struct chat *chat)
{
	return !clients_full(&chat->room.clients, true);
}

int chat_connect(struct chat *chat, const struct address *from, bool is_operator,
	struct time now)
{
	struct room *room = &chat->room;
	uint32_t most = room->settings.max_per_host;
	struct client *client;
	char full[96];

	room->now = now;
	room->counters.connects++;
	if (bans_find(&room->bans, from, now.time) != NULL)
		return refuse(room, from, "you are banned from this server");
	if (most > 0 && count_host(room, from) >= most)
		return refuse(room, from, "too many connections from your address");
	client = clients_take(&room->clients, false);
	if (client == NULL) {
		snprintf(full, sizeof(full), "server full (%u of %u clients), try again later",
			(unsigned)room->clients.used, (unsigned)room->clients.max);
		return refuse(room, from, full);
	}
	presence_connect(room, client, from, is_operator);
	return (int)clients_index(&room->clients, client);
}

void chat_receive(struct chat *chat, uint32_t place, const uint8_t *bytes, size_t len,
	struct time now)
{
	chat->room.now = now;
	input_receive(&chat->room, client_at(chat, place), bytes, len);
}

void chat_end(struct chat *chat, uint32_t place, enum chat_end how, struct time now)
{
	struct client *client = client_at(chat, place);

	chat->room.now = now;
	client->ended = true;
	if (how == CHAT_RESET)
		chat_hangup(chat, place);
	input_end(&chat->room, client);
}

void chat_resume_input(struct chat *chat, struct time now)
{
	struct room *room = &chat->room;

	room->now = now;
	if (!room->waiting)
		return;
	room->waiting = false;
	/* Where the readers leave only a little to be said, everybody has a turn. */
	for (uint32_t n = 0, top = room->clients.top, first = room->turn; n < top; n++) {
		uint32_t i = (first + n) % top;
		bool open = backpressure_is_open(room);

		input_resume(room, &room->clients.list[i]);
		if (open && !backpressure_is_open(room))
			room->turn = i + 1;
	}
}

unsigned chat_wants(struct chat *chat, uint32_t place)
{
	const struct room *room = &chat->room;
	struct client *client = client_at(chat, place);
	unsigned wants = delivery_is_pending(room, client) ? CHAT_WRITE : 0;

	switch ((enum client_state)client->state) {
	case CLIENT_FREE:
		return 0;
	case CLIENT_AUTH:
	case CLIENT_HERE:
		if (client->waiting == NULL && !client->ended && !client->eof && !client->failed &&
			input_may_go_on(&chat->room, client))
			wants |= CHAT_READ;
		return wants;
	case CLIENT_LEAVING:
		if (!delivery_is_owing(room, client))
			return client->ended || client->deaf
				? CHAT_FREE
				: CHAT_SHUT | CHAT_READ | (client->quits ? CHAT_DONE : 0u);
		return client->ended ? wants : wants | CHAT_READ;
	case CLIENT_GONE:
		break;
	}
	return CHAT_FREE;
}

int chat_output(struct chat *chat, uint32_t place, struct iovec iov[CHAT_IOV])
{
	int count = delivery_next(&chat->room, client_at(chat, place), &chat->plan);

	for (int i = 0; i < count; i++)
		iov[i] = chat->plan.iov[i];
	return count;
}

static void set_blocked(struct room *room, struct client *client, bool blocked)
{
	if (client->blocked == blocked)
		return;
	client->blocked = blocked;
	if (blocked)
		room->blocked++;
	else
		room->blocked--;
}

void chat_sent(struct chat *chat, uint32_t place, size_t len, struct time now)
{
	struct room *room = &chat->room;
	struct client *client = client_at(chat, place);

	room->now = now;
	room->counters.bytes_out += len;
	client->unread_bytes = len < UINT32_MAX - client->unread_bytes ? client->unread_bytes + (uint32_t)len
							 : UINT32_MAX;
	delivery_done(room, client, &chat->plan, len);
	if (client->list != LIST_NONE)
		command_go_on(room, client);
	set_blocked(room, client, delivery_is_pending(room, client));
	if (!client->blocked)
		client->lagging = false;
	if (len > 0)
		client_drain(room, client);
}

void chat_hangup(struct chat *chat, uint32_t place)
{
	struct client *client = client_at(chat, place);

	client->deaf = true;
	client->list = LIST_NONE;
	client->replay_end = 0;
	client->replay_back = 0;
	outbox_finish(&client->outbox);
	set_blocked(&chat->room, client, false);
}

bool chat_is_throttling(const struct chat *chat, uint32_t place)
{
	const struct room *room = &chat->room;

	return !backpressure_is_open(room) && backpressure_holds(room, &room->clients.list[place]);
}

void chat_unsent(struct chat *chat, uint32_t place, size_t bytes)
{
	backpressure_unsent(client_at(chat, place), bytes);
}

int chat_detach(struct chat *chat, uint32_t place, struct time now)
{
	struct room *room = &chat->room;
	struct client *client;

	room->now = now;
	client = take_refusal(room);
	if (client == NULL)
		return -1;
	client_linger(room, client);
	chat_release(chat, place);
	return (int)clients_index(&room->clients, client);
}

void chat_release(struct chat *chat, uint32_t place)
{
	struct client *client = client_at(chat, place);

	set_blocked(&chat->room, client, false);
	clients_release(&chat->room.clients, client);
}

int64_t chat_deadline(const struct chat *chat)
{
	return chat->room.wake;
}

/* One who is in the room: announced after a while, thrown out after a longer one. */
static void tick_here(struct room *room, struct client *client)
{
	int64_t announce = client->last_activity + PRESENCE_ANNOUNCE_MS * TIME_MS;
	int64_t idle = client->last_activity + (int64_t)room->settings.idle_timeout * TIME_SECOND;

	if (room->settings.idle_timeout > 0 && room->now.usec >= idle) {
		room_error(room, client, "nothing from you for %u seconds: closed",
			(unsigned)room->settings.idle_timeout);
		presence_leave(room, client, LEAVING_THROWN, "timed out", 9);
		return;
	}
	if (room->settings.idle_timeout > 0)
		room_wake_about(room, idle);
	if (!client->announced && room->now.usec >= announce)
		presence_announce(room, client);
	else if (!client->announced)
		room_wake_about(room, announce);
}

static void tick_slot(struct room *room, struct client *client)
{
	if (client->failed)
		presence_leave(room, client, LEAVING_THROWN, "out of memory", 13);
	switch ((enum client_state)client->state) {
	case CLIENT_HERE:
		tick_here(room, client);
		break;
	case CLIENT_AUTH:
		if (room->now.usec >= client->due)
			auth_tick(room, client);
		if (client->state == CLIENT_AUTH)
			room_wake_at(room, client->due);
		break;
	case CLIENT_LEAVING:
		if (room->now.usec >= client->due || client->failed)
			client->state = CLIENT_GONE;
		else
			room_wake_at(room, client->due);
		break;
	case CLIENT_FREE:
	case CLIENT_GONE:
		break;
	}
	if (input_is_due(room, client))
		room_wake_at(room, room->now.usec);
}

static void tick_sessions(struct room *room)
{
	struct session *first;

	while ((first = sessions_first(&room->sessions)) != NULL) {
		if (room->now.usec < first->due) {
			room_wake_at(room, first->due);
			return;
		}
		session_expire(room, first);
	}
}

/*
 * Those who were refused are given time to end in good order, unless so many come that there are no
 * places left: then half of them, the first who came, have had their line, and must do with that.
 */
static void make_room_for_refusals(struct room *room)
{
	struct client *first = &room->clients.list[room->clients.max];

	if (!clients_full(&room->clients, true))
		return;
	for (int i = 0; i < ROOM_REFUSALS / 2; i++) {
		struct client *oldest = first;

		for (struct client *client = first; client < first + ROOM_REFUSALS; client++)
			if (oldest->state == CLIENT_GONE ||
				(client->state != CLIENT_GONE && client->due < oldest->due))
				oldest = client;
		oldest->state = CLIENT_GONE;
	}
}

void chat_tick(struct chat *chat, struct time now)
{
	struct room *room = &chat->room;
	bool due = now.usec >= room->wake || room->waiting;

	room->now = now;
	if (due)
		room->wake = TIME_NEVER; /* each that is still ahead is found again below */
	backpressure_update(room);
	if (!due)
		return;
	for (uint32_t i = 0; i < room->clients.top; i++)
		tick_slot(room, &room->clients.list[i]);
	make_room_for_refusals(room);
	tick_sessions(room);
}

struct feed *chat_feed(struct chat *chat)
{
	return &chat->room.feed;
}

/* A line to every operator. */
static void tell_operators(struct room *room, const char *text)
{
	for (uint32_t i = 0; i < room->clients.top && i < room->clients.max; i++) {
		struct client *client = &room->clients.list[i];

		if (client->state == CLIENT_HERE && client->is_operator)
			room_answer(room, client, "%s", text);
	}
}

void chat_history_failed(struct chat *chat, const char *reason, struct time now)
{
	struct room *room = &chat->room;

	room->now = now;
	snprintf(room->history_fault, sizeof(room->history_fault),
		"the history can't be written: %s", reason);
	log_line(room->log, LOG_AT_ERROR, "%s. TIME: %s", room->history_fault, room_stamp(room));
	tell_operators(room, room->history_fault);
}

void chat_history_works(struct chat *chat, uint64_t lost, struct time now)
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

void chat_shutdown(struct chat *chat, const char *text, size_t len, struct time now)
{
	struct room *room = &chat->room;

	room->now = now;
	if (len > 0)
		room_event(room, "server shutting down (%.*s)", (int)len, text);
	else
		room_event(room, "server shutting down");
	room->settings.announce_max = 0;
	for (uint32_t i = 0; i < room->clients.top; i++)
		presence_leave(room, &room->clients.list[i], LEAVING_THROWN, "", 0);
}

void chat_set_durable(struct chat *chat, uint64_t id)
{
	chat->room.durable = id;
}

bool chat_is_owing(const struct chat *chat)
{
	const struct room *room = &chat->room;

	for (uint32_t i = 0; i < room->clients.top; i++)
		if (room->clients.list[i].state != CLIENT_FREE)
			return true;
	return false;
}

bool chat_stopping(const struct chat *chat, const char **text, size_t *len)
{
	*text = chat->room.stop_text;
	*len = *text != NULL ? strlen(*text) : 0;
	return chat->room.stopping;
}
