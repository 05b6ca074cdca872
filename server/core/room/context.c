/*
 * The state that all of the core shares (context.h): begun and ended here, and nothing decided.
 */
#include "server/core/room/context.h"

#include <assert.h>
#include <stdlib.h>

#include "proto/text.h"
#include "server/core/client/rate.h"
#include "server/core/room/tell.h"

/* Bytes that events and answers have besides a person's text. */
enum { WORDS_MAX = 512 };

static int work_init(struct work *w, uint32_t places)
{
	w->served = 1;
	if (place_set_init(&w->owed, places) < 0 || place_set_init(&w->changed, places) < 0 ||
		place_set_init(&w->waiting, places) < 0 || place_set_init(&w->blocked, places) < 0)
		return -1;
	return deadlines_init(&w->deadlines, places);
}

static void work_finish(struct work *w)
{
	place_set_finish(&w->owed);
	place_set_finish(&w->changed);
	place_set_finish(&w->waiting);
	place_set_finish(&w->blocked);
	deadlines_finish(&w->deadlines);
}

int chat_init(struct chat *chat, const struct chat_setup *setup)
{
	uint32_t max_clients = setup->settings->max_clients;
	struct time now = setup->now;
	struct room_settings first;

	*chat = (struct chat){ .log = setup->log, .random = setup->random, .now = now,
		.started = now, .wake = TIME_NEVER, .search_left = SEARCH_BYTES,
		.checked_at = now.usec,
		.clock_offset = now.time - now.usec / TIME_SECOND };
	if (settings_copy(&chat->settings, setup->settings) < 0)
		return -1;
	first = settings_first_room(&chat->settings);
	if (rooms_init(&chat->rooms, max_clients + CLIENTS_REFUSALS + CLIENTS_WEB) < 0 ||
		bots_read(&chat->bots, chat->settings.bots) < 0 ||
		rooms_add(&chat->rooms, &first, now) == NULL || chat_fit(chat) < 0 ||
		clients_init(&chat->clients, max_clients, CLIENTS_REFUSALS, CLIENTS_WEB) < 0 ||
		work_init(&chat->work, chat->clients.count) < 0) {
		chat_finish(chat);
		return -1;
	}
	return 0;
}

void chat_finish(struct chat *chat)
{
	clients_finish(&chat->clients);
	work_finish(&chat->work);
	sessions_finish(&chat->sessions);
	rooms_finish(&chat->rooms);
	invitations_finish(&chat->invitations);
	order_finish(&chat->order);
	personas_finish(&chat->people);
	bans_finish(&chat->bans);
	claims_finish(&chat->claims);
	bots_finish(&chat->bots);
	settings_finish(&chat->settings);
	free(chat->page);
	free(chat->text);
	free(chat->clean);
	free((char *)chat->stop_text);
	free((char *)chat->motd);
	*chat = (struct chat){ 0 };
}

/* Whether a client is in a room, or on the way there. */
static bool is_there(const struct client *client, const struct room *room)
{
	const struct move *m = client_move(client);

	return client->member.room == room || (m != NULL && m->room == room);
}

bool chat_room_is_used(const struct chat *chat, const struct room *room)
{
	const struct clients *c = &chat->clients;

	if (room->index == 0)
		return true;
	for (uint32_t i = 0; i < c->top; i++)
		if (c->list[i].state != CLIENT_FREE && is_there(&c->list[i], room))
			return true;
	for (struct session *s = NULL; (s = sessions_next(&chat->sessions, s)) != NULL;)
		if (s->room == room)
			return true;
	for (uint32_t i = 0; i < chat->people.count; i++) {
		const struct persona *person = chat->people.list[i];

		if (!person->is_ours && person->has_record && person->room == room->index)
			return true;
	}
	return false;
}

void chat_end_room(struct chat *chat, struct room *room)
{
	log_line(chat->log, LOG_AT_INFO, "room %s ends", room->name);
	chat->store_changes++; /* nothing is set for it any more */
	invitations_forget(&chat->invitations, room);
	rooms_remove(&chat->rooms, room);
}

static int fit(char **buffer, size_t *size, size_t need)
{
	char *larger;

	if (need <= *size)
		return 0;
	larger = realloc(*buffer, need);
	if (larger == NULL)
		return -1;
	*buffer = larger;
	*size = need;
	return 0;
}

int chat_fit(struct chat *chat)
{
	size_t max = chat->settings.max_message, most = SIZE_MAX;

	for (const struct room *r = NULL; (r = rooms_next(&chat->rooms, r)) != NULL;)
		if (feed_message_max(r->feed.size) < most)
			most = feed_message_max(r->feed.size);
	if (max > most) {
		log_line(chat->log, LOG_AT_WARNING,
			"max-message is %zu: the feed has no room for more "
			"before a restart", most);
		chat->settings.max_message = (uint32_t)(max = most);
	}
	if (fit(&chat->clean, &chat->clean_size, TEXT_GROWTH * max) < 0)
		return -1;
	return fit(&chat->text, &chat->text_size, feed_line_max(max + WORDS_MAX));
}

void chat_fail_client(struct chat *chat, struct client *client)
{
	if (!client->failed)
		log_client(chat, client, LOG_AT_ERROR, "has to go: out of memory");
	client->deaf = client->failed = true;
	chat_touch(chat, client);
	chat_wake_client(chat, client, chat->now.usec);
}

