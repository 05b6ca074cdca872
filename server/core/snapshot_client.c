/*
 * The clients and all that they are in the middle of, in a snapshot (snapshot_client.h).
 */
#include "server/core/snapshot_client.h"

#include <stdlib.h>
#include <string.h>

#include "server/core/snapshot_room.h"
#include "server/core/snapshot_user.h"
#include "server/core/snapshot_wire.h"

static void serialize_flags(struct client *s, struct codec *p)
{
	s->wire.crlf = codec_flag(p, s->wire.crlf);
	s->member.lagging = codec_flag(p, s->member.lagging);
	s->deaf = codec_flag(p, s->deaf);
	s->ended = codec_flag(p, s->ended);
	s->eof = p->version >= 5 && codec_flag(p, s->eof);
	s->member.announced = codec_flag(p, s->member.announced);
	s->wire.identified = codec_flag(p, s->wire.identified);
	s->user.is_operator = codec_flag(p, s->user.is_operator);
	s->user.has_token = codec_flag(p, s->user.has_token);
	s->pausing = codec_flag(p, s->pausing);
	s->shut = codec_flag(p, s->shut);
	s->quits = codec_flag(p, s->quits);
	s->joining = p->version < 5 ? s->member.announced : codec_flag(p, s->joining);
	s->is_moving = p->version >= 5 && codec_flag(p, s->is_moving);
}

static void serialize_framed(struct client *s, struct time now, struct codec *p)
{
	if (p->version < 5)
		return;
	s->is_framed = codec_flag(p, s->is_framed);
	s->is_reader = codec_flag(p, s->is_reader);
	s->is_adrift = codec_flag(p, s->is_adrift);
	s->close_sent = codec_flag(p, s->close_sent);
	s->close_heard = codec_flag(p, s->close_heard);
	s->close_code = (uint16_t)codec_number(p, s->close_code, 2, UINT16_MAX);
	if (p->reading)
		s->wire.heard_at = (uint32_t)(now.usec / CLIENT_STEP);
}

static void serialize_resumption(struct client *s, struct codec *p)
{
	struct resumption *r = client_resumption(s);
	bool any = p->version >= 5 && codec_flag(p, r != NULL);

	if (p->reading && any) {
		r = calloc(1, sizeof(*r));
		p->failed = p->failed || r == NULL;
		if (r != NULL)
			client_begin_resumption(s, r);
	}
	if (r == NULL)
		return;
	snapshot_wire(&r->wire, p);
	r->last = codec_number(p, r->last, 8, UINT64_MAX);
	r->has_last = codec_flag(p, r->has_last);
	r->has_sent = codec_flag(p, r->has_sent);
	r->is_waiting = codec_flag(p, r->is_waiting);
	r->answered = codec_flag(p, r->answered);
	codec_array(p, r->token, TOKEN_BYTES);
	r->sent = codec_number(p, r->sent, 8, UINT64_MAX);
	r->dropped = (uint32_t)codec_number(p, r->dropped, 4, UINT32_MAX);
	r->until = codec_time(p, r->until);
}

/* A line that waits for what is in flight. */
static void serialize_held_line(struct client *s, struct codec *p)
{
	struct held_line *held = client_held_line(s);
	size_t kept = held != NULL ? held->kept : 0;
	const char *bytes;

	if (p->version < 5 || !codec_flag(p, held != NULL) || p->failed)
		return;
	bytes = codec_bytes(p, held != NULL ? held->bytes : NULL, &kept, SNAPSHOT_HEAP_MAX);
	if (p->reading) {
		held = malloc(sizeof(*held) + kept);
		p->failed = p->failed || held == NULL;
		if (held == NULL)
			return;
		*held = (struct held_line){ .kept = kept };
		if (kept > 0)
			memcpy(held->bytes, bytes, kept);
		client_hold_line(s, held);
	}
	if (held == NULL)
		return;
	held->whole = codec_flag(p, held->whole);
	held->is_said = codec_flag(p, held->is_said);
	held->len = (size_t)codec_number(p, held->len, 8, UINT32_MAX);
}

static void serialize_move(struct chat *chat, struct client *s, struct codec *p)
{
	struct move *m = client_move(s);

	if (p->version < 5 || !codec_flag(p, m != NULL))
		return;
	if (p->reading) {
		m = calloc(1, sizeof(*m));
		p->failed = p->failed || m == NULL;
		if (m == NULL)
			return;
		client_begin_move(s, m);
	}
	if (m == NULL)
		return;
	m->room = snapshot_where(chat, m->room, p);
	m->last = codec_number(p, m->last, 8, UINT64_MAX);
	m->until = codec_number(p, m->until, 8, s->member.room->feed.next);
	m->due = codec_time(p, m->due);
	m->tries = (uint8_t)codec_number(p, m->tries, 1, 16);
	m->has_last = codec_flag(p, m->has_last);
	m->asks = codec_flag(p, m->asks);
	m->is_pausing = codec_flag(p, m->is_pausing);
	m->is_leaving = codec_flag(p, m->is_leaving);
	m->is_gone = codec_flag(p, m->is_gone);
}

