/*
 * The face (chat.h). The rule: it finds the client and hands on to the module that knows.
 */
#include "server/core/chat.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/core/admission.h"
#include "server/core/client/rate.h"
#include "server/core/command/command.h"
#include "server/core/command/join.h"
#include "server/core/input.h"
#include "server/core/room/backpressure.h"
#include "server/core/room/delivery.h"
#include "server/core/room/presence.h"
#include "server/core/room/rooms_plan.h"
#include "server/core/room/tell.h"
#include "server/core/share/share.h"
#include "server/core/snapshot.h"
#include "server/core/store.h"
#include "server/core/tick.h"
#include "server/core/web.h"

enum { SHUTDOWN_TEXT = 1024 }; /* bytes of a reason that one node gives its people */

_Static_assert((int)CHAT_IOV == (int)DELIVERY_PIECES + 1,
	"a plan fills what the shell has room for");
_Static_assert((int)CHAT_WEB == (int)CLIENTS_WEB, "the shell counts places as we do");
_Static_assert((int)CHAT_READ_MAX == (int)HTTP_PEER_READ_MAX, "there is room for what comes");
_Static_assert((int)CHAT_REFUSALS == (int)CLIENTS_REFUSALS, "the shell counts places as we do");

struct chat *chat_create(const struct settings *settings, struct log *log, chat_random *random,
	struct time now)
{
	struct chat *chat = calloc(1, sizeof(*chat));
	struct rooms_plan plan = { 0 };

	if (chat == NULL)
		return NULL;
	if (chat_init(chat, settings, log, random, now) < 0) {
		free(chat);
		return NULL;
	}
	if (rooms_plan_make(&plan, chat, settings) < 0) {
		chat_destroy(chat);
		return NULL;
	}
	rooms_plan_carry_out(&plan, chat);
	return chat;
}

void chat_destroy(struct chat *chat)
{
	if (chat == NULL)
		return;
	share_destroy(chat->share);
	chat_finish(chat);
	free(chat);
}

void chat_turn(struct chat *chat, struct time now)
{
	int64_t offset = now.time - now.usec / TIME_SECOND;

	/* The clock was set: in the store bans end at another time of day. */
	if (offset > chat->clock_offset + 1 || offset < chat->clock_offset - 1) {
		chat->clock_offset = offset;
		chat->store_changes += chat->bans.count > 0;
	}
	chat->now = now;
	delivery_turn(&chat->plan);
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

int chat_set(struct chat *chat, const struct settings *settings)
{
	struct settings copy, old = chat->settings;
	struct rooms_plan plan = { 0 };

	if (settings_copy(&copy, settings) < 0)
		return -1;
	copy.max_clients = old.max_clients;
	copy.feed_bytes = old.feed_bytes;
	chat->settings = copy;
	if (chat_fit(chat) < 0 || rooms_plan_make(&plan, chat, &copy) < 0 ||
		bots_read(&chat->bots, copy.bots) < 0) {
		rooms_plan_finish(&plan, chat);
		chat->settings = old;
		settings_finish(&copy);
		return -1;
	}
	rooms_plan_carry_out(&plan, chat);
	/* The newest counts: a file that was changed, or else what /motd has set. */
	if (chat->motd != NULL && !same_text(old.motd, copy.motd)) {
		settings_set_text(&chat->motd, NULL, 0);
		chat->store_changes++;
	}
	settings_finish(&old);
	chat->stamp = (struct stamp){ 0 }; /* the time zone may be another one, too */
	for (uint32_t i = 0; i < chat->clients.top; i++) {
		if (chat->clients.list[i].state == CLIENT_HERE)
			chat_reset_rate(chat, &chat->clients.list[i]);
		if (chat->clients.list[i].state != CLIENT_FREE)
			chat_wake_client(chat, &chat->clients.list[i], chat->now.usec);
	}
	chat_wake_at(chat, chat->now.usec);
	return 0;
}

void chat_save(struct chat *chat, struct codec *p)
{
	snapshot_save(chat, p);
}

struct chat *chat_load(struct codec *p, const struct settings *settings, struct log *log,
	chat_random *random, struct time now, const char **why)
{
	struct chat *chat = calloc(1, sizeof(*chat));

	*why = "out of memory";
	if (chat == NULL || snapshot_load(chat, p, settings, log, random, now, why) < 0) {
		free(chat);
		return NULL;
	}
	return chat;
}

uint32_t chat_places(const struct chat *chat)
{
	return chat->clients.count;
}

uint32_t chat_clients(const struct chat *chat)
{
	return chat->client_count;
}

static struct client *client_at(struct chat *chat, uint32_t place)
{
	assert(place < chat->clients.count);
	return &chat->clients.list[place];
}

bool chat_may_connect(const struct chat *chat)
{
	return !clients_full(&chat->clients, CLIENTS_REFUSED);
}

int chat_connect(struct chat *chat, const struct address *from, unsigned how, const char *room)
{
	struct client *client = admission_connect(chat, from, how, room);

	return client != NULL ? (int)clients_index(&chat->clients, client) : -1;
}

int chat_connect_web(struct chat *chat, const struct address *from,
	const struct web_profile *profile)
{
	struct client *client = web_connect(chat, from, profile);

	return client != NULL ? (int)clients_index(&chat->clients, client) : -1;
}

void chat_receive(struct chat *chat, uint32_t place, const uint8_t *bytes, size_t len)
{
	struct client *client = client_at(chat, place);

	if (client->state == CLIENT_HTTP)
		web_receive(chat, client, bytes, len);
	else
		input_receive(chat, client, bytes, len);
	/* One that has moved leaves a free place. */
	if (client->state != CLIENT_FREE)
		chat_touch(chat, client);
}

bool chat_moved(struct chat *chat, uint32_t *from, uint32_t *to)
{
	bool moved = chat->moved;

	chat->moved = false;
	*from = chat->moved_from;
	*to = chat->moved_to;
	return moved;
}

void chat_end(struct chat *chat, uint32_t place, enum chat_end how)
{
	struct client *client = client_at(chat, place);

	client->ended = true;
	chat_touch(chat, client);
	if (how == CHAT_RESET)
		chat_hangup(chat, place);
	if (client->state == CLIENT_HTTP)
		web_end(client);
	else
		input_end(chat, client);
}

/* Takes up what waits with the clients from one place up to another. */
static void resume_input(struct chat *chat, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; place_set_take(&chat->work.waiting, &i); i++) {
		struct client *client = &chat->clients.list[i];
		const struct room *room = client->member.room;
		bool open = backpressure_is_open(room);

		if (i >= to) {
			chat_await(chat, client);
			return;
		}
		input_resume(chat, client);
		chat_touch(chat, client);
		if (open && !backpressure_is_open(room))
			chat->turn = i + 1;
	}
}

