/*
 * Each part has one function for both ways (codec.h): what it takes from the room when the state is
 * saved, it puts there when the state is loaded. Where a list must be built, the ways part for a
 * moment.
 */
#include "server/core/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "proto/text.h"
#include "server/core/client/rate.h"
#include "server/core/room/rooms_plan.h"
#include "server/core/room/roster.h"
#include "server/core/share/share.h"
#include "server/core/share/transfer.h"

/* Version 4 is that of chatd 1.0.0. */
static const char form[] = "chatd state";

enum { OLDEST = 4, NEWEST = 5 };

/* Far above every real one: only damage is larger. */
enum {
	HEAP_MAX = 16 << 20,
	CLIENTS_MAX = 1 << 24,
};

#define FEED_MAX UINT32_MAX

/*
 * Bytes past the limit were known in another way; they are forgotten, and the line stays too
 * long. A CR at the end of the line had not ended it.
 */
static void load_beyond_4(struct line_held *h, struct codec *p)
{
	h->over = (uint32_t)codec_number(p, 0, 4, UINT32_MAX);
	codec_number(p, 0, 4, h->over);
	codec_number(p, 0, 8, UINT64_MAX);
	codec_number(p, 0, 1, 64);
	codec_flag(p, false);
	if (h->over == 0)
		return;
	h->beyond_size = LINE_BEYOND_MAX / 2;
	h->beyond = calloc(1, h->beyond_size);
	p->failed = p->failed || h->beyond == NULL;
}

static void serialize_beyond(struct line_held *h, struct codec *p)
{
	size_t len = h->beyond_size, most;

	h->beyond = codec_heap(p, h->beyond, &len, LINE_BEYOND_MAX / 2);
	h->beyond_size = (uint32_t)len;
	/* Only a ring of full size may have gone round. */
	most = len < LINE_BEYOND_MAX / 2 ? 2 * len : UINT32_MAX;
	h->over = (uint32_t)codec_number(p, h->over, 4, most);
	most = h->over < 2 * len ? h->over : 2 * len;
	h->known = (uint32_t)codec_number(p, h->known, 4, most);
}

static void serialize_held(struct line *l, struct codec *p)
{
	struct line_held none = { 0 }, *h = p->reading ? line_hold(l) : l->held;
	size_t len;

	p->failed = p->failed || (p->reading && h == NULL);
	if (h == NULL)
		h = &none;
	len = h->len;
	h->bytes = codec_heap(p, h->bytes, &len, HEAP_MAX);
	if (p->reading)
		h->len = h->size = (uint32_t)len;
	if (p->version < 5)
		load_beyond_4(h, p);
	else
		serialize_beyond(h, p);
	if (p->reading)
		line_release(l);
}

static void serialize_line(struct line *l, struct codec *p)
{
	serialize_held(l, p);
	if (p->version < 5) {
		l->begun = true;
		return;
	}
	l->begun = codec_flag(p, l->begun);
	l->cr = codec_flag(p, l->cr);
	l->crlf = codec_flag(p, l->crlf);
}

static struct telnet *serialize_telnet(struct telnet *t, struct codec *p)
{
	bool any = codec_flag(p, t != NULL);

	if (p->reading && any) {
		t = calloc(1, sizeof(*t));
		p->failed = p->failed || t == NULL;
	}
	if (t == NULL)
		return NULL;
	t->state = (uint8_t)codec_number(p, t->state, 1, TELNET_STATES - 1);
	t->verb = (uint8_t)codec_number(p, t->verb, 1, UINT8_MAX);
	t->negotiating = codec_flag(p, t->negotiating);
	t->echo = codec_flag(p, t->echo);
	t->asked = codec_flag(p, t->asked);
	if (p->version >= 5) {
		t->sends_binary = (uint8_t)codec_number(p, t->sends_binary, 1, TELNET_CONSENTS - 1);
		t->takes_binary = (uint8_t)codec_number(p, t->takes_binary, 1, TELNET_CONSENTS - 1);
	} else {
		t->asked = false; /* what stood there was something else */
	}
	codec_array(p, t->refused_will, sizeof(t->refused_will));
	codec_array(p, t->refused_do, sizeof(t->refused_do));
	return t;
}