static void serialize_search(struct client *s, uint64_t feed_next, struct codec *p)
{
	struct search *search = client_search(s);
	size_t len = search != NULL ? search->who_len + (size_t)search->text_len : 0;
	const void *bytes = codec_bytes(p, search != NULL ? search->bytes : NULL, &len,
		SNAPSHOT_HEAP_MAX);

	if (p->reading) {
		search = p->failed || len == 0 ? NULL : calloc(1, sizeof(*search) + len);
		p->failed = p->failed || search == NULL;
		if (p->failed)
			return;
		client_begin_search(s, search);
		memcpy(search->bytes, bytes, len);
	}
	if (search == NULL)
		return;
	search->who_len = (uint32_t)codec_number(p, search->who_len, 4, len - 1);
	search->text_len = (uint32_t)len - search->who_len;
	search->end = codec_number(p, search->end, 8, feed_next);
	search->at = codec_number(p, search->at, 8, search->end);
	search->found = codec_number(p, search->found, 8, UINT64_MAX);
	for (size_t i = 0; i < SEARCH_SHOWN; i++)
		search->newest[i] = codec_number(p, search->newest[i], 8, feed_next);
	search->told = codec_number(p, search->told, 8, SEARCH_SHOWN);
}

static void serialize_member(struct member *m, uint64_t feed_next, struct codec *p)
{
	m->replay_end = codec_number(p, m->replay_end, 8, feed_next);
	m->replay_back = (uint32_t)codec_number(p, m->replay_back, 4, m->replay_end);
	m->tagged_from = codec_number(p, m->tagged_from, 8, feed_next);
	m->unread_bytes = (uint32_t)codec_number(p, m->unread_bytes, 4, UINT32_MAX);
	m->grace = (uint16_t)codec_number(p, m->grace, 2, UINT16_MAX);
}

static void serialize_client(struct chat *chat, struct client *s, struct codec *p)
{
	bool leaving = s->state == CLIENT_LEAVING;
	uint64_t feed_next = s->member.room->feed.next, until;
	int64_t last_activity;

	s->member.cursor = codec_number(p, s->member.cursor, 8, feed_next);
	until = codec_number(p, leaving ? s->until : 0, 8, feed_next);
	serialize_member(&s->member, feed_next, p);
	s->tries = (uint8_t)codec_number(p, s->tries, 1, 16);
	s->list = (uint8_t)codec_number(p, s->list, 1, p->version < 5 ? LIST_BANS : LIST_KINDS - 1);
	s->list_next = (uint32_t)codec_number(p, s->list_next, 4, UINT32_MAX);
	s->list_room = (uint16_t)(p->version < 5 ? 1 : codec_number(p, s->list_room, 2, ROOMS_MAX));
	s->user.id = (uint32_t)codec_number(p, s->user.id, 4, UINT32_MAX);
	s->user.since = (uint32_t)codec_number(p, s->user.since, 4, UINT32_MAX);
	s->user.last_sender = (uint32_t)codec_number(p, s->user.last_sender, 4, UINT32_MAX);
	last_activity = codec_time(p, leaving ? 0 : s->last_activity);
	if (leaving)
		s->until = until;
	else
		s->last_activity = last_activity;
	s->due = codec_time(p, s->due);
	serialize_flags(s, p);
	address_serialize(&s->from, p);
	codec_array(p, s->user.token, TOKEN_BYTES);
	s->user.nick_len = snapshot_nick(s->user.nick, s->user.nick_len, p);
	snapshot_nick_hash(&s->user, p);
	snapshot_ignored(&s->user.ignores, p);
	snapshot_wire(&s->wire, p);
	snapshot_outbox(&s->outbox, p);
	snapshot_user_5(&s->user, p);
	serialize_resumption(s, p);
	serialize_held_line(s, p);
	serialize_move(chat, s, p);
	if (s->list == LIST_SEARCH)
		serialize_search(s, feed_next, p);
}

/* How many places a version has. */
static uint32_t count_places(const struct clients *clients, const struct codec *p)
{
	return p->version < 5 ? clients->max + clients->refusals : clients->count;
}

/* The next place that is taken, from here on; the number of places when there is none. */
static uint32_t serialize_place(const struct clients *clients, uint32_t place, struct codec *p)
{
	uint32_t count = count_places(clients, p);

	while (!p->reading && place < count && clients->list[place].state == CLIENT_FREE)
		place++;
	place = (uint32_t)codec_number(p, place, 4, count);
	return p->failed ? count : place;
}

/* One that speaks HTTP is at one of the places for that. */
static void serialize_http(const struct clients *clients, struct client *client, struct codec *p)
{
	struct http_peer *peer = client_http(client);

	if (p->reading) {
		peer = calloc(1, sizeof(*peer));
		p->failed = p->failed || peer == NULL ||
			clients_index(clients, client) < clients->max + clients->refusals;
		if (peer == NULL)
			return;
		client_begin_http(client, peer);
	}
	http_peer_serialize(peer, p);
}

void snapshot_clients(struct chat *chat, struct codec *p)
{
	struct clients *clients = &chat->clients;
	struct room *room;
	uint32_t place = 0;

	while ((place = serialize_place(clients, place, p)) < count_places(clients, p)) {
		struct client *client = &clients->list[place++];
		uint8_t state = (uint8_t)codec_number(p, client->state, 1, CLIENT_REFUSED);

		if (p->reading &&
			(state == CLIENT_FREE || clients_take_place(clients, place - 1) == NULL)) {
			p->failed = true;
			return;
		}
		client->state = state;
		room = snapshot_where(chat, client->member.room, p);
		if (p->reading && (state == CLIENT_AUTH || state == CLIENT_HERE))
			chat_enter(chat, client, room);
		client->member.room = room;
		serialize_client(chat, client, p);
		serialize_framed(client, chat->now, p);
		if (state == CLIENT_HTTP)
			serialize_http(clients, client, p);
	}
	clients->next_user_id = (uint32_t)codec_number(p, clients->next_user_id, 4, UINT32_MAX);
}