void chat_resume_input(struct chat *chat)
{
	uint32_t first = chat->turn;

	/* Where the readers leave only a little to be said, everybody has a turn. */
	resume_input(chat, first, UINT32_MAX);
	resume_input(chat, 0, first);
}

/*
 * One that leaves and has been sent all. A WebSocket is closed by both before its connection ends.
 */
static unsigned wants_at_end(const struct client *client)
{
	if (client->ended || client->deaf)
		return CHAT_FREE;
	if (client->is_framed && !client->close_heard && client->wire.is_websocket)
		return CHAT_READ;
	return CHAT_SHUT | CHAT_READ | (client->quits ? CHAT_DONE : 0u);
}

/* One that may not be read from yet is asked again in each turn. */
static unsigned listen(struct chat *chat, struct client *client)
{
	if (client->wire.backlog == NULL && !client->ended && !client->eof && !client->failed &&
		input_may_go_on(chat, client))
		return CHAT_READ;
	chat_change(chat, client);
	return 0;
}

bool chat_next_owed(struct chat *chat, uint32_t *place)
{
	return place_set_take(&chat->work.owed, place);
}

bool chat_next_changed(struct chat *chat, uint32_t *place)
{
	return place_set_take(&chat->work.changed, place);
}

bool chat_has_owed(const struct chat *chat)
{
	return !place_set_is_empty(&chat->work.owed);
}

void chat_retry(struct chat *chat, uint32_t place)
{
	chat_touch(chat, client_at(chat, place));
}

unsigned chat_wants(struct chat *chat, uint32_t place)
{
	struct client *client = client_at(chat, place);
	unsigned wants = 0;

	if (client->state != CLIENT_HTTP && delivery_is_pending(client))
		wants = CHAT_WRITE;
	switch ((enum client_state)client->state) {
	case CLIENT_FREE:
		return 0;
	case CLIENT_AUTH:
	case CLIENT_HERE:
		return wants | listen(chat, client);
	case CLIENT_LEAVING:
		if (!delivery_is_owing(client))
			return wants_at_end(client);
		return client->ended ? wants : wants | CHAT_READ;
	case CLIENT_HTTP:
		return web_is_answering(client) ? CHAT_WRITE : CHAT_READ;
	case CLIENT_GONE:
		break;
	}
	return CHAT_FREE;
}