static void serialize_backlog(struct wire *w, struct codec *p)
{
	const struct backlog *b = w->backlog;
	size_t len = b != NULL ? b->len - b->at : 0;
	const void *bytes = codec_bytes(p, b != NULL ? b->bytes + b->at : NULL, &len, HEAP_MAX);

	if (p->reading && wire_put_off(w, bytes, len) < 0)
		p->failed = true;
}

/* The bytes of a ping that is still to be answered. */
static void serialize_pong(struct websocket *w, struct codec *p)
{
	if (p->reading) {
		w->pong = malloc(WEBSOCKET_CONTROL_MAX);
		p->failed = p->failed || w->pong == NULL;
	}
	w->pong_len = (uint8_t)codec_number(p, w->pong_len, 1, WEBSOCKET_CONTROL_MAX);
	if (w->pong != NULL)
		codec_array(p, w->pong, w->pong_len);
}

static struct websocket *serialize_websocket(struct websocket *w, struct codec *p)
{
	bool any = p->version >= 5 && codec_flag(p, w != NULL);
	const void *bytes;
	size_t len;

	if (p->reading && any) {
		w = calloc(1, sizeof(*w));
		p->failed = p->failed || w == NULL;
	}
	if (w == NULL)
		return NULL;
	codec_array(p, w->head, sizeof(w->head));
	w->head_len = (uint8_t)codec_number(p, w->head_len, 1, WEBSOCKET_HEAD_MAX);
	w->in_frame = codec_flag(p, w->in_frame);
	w->in_message = codec_flag(p, w->in_message);
	w->ended = codec_flag(p, w->ended);
	w->utf8.need = (uint8_t)codec_number(p, w->utf8.need, 1, 3);
	w->utf8.low = (uint8_t)codec_number(p, w->utf8.low, 1, UINT8_MAX);
	w->utf8.high = (uint8_t)codec_number(p, w->utf8.high, 1, UINT8_MAX);
	w->left = (uint32_t)codec_number(p, w->left, 4, WEBSOCKET_MESSAGE_MAX);
	w->message_len = (uint32_t)codec_number(p, w->message_len, 4, WEBSOCKET_MESSAGE_MAX);
	w->mask_at = (uint8_t)codec_number(p, w->mask_at, 1, UINT8_MAX);
	if (codec_flag(p, w->pong != NULL))
		serialize_pong(w, p);
	len = w->control_len;
	bytes = codec_bytes(p, w->control, &len, WEBSOCKET_CONTROL_MAX);
	if (!p->reading || len == 0)
		return w;
	/* It has room for the rest. */
	w->control = malloc(WEBSOCKET_CONTROL_MAX);
	p->failed = p->failed || w->control == NULL || len + w->left > WEBSOCKET_CONTROL_MAX;
	if (w->control == NULL)
		return w;
	memcpy(w->control, bytes, len);
	w->control_len = (uint8_t)len;
	return w;
}

static void serialize_wire(struct wire *w, struct codec *p)
{
	struct telnet *telnet;
	struct websocket *websocket;

	serialize_line(&w->line, p);
	telnet = serialize_telnet(w->is_websocket ? NULL : w->telnet, p);
	websocket = serialize_websocket(w->is_websocket ? w->websocket : NULL, p);
	w->is_websocket = websocket != NULL;
	if (w->is_websocket)
		w->websocket = websocket;
	else
		w->telnet = telnet;
	/* A damaged snapshot may have both. */
	if (w->is_websocket && telnet != NULL) {
		free(telnet);
		p->failed = true;
	}
	serialize_backlog(w, p);
}

static void serialize_outbox(struct outbox *r, struct codec *p)
{
	struct outbox_piece piece = { 0 };
	uint32_t position = 0;

	while (codec_flag(p, !p->reading && outbox_next(r, &position, &piece))) {
		char *copy;

		piece.at = codec_number(p, piece.at, 8, UINT64_MAX);
		piece.raw = p->version >= 5 && codec_flag(p, piece.raw);
		piece.bytes = codec_bytes(p, piece.bytes, &piece.len, HEAP_MAX);
		if (!p->reading)
			continue;
		if (piece.raw) {
			p->failed = p->failed || outbox_add_raw(r, piece.bytes, piece.len) < 0;
			continue;
		}
		copy = p->failed ? NULL : outbox_add(r, piece.at, piece.len);
		if (copy != NULL && piece.len > 0)
			memcpy(copy, piece.bytes, piece.len);
		p->failed = p->failed || copy == NULL;
	}
}

