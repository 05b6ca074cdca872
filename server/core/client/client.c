/*
 * The table never shifts. Which clients are taken stands in a bitmap beside it, so that the lowest
 * free one is found without walking through the clients.
 */
#include "server/core/client/client.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Invariant 9 of docs/design.md: what an idle client costs here. */
_Static_assert(sizeof(struct client) <= 256, "a slot has grown too large");

enum { WORD_BITS = 64 };

int clients_init(struct clients *s, uint32_t max, uint32_t refusals, uint32_t http)
{
	*s = (struct clients){ .max = max, .refusals = refusals, .count = max + refusals + http,
		.next_user_id = 1 };
	s->list = calloc(s->count, sizeof(*s->list));
	s->occupied = calloc(s->count / WORD_BITS + 1, sizeof(*s->occupied));
	if (s->list == NULL || s->occupied == NULL || place_set_init(&s->ignorers, s->count) < 0) {
		clients_finish(s);
		return -1;
	}
	return 0;
}

void clients_finish(struct clients *s)
{
	for (uint32_t i = 0; s->list != NULL && s->occupied != NULL && i < s->top; i++)
		if (s->list[i].state != CLIENT_FREE)
			clients_release(s, &s->list[i]);
	free(s->list);
	free(s->occupied);
	index_finish(&s->users);
	place_set_finish(&s->ignorers);
	*s = (struct clients){ 0 };
}

/* The lowest index from..to-1 whose bit is clear, or to. */
static uint32_t lowest_free(const struct clients *s, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++) {
		if (i % WORD_BITS == 0 && s->occupied[i / WORD_BITS] == UINT64_MAX)
			i += WORD_BITS - 1;
		else if ((s->occupied[i / WORD_BITS] >> i % WORD_BITS & 1) == 0)
			return i;
	}
	return to;
}

static uint32_t start_of(const struct clients *s, enum client_range range)
{
	if (range == CLIENTS_SLOTS)
		return 0;
	return range == CLIENTS_REFUSED ? s->max : s->max + s->refusals;
}

static uint32_t end_of(const struct clients *s, enum client_range range)
{
	return range == CLIENTS_HTTP ? s->count : start_of(s, (enum client_range)(range + 1));
}

static uint32_t find_free(const struct clients *s, enum client_range range)
{
	return lowest_free(s, start_of(s, range), end_of(s, range));
}

bool clients_full(const struct clients *s, enum client_range range)
{
	return find_free(s, range) == end_of(s, range);
}

struct client *clients_take(struct clients *s, enum client_range range)
{
	return clients_full(s, range) ? NULL : clients_take_place(s, find_free(s, range));
}

struct client *clients_take_place(struct clients *s, uint32_t i)
{
	struct client *client = &s->list[i];

	if (client->state != CLIENT_FREE)
		return NULL;
	s->occupied[i / WORD_BITS] |= UINT64_C(1) << i % WORD_BITS;
	if (i >= s->top)
		s->top = i + 1;
	if (i < s->max)
		s->used++;
	*client = (struct client){ .user.id = s->next_user_id };
	if (++s->next_user_id == 0)
		s->next_user_id = 1;
	return client;
}

void clients_release(struct clients *s, struct client *client)
{
	uint32_t i = clients_index(s, client);

	assert(client->state != CLIENT_FREE);
	client_forget_input(client);
	wire_finish(&client->wire);
	outbox_finish(&client->outbox);
	user_finish(&client->user);
	*client = (struct client){ .state = CLIENT_FREE };
	s->occupied[i / WORD_BITS] &= ~(UINT64_C(1) << i % WORD_BITS);
	if (i < s->max)
		s->used--;
	while (s->top > 0 && s->list[s->top - 1].state == CLIENT_FREE)
		s->top--;
}

/* Puts all users in again. */
static void index_users(struct clients *s)
{
	uint32_t count = USER_KEYS;

	for (uint32_t i = 0; i < s->top && i < s->max; i++)
		if (s->list[i].state == CLIENT_HERE)
			count += user_key_count(&s->list[i].user);
	index_begin(&s->users, count);
	for (uint32_t i = 0; i < s->top && i < s->max; i++)
		if (s->list[i].state == CLIENT_HERE)
			user_add_to_index(&s->list[i].user, &s->users, i);
}

void clients_note_user(struct clients *s, const struct client *client)
{
	if (client->user.ignores != NULL)
		place_set_add(&s->ignorers, clients_index(s, client));
	if (!index_has_room(&s->users, USER_KEYS))
		index_users(s);
	user_add_to_index(&client->user, &s->users, clients_index(s, client));
}

struct client *clients_next_with(const struct clients *s, uint32_t hash, uint32_t *at)
{
	uint32_t i;

	while (s->users.is_partial ? (i = (*at)++) < s->top && i < s->max
				   : index_next(&s->users, hash, at, &i))
		if (s->list[i].state == CLIENT_HERE)
			return &s->list[i];
	return NULL;
}

uint32_t clients_index(const struct clients *s, const struct client *client)
{
	return (uint32_t)(client - s->list);
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
