/*
 * The table never shifts. A set beside it says which places are free, so that the lowest one is
 * found without walking through the clients.
 */
#include "server/core/client/client.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Invariant 9 of docs/design.md: what an idle client costs here. */
_Static_assert(sizeof(struct client) <= 256, "a slot has grown too large");

int clients_init(struct clients *clients, uint32_t max, uint32_t refusals, uint32_t http)
{
	*clients = (struct clients){ .max = max, .refusals = refusals,
		.count = max + refusals + http, .next_user_id = 1 };
	clients->list = calloc(clients->count, sizeof(*clients->list));
	if (clients->list == NULL || place_set_init(&clients->free, clients->count) < 0 ||
		place_set_init(&clients->ignorers, clients->count) < 0) {
		clients_finish(clients);
		return -1;
	}
	for (uint32_t i = 0; i < clients->count; i++)
		place_set_add(&clients->free, i);
	return 0;
}

void clients_finish(struct clients *clients)
{
	for (uint32_t i = 0; clients->list != NULL && i < clients->top; i++)
		if (clients->list[i].state != CLIENT_FREE)
			clients_release(clients, &clients->list[i]);
	free(clients->list);
	place_set_finish(&clients->free);
	index_finish(&clients->users);
	place_set_finish(&clients->ignorers);
	*clients = (struct clients){ 0 };
}

static uint32_t start_of(const struct clients *clients, enum client_range range)
{
	if (range == CLIENTS_SLOTS)
		return 0;
	return range == CLIENTS_REFUSED ? clients->max : clients->max + clients->refusals;
}

static uint32_t end_of(const struct clients *clients, enum client_range range)
{
	return range == CLIENTS_HTTP
		? clients->count : start_of(clients, (enum client_range)(range + 1));
}

/* The lowest free place of a range, or its end. */
static uint32_t find_free(const struct clients *clients, enum client_range range)
{
	uint32_t i = place_set_next(&clients->free, start_of(clients, range)),
		 end = end_of(clients, range);

	return i < end ? i : end;
}

bool clients_full(const struct clients *clients, enum client_range range)
{
	return find_free(clients, range) == end_of(clients, range);
}

struct client *clients_take(struct clients *clients, enum client_range range)
{
	return clients_full(clients, range)
		? NULL : clients_take_place(clients, find_free(clients, range));
}

struct client *clients_take_place(struct clients *clients, uint32_t i)
{
	struct client *client = &clients->list[i];

	if (client->state != CLIENT_FREE)
		return NULL;
	place_set_remove(&clients->free, i);
	if (i >= clients->top)
		clients->top = i + 1;
	if (i < clients->max)
		clients->used++;
	*client = (struct client){ .user.id = clients->next_user_id };
	if (++clients->next_user_id == 0)
		clients->next_user_id = 1;
	return client;
}

void clients_release(struct clients *clients, struct client *client)
{
	uint32_t i = clients_index(clients, client);

	assert(client->state != CLIENT_FREE);
	client_forget_input(client);
	wire_finish(&client->wire);
	outbox_finish(&client->outbox);
	user_finish(&client->user);
	*client = (struct client){ .state = CLIENT_FREE };
	place_set_add(&clients->free, i);
	if (i < clients->max)
		clients->used--;
	while (clients->top > 0 && clients->list[clients->top - 1].state == CLIENT_FREE)
		clients->top--;
}

/* Puts all users in again. */
static void index_users(struct clients *clients)
{
	uint32_t count = USER_KEYS;

	for (uint32_t i = 0; i < clients->top && i < clients->max; i++)
		if (clients->list[i].state == CLIENT_HERE)
			count += user_key_count(&clients->list[i].user);
	index_begin(&clients->users, count);
	for (uint32_t i = 0; i < clients->top && i < clients->max; i++)
		if (clients->list[i].state == CLIENT_HERE)
			user_add_to_index(&clients->list[i].user, &clients->users, i);
}

void clients_note_user(struct clients *clients, const struct client *client)
{
	if (client->user.ignores != NULL)
		place_set_add(&clients->ignorers, clients_index(clients, client));
	if (!index_has_room(&clients->users, USER_KEYS))
		index_users(clients);
	user_add_to_index(&client->user, &clients->users, clients_index(clients, client));
}

struct client *clients_next_with(const struct clients *clients, uint32_t hash, uint32_t *at)
{
	uint32_t i;

	while (clients->users.is_partial ? (i = (*at)++) < clients->top && i < clients->max
				   : index_next(&clients->users, hash, at, &i))
		if (clients->list[i].state == CLIENT_HERE)
			return &clients->list[i];
	return NULL;
}

uint32_t clients_index(const struct clients *clients, const struct client *client)
{
	return (uint32_t)(client - clients->list);
}

void client_begin_resumption(struct client *client, struct resumption *resumption)
{
	client_end_task(client);
	client->task = TASK_RESUME;
	client->task_of.resumption = resumption;
}

void client_begin_search(struct client *client, struct search *search)
{
	client_end_task(client);
	client->task = TASK_SEARCH;
	client->task_of.search = search;
}

void client_hold_line(struct client *client, struct held_line *line)
{
	client_end_task(client);
	client->task = TASK_LINE;
	client->task_of.line = line;
}

void client_begin_move(struct client *client, struct move *move)
{
	client_end_task(client);
	client->task = TASK_MOVE;
	client->task_of.move = move;
}

void client_begin_http(struct client *client, struct http_peer *peer)
{
	client_end_task(client);
	client->task = TASK_HTTP;
	client->task_of.http = peer;
}

void client_end_task(struct client *client)
{
	switch ((enum client_task)client->task) {
	case TASK_RESUME:
		wire_finish(&client->task_of.resumption->wire);
		free(client->task_of.resumption);
		break;
	case TASK_SEARCH:
		free(client->task_of.search->names);
		free(client->task_of.search);
		break;
	case TASK_LINE:
		free(client->task_of.line);
		break;
	case TASK_MOVE:
		free(client->task_of.move);
		break;
	case TASK_HTTP:
		http_peer_free(client->task_of.http);
		break;
	case TASK_NONE:
		break;
	}
	client->task = TASK_NONE;
}

void client_forget_input(struct client *client)
{
	wire_forget(&client->wire);
	client_end_task(client);
}