void chat_owe(struct chat *chat, struct client *client)
{
	place_set_add(&chat->work.owed, clients_index(&chat->clients, client));
}

void chat_owe_room(struct chat *chat, struct room *room)
{
	/* Many lines are said before the first of them is sent. */
	if (room->owed_at == chat->work.served)
		return;
	place_set_add_all(&chat->work.owed, &room->members);
	room->owed_at = chat->work.served;
}

void chat_change(struct chat *chat, struct client *client)
{
	place_set_add(&chat->work.changed, clients_index(&chat->clients, client));
}

void chat_touch(struct chat *chat, struct client *client)
{
	chat_owe(chat, client);
	chat_change(chat, client);
}

void chat_await(struct chat *chat, struct client *client)
{
	place_set_add(&chat->work.waiting, clients_index(&chat->clients, client));
}

void chat_enter(struct chat *chat, struct client *client, struct room *room)
{
	uint32_t place = clients_index(&chat->clients, client);

	if (client->member.room != NULL)
		place_set_remove(&client->member.room->members, place);
	client->member.room = room;
	room->owed_at = 0;
	place_set_add(&room->members, place);
}

void chat_count(struct chat *chat, const struct client *client, bool comes)
{
	uint32_t *host = &chat->hosts[address_host_hash(&client->from) % CHAT_HOSTS];

	chat->client_count += comes ? 1 : UINT32_MAX;
	*host += comes ? 1 : UINT32_MAX;
}

void chat_free_client(struct chat *chat, struct client *client)
{
	uint32_t place = clients_index(&chat->clients, client);

	if (client->member.room != NULL)
		place_set_remove(&client->member.room->members, place);
	place_set_remove(&chat->work.owed, place);
	place_set_remove(&chat->work.changed, place);
	place_set_remove(&chat->work.waiting, place);
	place_set_remove(&chat->work.blocked, place);
	deadlines_drop(&chat->work.deadlines, place);
	clients_release(&chat->clients, client);
}

void chat_move_connection(struct chat *chat, const struct client *from, const struct client *to)
{
	assert(chat->moves_count < CHAT_MOVES);
	chat->moves[chat->moves_count++] = (struct place_move){ clients_index(&chat->clients, from),
		clients_index(&chat->clients, to) };
}

void chat_move_client(struct chat *chat, struct client *from, struct client *to)
{
	struct room *room = from->member.room;

	*to = *from;
	to->member.room = NULL;
	*from = (struct client){ .state = CLIENT_GONE, .member.room = room };
	chat_enter(chat, to, room);
	if (to->blocked)
		place_set_add(&chat->work.blocked, clients_index(&chat->clients, to));
	chat_touch(chat, to);
	chat_wake_client(chat, to, chat->now.usec);
	chat_move_connection(chat, from, to);
	chat_free_client(chat, from);
}

void chat_wake_at(struct chat *chat, int64_t usec)
{
	if (usec < chat->wake)
		chat->wake = usec;
}

void chat_wake_client(struct chat *chat, struct client *client, int64_t usec)
{
	deadlines_add(&chat->work.deadlines, clients_index(&chat->clients, client), usec);
}

void chat_wake_client_about(struct chat *chat, struct client *client, int64_t usec)
{
	int64_t late = chat->client_count / CHAT_CHECKS * TIME_MS;

	/* All that is due within so long is due at its end. */
	chat_wake_client(chat, client, late > 0 ? (usec / late + 1) * late : usec);
}

void chat_wake_in_step(struct chat *chat, struct client *client, int64_t usec)
{
	chat_wake_client(chat, client, (usec / CLIENT_STEP + 1) * CLIENT_STEP);
}

const char *chat_motd(const struct chat *chat)
{
	return chat->motd != NULL ? chat->motd : chat->settings.motd;
}

const char *chat_stamp(struct chat *chat)
{
	return stamp_at(&chat->stamp, chat->now.time);
}

struct rate chat_rate(const struct chat *chat)
{
	return (struct rate){ chat->settings.rate, chat->settings.burst };
}

/* When the next line may come after one that is said now in a client's room. */
static int64_t slow_until(const struct chat *chat, const struct client *client)
{
	return chat->now.usec + (int64_t)client->member.room->slow * TIME_SECOND;
}

void chat_charge(const struct chat *chat, struct client *client, bool is_said)
{
	struct rate rate = chat_rate(chat);

	client->tat = rate_charge(&rate, client->tat, chat->now.usec);
	if (is_said && client->member.room->slow > 0)
		client->tat = rate_hold(&rate, client->tat, slow_until(chat, client));
}

void chat_reset_rate(const struct chat *chat, struct client *client)
{
	struct rate rate = chat_rate(chat);
	int64_t most = rate_hold(&rate, 0, slow_until(chat, client));
	int64_t reset = rate_reset(&rate, client->tat, chat->now.usec);

	client->tat = client->tat < most ? client->tat : reset < most ? most : reset;
	if (client->member.room->slow == 0)
		client->tat = reset;
}

struct client *chat_next_client(const struct chat *chat, const struct client *after)
{
	const struct clients *c = &chat->clients;
	uint32_t end = c->top < c->max ? c->top : c->max;

	for (uint32_t i = after != NULL ? clients_index(c, after) + 1 : 0; i < end; i++)
		if (c->list[i].state == CLIENT_HERE)
			return &c->list[i];
	return NULL;
}
