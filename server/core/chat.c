/*
 * The face (chat.h). The rule: it finds the client and hands on to the module that knows.
 */
#include "server/core/chat.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/core/admission.h"
#include "server/core/input.h"
#include "server/core/output.h"
#include "server/core/readmission.h"
#include "server/core/reload.h"
#include "server/core/room/backpressure.h"
#include "server/core/room/delivery.h"
#include "server/core/room/durability.h"
#include "server/core/room/presence.h"
#include "server/core/room/rooms_plan.h"
#include "server/core/share/share.h"
#include "server/core/shutdown.h"
#include "server/core/snapshot.h"
#include "server/core/store.h"
#include "server/core/tick.h"
#include "server/core/wants.h"
#include "server/core/web.h"

_Static_assert((int)CHAT_WEB == (int)CLIENTS_WEB, "the shell counts places as we do");
_Static_assert((int)CHAT_READ_MAX == (int)HTTP_PEER_READ_MAX, "there is room for what comes");
_Static_assert((int)CHAT_REFUSALS == (int)CLIENTS_REFUSALS, "the shell counts places as we do");

struct chat *chat_create(const struct chat_setup *setup)
{
	struct chat *chat = calloc(1, sizeof(*chat));
	struct rooms_plan plan = { 0 };

	if (chat == NULL)
		return NULL;
	if (chat_init(chat, setup) < 0) {
		free(chat);
		return NULL;
	}
	if (rooms_plan_make(&plan, chat, setup->settings) < 0) {
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

int chat_set(struct chat *chat, const struct settings *settings)
{
	return reload_settings(chat, settings);
}

void chat_save(struct chat *chat, struct codec *p)
{
	snapshot_save(chat, p);
}

struct chat *chat_load(struct codec *p, const struct chat_setup *setup, const char **why)
{
	struct chat *chat = calloc(1, sizeof(*chat));

	*why = "out of memory";
	if (chat == NULL || snapshot_load(chat, p, setup, why) < 0) {
		free(chat);
		return NULL;
	}
	return chat;
}

uint32_t chat_places(const struct chat *chat)
{
	return chat->clients.count;
}

uint64_t chat_lines(const struct chat *chat)
{
	return chat->appended;
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
	return !clients_full(&chat->clients, CLIENTS_REFUSED) && !share_is_filling(chat);
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
	else if (client->state == CLIENT_REFUSED)
		readmission_receive(chat, client, bytes, len);
	else
		input_receive(chat, client, bytes, len);
	/* One that has moved leaves a free place. */
	if (client->state != CLIENT_FREE)
		chat_touch(chat, client);
}

bool chat_moved(struct chat *chat, uint32_t *from, uint32_t *to)
{
	struct place_move *next = chat->moves;

	if (chat->moves_count == 0)
		return false;
	*from = next->from;
	*to = next->to;
	memmove(next, next + 1, --chat->moves_count * sizeof(*next));
	return true;
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
	else if (client->state == CLIENT_REFUSED)
		readmission_end(chat, client);
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

bool chat_next_owed(struct chat *chat, uint32_t *place)
{
	chat->work.served++;
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
	return wants_of(chat, client_at(chat, place));
}

int chat_output(struct chat *chat, uint32_t place, struct iovec iov[CHAT_IOV])
{
	return output_next(chat, client_at(chat, place), iov);
}

void chat_sent(struct chat *chat, uint32_t place, size_t len)
{
	output_sent(chat, client_at(chat, place), len);
}

void chat_hangup(struct chat *chat, uint32_t place)
{
	output_hangup(chat, client_at(chat, place));
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

void chat_set_durable(struct chat *chat, uint32_t room, uint64_t id)
{
	durability_set(chat, rooms_at(&chat->rooms, room), id);
}

void chat_history_failed(struct chat *chat, uint32_t room, const char *reason)
{
	durability_failed(chat, rooms_at(&chat->rooms, room), reason);
}

void chat_history_works(struct chat *chat, uint32_t room, uint64_t lost)
{
	durability_works(chat, rooms_at(&chat->rooms, room), lost);
}

void chat_shutdown(struct chat *chat, const char *text, size_t len)
{
	shutdown_begin(chat, (struct slice){ text, len });
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