static void set_blocked(struct chat *chat, struct client *client, bool blocked)
{
	if (client->blocked == blocked)
		return;
	client->blocked = blocked;
	if (blocked)
		place_set_add(&chat->work.blocked, clients_index(&chat->clients, client));
	else
		place_set_remove(&chat->work.blocked, clients_index(&chat->clients, client));
}

int chat_output(struct chat *chat, uint32_t place, struct iovec iov[CHAT_IOV])
{
	struct client *client = client_at(chat, place);
	struct delivery *plan = &chat->plan;
	int head;

	if (client->state == CLIENT_HTTP)
		return web_output(client, iov);
	if (!delivery_next(chat, client, plan)) {
		/* A replay may have come to its end with nothing after it. */
		set_blocked(chat, client, delivery_is_pending(client));
		if (client->state == CLIENT_LEAVING)
			chat_change(chat, client);
		return 0;
	}
	if (plan->is_whole) {
		iov[0] = (struct iovec){ plan->frame.bytes, plan->frame.len };
		return 1;
	}
	head = plan->head_len > 0;
	if (head)
		iov[0] = (struct iovec){ plan->head, plan->head_len };
	for (int i = 0; i < plan->count; i++)
		iov[head + i] = plan->iov[i];
	return head + plan->count;
}

void chat_sent(struct chat *chat, uint32_t place, size_t len)
{
	struct client *client = client_at(chat, place);
	bool whole = len == chat->plan.head_len + chat->plan.bytes;

	chat->counters.bytes_out += len;
	if (client->state == CLIENT_HTTP) {
		web_sent(chat, client, len);
		return;
	}
	if (len < UINT32_MAX - client->member.unread_bytes)
		client->member.unread_bytes += (uint32_t)len;
	else
		client->member.unread_bytes = UINT32_MAX;
	delivery_done(chat, client, &chat->plan, len);
	if (client->list != LIST_NONE)
		command_go_on(chat, client);
	if (client->task == TASK_MOVE && join_is_due(client))
		chat_await(chat, client);
	set_blocked(chat, client, delivery_is_pending(client));
	/* Where the system took all, there is more to be sent at once. */
	if (client->blocked && whole)
		chat_owe(chat, client);
	if (!client->blocked)
		client->member.lagging = false;
	if (len > 0)
		client_drain(chat, client);
}

void chat_hangup(struct chat *chat, uint32_t place)
{
	struct client *client = client_at(chat, place);

	client->deaf = true;
	chat_touch(chat, client);
	if (client->state == CLIENT_HTTP)
		client->state = CLIENT_GONE;
	client->list = LIST_NONE;
	client->member.replay_end = 0;
	client->member.replay_back = 0;
	outbox_finish(&client->outbox);
	set_blocked(chat, client, false);
}

bool chat_next_throttling(const struct chat *chat, uint32_t *place)
{
	const struct place_set *blocked = &chat->work.blocked;

	for (; (*place = place_set_next(blocked, *place)) < blocked->size; ++*place) {
		const struct client *client = &chat->clients.list[*place];

		if (!backpressure_is_open(client->member.room) && backpressure_holds(client))
			return true;
	}
	return false;
}

void chat_unsent(struct chat *chat, uint32_t place, size_t bytes)
{
	backpressure_unsent(client_at(chat, place), bytes);
}

int chat_detach(struct chat *chat, uint32_t place)
{
	struct client *client = admission_take_place(chat);

	if (client == NULL)
		return -1;
	client_linger(chat, client);
	chat_release(chat, place);
	return (int)clients_index(&chat->clients, client);
}

void chat_release(struct chat *chat, uint32_t place)
{
	struct client *client = client_at(chat, place);

	chat_free_client(chat, client);
}

int64_t chat_deadline(const struct chat *chat)
{
	int64_t first = deadlines_first(&chat->work.deadlines);

	return chat->wake < first ? chat->wake : first;
}

void chat_tick(struct chat *chat)
{
	tick_run(chat);
}

void chat_order_externally(struct chat *chat)
{
	chat->order.external = true;
}

struct proposal *chat_take_proposal(struct chat *chat)
{
	return order_take(&chat->order);
}