/* An older version may have granted what this one refuses: such a nick may be kept. */
static uint8_t serialize_nick(char *nick, uint8_t len, struct codec *p)
{
	len = (uint8_t)codec_number(p, len, 1, NICK_MAX);
	codec_array(p, nick, len);
	p->failed = p->failed || (p->reading && len > 0 && !nick_is_readable(nick, len));
	return len;
}

/* Kept since version 5: it takes time to find out, and there may be thousands. */
static void serialize_nick_hash(struct user *u, struct codec *p)
{
	if (p->version < 5) {
		u->nick_hash = nick_hash(u->nick, u->nick_len);
		return;
	}
	u->nick_hash.folded = (uint16_t)codec_number(p, u->nick_hash.folded, 2, UINT16_MAX);
	u->nick_hash.written = (uint16_t)codec_number(p, u->nick_hash.written, 2, UINT16_MAX);
}

/* Before version 5 a list was numbers alone, as they lay in memory. */
static void load_ignored_4(struct ignores **ignores, struct codec *p)
{
	size_t len = 0;
	const char *ids = codec_bytes(p, NULL, &len, IGNORES_MAX * sizeof(uint32_t));

	for (size_t at = 0; at + sizeof(uint32_t) <= len && !p->failed; at += sizeof(uint32_t)) {
		uint32_t id;

		memcpy(&id, ids + at, sizeof(id));
		p->failed = ignores_add(ignores, id, NULL, 0) != IGNORE_DONE;
	}
}

static void serialize_ignored(struct ignores **ignores, struct codec *p)
{
	uint64_t count = *ignores != NULL ? (*ignores)->count : 0;

	if (p->version < 5) {
		load_ignored_4(ignores, p);
		return;
	}
	count = codec_number(p, count, 2, IGNORES_MAX);
	for (uint64_t i = 0; i < count && !p->failed; i++) {
		struct ignored one = { 0 };

		if (!p->reading && *ignores != NULL)
			one = (*ignores)->list[i];
		one.user_id = (uint32_t)codec_number(p, one.user_id, 4, UINT32_MAX);
		one.nick_len = serialize_nick(one.nick, one.nick_len, p);
		if (p->reading && !p->failed)
			p->failed = ignores_add(ignores, one.user_id, one.nick, one.nick_len) !=
				IGNORE_DONE;
	}
}

/* The fields of a user since version 5. */
static void serialize_user_5(struct user *u, struct codec *p)
{
	if (p->version < 5)
		return;
	u->said = (uint32_t)codec_number(p, u->said, 4, UINT32_MAX);
	u->proposed = (uint32_t)codec_number(p, u->proposed, 4, UINT32_MAX);
	u->applied = (uint32_t)codec_number(p, u->applied, 4, UINT32_MAX);
	u->in_flight = (uint8_t)codec_number(p, u->in_flight, 1, UINT8_MAX);
	u->is_quiet = codec_flag(p, u->is_quiet);
	u->claimed_at = (uint32_t)codec_number(p, u->claimed_at, 3, USER_SECONDS_MAX) &
		USER_SECONDS_MAX;
}

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
	serialize_wire(&r->wire, p);
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
	bytes = codec_bytes(p, held != NULL ? held->bytes : NULL, &kept, HEAP_MAX);
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
	held->whole = codec_flag(p, held->whole);
	held->len = (size_t)codec_number(p, held->len, 8, UINT32_MAX);
}

/* The room that somebody is in, by its index. Version 4 had one. */
static struct room *serialize_where(const struct chat *chat, const struct room *room, struct codec *p)
{
	uint32_t index = room != NULL ? room->index : 0;

	if (p->version >= 5)
		index = (uint32_t)codec_number(p, index, 2, ROOMS_MAX - 1);
	p->failed = p->failed || rooms_at(&chat->rooms, index) == NULL;
	return p->failed ? rooms_first(&chat->rooms) : rooms_at(&chat->rooms, index);
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
	m->room = serialize_where(chat, m->room, p);
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
	const void *bytes = codec_bytes(p, search != NULL ? search->bytes : NULL, &len, HEAP_MAX);

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
	s->user.nick_len = serialize_nick(s->user.nick, s->user.nick_len, p);
	serialize_nick_hash(&s->user, p);
	serialize_ignored(&s->user.ignores, p);
	serialize_wire(&s->wire, p);
	serialize_outbox(&s->outbox, p);
	serialize_user_5(&s->user, p);
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

static void serialize_clients(struct chat *chat, struct codec *p)
{
	struct clients *clients = &chat->clients;
	struct room *room;
	uint32_t place = 0;

	while ((place = serialize_place(clients, place, p)) < count_places(clients, p)) {
		struct client *client = &clients->list[place++];
		uint8_t state = (uint8_t)codec_number(p, client->state, 1, CLIENT_HTTP);

		if (p->reading && (state == CLIENT_FREE || clients_take_place(clients, place - 1) == NULL)) {
			p->failed = true;
			return;
		}
		client->state = state;
		room = serialize_where(chat, client->member.room, p);
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

/* The bytes of all lines: they lie in at most two runs, and go in as many pieces. */
static void serialize_lines(const struct feed *f, struct iovec runs[2], struct codec *p)
{
	uint64_t from = f->first;

	for (int i = 0; i < 2; i++) {
		struct iovec run = { 0 };

		if (!p->reading && from < f->next)
			from = feed_run(f, from, f->next, &run);
		runs[i].iov_base = (void *)codec_bytes(p, run.iov_base, &run.iov_len, f->size);
		runs[i].iov_len = run.iov_len;
	}
}

/* Whether a record may hold it: a whole, safe line, or nothing at all. */
static bool is_line(const char *bytes, size_t len)
{
	return len == 0 || (bytes[len - 1] == '\n' && text_is_clean(bytes, len - 1));
}

/* Reading: its line is the next of the runs. */
static void serialize_record(struct feed *f, uint64_t id, struct iovec runs[2], struct codec *p)
{
	struct iovec *run = runs[0].iov_len > 0 ? &runs[0] : &runs[1];
	struct record r = { 0 };
	size_t len;

	if (!p->reading)
		r = *feed_record(f, id);
	enum message_kind kind = (enum message_kind)codec_number(p, r.kind, 1, MESSAGE_OTHER);
	r.author = (uint32_t)codec_number(p, r.author, 4, UINT32_MAX);
	r.time = (uint32_t)codec_number(p, r.time, 4, UINT32_MAX);
	len = (size_t)codec_number(p, r.len, 3, p->reading ? run->iov_len : f->size);
	if (!p->reading || p->failed)
		return;
	if (!is_line(run->iov_base, len)) {
		p->failed = true;
		return;
	}
	if (len > 0) {
		memcpy(feed_reserve(f, len), run->iov_base, len);
		run->iov_base = (char *)run->iov_base + len;
		run->iov_len -= len;
	}
	r.len = (uint32_t)len & 0xffffff;
	r.kind = (uint32_t)kind & 0xff;
	feed_append(f, id, &r);
}

static void serialize_feed(struct feed *f, struct codec *p)
{
	uint64_t next = codec_number(p, f->next, 8, INT64_MAX);
	uint64_t first = codec_number(p, f->first, 8, next);
	struct iovec runs[2];

	serialize_lines(f, runs, p);
	if (p->reading) {
		p->failed = p->failed || first == 0;
		feed_begin(f, p->failed ? 1 : first);
	}
	for (uint64_t id = first; id < next && !p->failed; id++)
		serialize_record(f, id, runs, p);
}

static void serialize_fault(struct room *room, struct codec *p)
{
	char *fault = room->history_fault;

	codec_array(p, fault, sizeof(room->history_fault) - 1);
	for (; p->reading && *fault != '\0'; fault++)
		if (*fault < ' ' || *fault > '~') /* an operator's terminal shows it */
			p->failed = true;
}

/* What a room is besides its feed. The settings have the last word on the rest. */
static void serialize_room(struct room *room, struct codec *p)
{
	char *topic = codec_text(p, room->topic, HEAP_MAX);

	p->failed = p->failed || (topic != NULL && !text_is_clean(topic, strlen(topic)));
	room->topic = topic;
	room->slow = (uint32_t)codec_number(p, room->slow, 4, UINT32_MAX);
	room->slow_set = (uint32_t)codec_number(p, room->slow_set, 4, UINT32_MAX);
	room->ends_at = codec_time(p, room->ends_at);
	room->is_configured = codec_flag(p, room->is_configured);
}

/* How a room was made, for one that has no settings any more. Reading: makes it. */
static struct room *serialize_made(struct chat *chat, struct room *room, uint32_t index,
	struct codec *p)
{
	struct room_settings made = { .name = NULL };

	if (room != NULL)
		made = (struct room_settings){ room->name, room->password, room->feed.size,
			room->replay, room->slow, room->is_hidden, room->is_for_operators,
			room->topic_is_open };
	made.name = codec_text(p, (char *)made.name, NICK_MAX);
	made.password = codec_text(p, (char *)made.password, HEAP_MAX);
	made.feed_bytes = (size_t)codec_number(p, made.feed_bytes, 8, FEED_MAX);
	made.replay = (uint32_t)codec_number(p, made.replay, 4, UINT32_MAX);
	made.is_hidden = codec_flag(p, made.is_hidden);
	made.is_for_operators = codec_flag(p, made.is_for_operators);
	made.topic_is_open = codec_flag(p, made.topic_is_open);
	if (!p->reading)
		return room;
	if (!p->failed && made.name != NULL && nick_is_readable(made.name, strlen(made.name)) &&
		feed_message_max(made.feed_bytes) >= MESSAGE_MIN)
		room = rooms_add_at(&chat->rooms, index, &made, chat->now);
	free((char *)made.name);
	free((char *)made.password);
	return room;
}

/* The rooms, the first of which begins before. */
static void serialize_rooms(struct chat *chat, struct codec *p)
{
	struct room *room = rooms_first(&chat->rooms);
	uint32_t index = 0;

	if (p->version < 5)
		return;
	serialize_room(room, p);
	while (!p->failed) {
		room = p->reading ? NULL : rooms_next(&chat->rooms, room);
		index = (uint32_t)codec_number(p, room != NULL ? room->index : 0, 2, ROOMS_MAX - 1);
		if (index == 0)
			return;
		room = serialize_made(chat, room, index, p);
		p->failed = p->failed || room == NULL;
		if (room == NULL)
			return;
		serialize_fault(room, p);
		serialize_feed(&room->feed, p);
		serialize_room(room, p);
	}
}

static void serialize_prefix(struct prefix *prefix, struct codec *p)
{
	prefix->family = (uint8_t)codec_number(p, prefix->family, 1, ADDRESS_UNIX);
	prefix->bits = (uint8_t)codec_number(p, prefix->bits, 1, 128);
	codec_array(p, prefix->bytes, sizeof(prefix->bytes));
}

/* Who banned it and why; empty where nothing is known of that. */
static void serialize_author(struct ban *ban, struct codec *p)
{
	size_t len = strlen(ban->by);
	const char *by = codec_bytes(p, ban->by, &len, NICK_MAX);

	if (p->reading && len > 0)
		memcpy(ban->by, by, len);
	ban->reason = codec_text(p, ban->reason, BAN_REASON_MAX);
	if (p->reading && !(text_is_clean(ban->by, strlen(ban->by)) && (ban->reason == NULL ||
			text_is_clean(ban->reason, strlen(ban->reason)))))
		p->failed = true;
}

static void serialize_bans(struct bans *b, struct time now, struct codec *p)
{
	uint64_t count = codec_number(p, b->count, 4, BANS_MAX);

	for (uint64_t i = 0; i < count && !p->failed; i++) {
		struct ban ban = { .until = 0 };

		if (!p->reading)
			ban = b->list[i];
		serialize_prefix(&ban.prefix, p);
		ban.until = codec_time(p, ban.until == TIME_NEVER ? 0 : ban.until);
		/* It was a time of day. */
		if (p->version < 5)
			ban.until = ban_until(ban.until, now);
		else if (ban.until == 0)
			ban.until = TIME_NEVER;
		if (p->version >= 5)
			serialize_author(&ban, p);
		if (!p->reading)
			continue;
		p->failed = p->failed || bans_append(b, &ban) < 0;
		free(ban.reason);
	}
}

static void serialize_claims(struct claims *c, struct codec *p)
{
	uint64_t count = p->version < 5 ? 0 : codec_number(p, c->count, 4, CLAIMS_MAX);

	for (uint64_t i = 0; i < count && !p->failed; i++) {
		struct claim claim = { .used = 0 };

		if (!p->reading)
			claim = c->list[i];
		claim.nick_len = serialize_nick(claim.nick, claim.nick_len, p);
		codec_array(p, claim.key, sizeof(claim.key));
		claim.used = codec_time(p, claim.used);
		if (p->reading && !p->failed)
			p->failed = claims_add(c, (struct slice){ claim.nick, claim.nick_len },
					    claim.key, claim.used) < 0;
	}
}

static void serialize_session(struct session *a, struct codec *p)
{
	a->due = codec_time(p, a->due);
	a->user.id = (uint32_t)codec_number(p, a->user.id, 4, UINT32_MAX);
	a->number = (uint32_t)codec_number(p, a->number, 4, UINT32_MAX);
	a->user.since = (uint32_t)codec_number(p, a->user.since, 4, UINT32_MAX);
	a->user.last_sender = (uint32_t)codec_number(p, a->user.last_sender, 4, UINT32_MAX);
	codec_array(p, a->user.token, TOKEN_BYTES);
	a->user.has_token = true;
	a->user.nick_len = serialize_nick(a->user.nick, a->user.nick_len, p);
	serialize_nick_hash(&a->user, p);
	serialize_ignored(&a->user.ignores, p);
	serialize_user_5(&a->user, p);
	if (p->version >= 5) {
		a->leaving = codec_flag(p, a->leaving);
		a->counted = codec_flag(p, a->counted);
	}
}

static void serialize_sessions(struct chat *chat, struct codec *p)
{
	struct sessions *s = &chat->sessions;
	uint64_t count = codec_number(p, s->count, 4, UINT32_MAX);
	struct session *session = NULL;

	for (uint64_t i = 0; i < count && !p->failed; i++) {
		session = p->reading ? sessions_add(s) : sessions_next(s, session);
		p->failed = p->failed || session == NULL;
		if (session == NULL)
			continue;
		serialize_session(session, p);
		session->room = serialize_where(chat, session->room, p);
	}
}

static void serialize_counters(struct counters *c, struct codec *p)
{
	uint64_t *all[] = { &c->lines, &c->private, &c->bytes_in, &c->bytes_out, &c->connects,
		&c->refused, &c->strangers, &c->errors, &c->missed, &c->lagged,
		&c->history_lost };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		*all[i] = codec_number(p, *all[i], 8, UINT64_MAX);
	c->peak = (uint32_t)codec_number(p, c->peak, 4, UINT32_MAX);
	if (p->version >= 5)
		c->requests = codec_number(p, c->requests, 8, UINT64_MAX);
}

/* The log's lines come last: nobody may see them before all the rest has been read. */
static void serialize_log(struct log *log, struct codec *p)
{
	const char *lines = NULL;
	size_t len = p->reading ? 0 : log_pending(log, &lines);

	lines = codec_bytes(p, lines, &len, LOG_BYTES);
	if (p->reading && !p->failed)
		log_put_back(log, lines, len);
}

static void serialize_invitations(struct chat *chat, struct codec *p)
{
	struct invitations *all = &chat->invitations;
	uint64_t count = p->version < 5 ? 0 : codec_number(p, all->count, 1, INVITATIONS_MAX);

	for (uint64_t i = 0; i < count && !p->failed; i++) {
		struct invitation one = { .room = NULL };

		if (!p->reading)
			one = all->list[i];
		one.room = serialize_where(chat, one.room, p);
		one.until = codec_time(p, one.until);
		one.uses = (uint32_t)codec_number(p, one.uses, 4, UINT32_MAX);
		codec_array(p, one.word, INVITATION_LEN);
		if (p->reading && !p->failed)
			p->failed = one.uses == 0 || invitations_add(all, &one) < 0;
	}
}

static void serialize_chat(struct chat *chat, struct codec *p)
{
	chat->started.usec = codec_time(p, chat->started.usec);
	chat->started.time = codec_time(p, chat->started.time);
	if (p->reading)
		settings_set_text(&chat->settings.motd, NULL, 0);
	chat->settings.motd = codec_text(p, (char *)chat->settings.motd, HEAP_MAX);
	if (p->version >= 5)
		chat->motd = codec_text(p, (char *)chat->motd, HEAP_MAX);
	serialize_fault(rooms_first(&chat->rooms), p);
	serialize_counters(&chat->counters, p);
	serialize_feed(&rooms_first(&chat->rooms)->feed, p);
	serialize_rooms(chat, p);
	serialize_clients(chat, p);
	serialize_bans(&chat->bans, chat->now, p);
	serialize_claims(&chat->claims, p);
	serialize_sessions(chat, p);
	serialize_invitations(chat, p);
	if (p->version >= 5)
		share_serialize(chat, p);
	serialize_log(chat->log, p);
}

/* Counts who is here, and what waits for the next tick. */
static void count(struct chat *chat)
{
	/* Until each has been sent something, nobody knows how far behind the readers are. */
	for (struct room *r = NULL; (r = rooms_next(&chat->rooms, r)) != NULL;)
		r->budget = 0;
	for (uint32_t i = 0; i < chat->clients.top; i++) {
		struct client *client = &chat->clients.list[i];

		if (client->state == CLIENT_HERE) {
			chat_reset_rate(chat, client);
			clients_note_user(&chat->clients, client);
		}
		if (client->state == CLIENT_FREE)
			continue;
		chat_touch(chat, client);
		chat_await(chat, client);
		chat_wake_client(chat, client, chat->now.usec);
		client->member.room->online += client->member.announced;
		if (client->state == CLIENT_HERE || client->state == CLIENT_AUTH)
			chat_count(chat, client, true);
	}
	for (struct session *s = NULL; (s = sessions_next(&chat->sessions, s)) != NULL;) {
		s->room->online += s->counted;
		sessions_note_user(&chat->sessions, s);
	}
	chat_wake_at(chat, chat->now.usec);
}

void snapshot_save(struct chat *chat, struct codec *p)
{
	codec_version(p, form, OLDEST, NEWEST);
	codec_number(p, chat->clients.max, 4, CLIENTS_MAX);
	codec_number(p, rooms_first(&chat->rooms)->feed.size, 8, FEED_MAX);
	serialize_chat(chat, p);
}

int snapshot_load(struct chat *chat, struct codec *p, const struct settings *settings,
	struct log *log, chat_random *random, struct time now, const char **why)
{
	struct settings own = *settings;
	struct rooms_plan plan = { 0 };

	*why = "the snapshot is of another version";
	codec_version(p, form, OLDEST, NEWEST);
	if (p->failed)
		return -1;
	*why = "the snapshot is damaged, does not fit the settings, or memory is out";
	own.max_clients = (uint32_t)codec_number(p, 0, 4, CLIENTS_MAX);
	own.feed_bytes = (size_t)codec_number(p, 0, 8, FEED_MAX);
	if (p->failed || feed_message_max(own.feed_bytes) < MESSAGE_MIN ||
		chat_init(chat, &own, log, random, now) < 0)
		return -1;
	serialize_chat(chat, p);
	if (p->failed || rooms_plan_make(&plan, chat, settings) < 0) {
		share_destroy(chat->share);
		chat_finish(chat);
		return -1;
	}
	rooms_plan_carry_out(&plan, chat);
	if (p->version < 5)
		roster_name_ignored(chat);
	count(chat);
	return 0;
}