void chat_apply(struct chat *chat, uint32_t room, uint64_t id, const struct event *event)
{
	if (rooms_at(&chat->rooms, room) != NULL)
		room_apply(chat, rooms_at(&chat->rooms, room), id, event);
}

uint64_t chat_store_changes(const struct chat *chat)
{
	return chat->store_changes;
}

char *chat_store_text(const struct chat *chat, size_t *len)
{
	return store_save(chat, len);
}

void chat_store_load(struct chat *chat, struct store *store)
{
	store_load(chat, store);
}

uint32_t chat_rooms(const struct chat *chat)
{
	return chat->rooms.top;
}

const char *chat_room_name(const struct chat *chat, uint32_t room)
{
	const struct room *r = rooms_at(&chat->rooms, room);

	return r != NULL ? r->name : NULL;
}

int chat_find_room(const struct chat *chat, const char *name)
{
	const struct room *r = rooms_find(&chat->rooms, (struct slice){ name, strlen(name) });

	return r != NULL ? (int)r->index : -1;
}

struct feed *chat_feed(struct chat *chat, uint32_t room)
{
	struct room *r = rooms_at(&chat->rooms, room);

	return r != NULL ? &r->feed : NULL;
}

/* What operators are told of the history of one room; the only room there is needs no name. */
static void name_history(const struct chat *chat, const struct room *room, char out[64])
{
	if (chat->rooms.count == 1)
		snprintf(out, 64, "the history");
	else
		snprintf(out, 64, "the history of room %s", room->name);
}

void chat_history_failed(struct chat *chat, uint32_t room, const char *reason)
{
	struct room *r = rooms_at(&chat->rooms, room);
	char history[64];

	name_history(chat, r, history);
	snprintf(r->history_fault, sizeof(r->history_fault), "%s can't be written: %s", history,
		reason);
	log_line(chat->log, LOG_AT_ERROR, "%s. TIME: %s", r->history_fault, chat_stamp(chat));
	tell_operators(chat, r->history_fault);
}

void chat_history_works(struct chat *chat, uint32_t room, uint64_t lost)
{
	struct room *r = rooms_at(&chat->rooms, room);
	char text[192], history[64];

	chat->counters.history_lost += lost;
	*r->history_fault = '\0';
	name_history(chat, r, history);
	snprintf(text, sizeof(text), "%s is written again, %llu lines are not in it", history,
		(unsigned long long)lost);
	log_line(chat->log, LOG_AT_NOTICE, "%s. TIME: %s", text, chat_stamp(chat));
	tell_operators(chat, text);
}

/* Of several nodes one ends: the room goes on, so its own people alone are told. */
static void tell_shutdown(struct chat *chat, const char *text, size_t len)
{
	static const char why[] = "server shutting down";
	char line[sizeof(why) + 3 + SHUTDOWN_TEXT];
	int all = len > 0 ? snprintf(line, sizeof(line), "%s (%.*s)", why,
		(int)(len < SHUTDOWN_TEXT ? len : SHUTDOWN_TEXT), text)
		: snprintf(line, sizeof(line), "%s", why);

	for (struct client *c = NULL; (c = chat_next_client(chat, c)) != NULL;)
		tell_text(chat, c, MESSAGE_EVENT, (struct slice){ 0 },
			(struct slice){ line, (size_t)all });
}

void chat_shutdown(struct chat *chat, const char *text, size_t len)
{
	struct room *room = NULL;

	chat->closing = true;
	if (chat->share != NULL) {
		tell_shutdown(chat, text, len);
		tick_close(chat);
		return;
	}
	while ((room = rooms_next(&chat->rooms, room)) != NULL) {
		if (len > 0)
			room_notice(chat, room, "server shutting down (%.*s)", (int)len, text);
		else
			room_notice(chat, room, "server shutting down");
	}
	tick_close(chat);
}

void chat_set_durable(struct chat *chat, uint32_t room, uint64_t id)
{
	struct room *r = rooms_at(&chat->rooms, room);

	if (r->durable != id)
		place_set_add_all(&chat->work.owed, &r->members);
	r->durable = id;
}

bool chat_is_owing(const struct chat *chat)
{
	for (uint32_t i = 0; i < chat->clients.top; i++)
		if (chat->clients.list[i].state != CLIENT_FREE)
			return true;
	return false;
}

bool chat_stopping(const struct chat *chat, const char **text, size_t *len)
{
	*text = chat->stop_text;
	*len = *text != NULL ? strlen(*text) : 0;
	return chat->stopping;
}
