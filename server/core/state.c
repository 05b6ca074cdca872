/*
 * Each part has one function for both ways (pack.h): what it takes from the room when the state is
 * saved, it puts there when the state is loaded. Where a list must be built, the ways part for a
 * moment.
 */
#include "server/core/state.h"

#include <stdlib.h>
#include <string.h>

#include "proto/text.h"
#include "server/core/flow.h"
#include "server/core/nick.h"

static const char version[] = "chatd state 4";

/* Far above every real one: only damage is larger. */
enum {
	HEAP_MAX = 16 << 20,
	CLIENTS_MAX = 1 << 24,
};

#define FEED_MAX UINT32_MAX

static void carry_line(struct line *l, struct pack *p)
{
	size_t len = l->len;

	l->held = pack_heap(p, l->held, &len, HEAP_MAX);
	if (p->reading)
		l->len = l->size = (uint32_t)len;
	l->over = (uint32_t)pack_number(p, l->over, 4, UINT32_MAX);
	l->ascii = (uint32_t)pack_number(p, l->ascii, 4, l->over);
	l->starts = pack_number(p, l->starts, 8, UINT64_MAX);
	l->known = (uint8_t)pack_number(p, l->known, 1, 64);
	l->cr = pack_flag(p, l->cr);
}

static struct telnet *carry_telnet(struct telnet *t, struct pack *p)
{
	bool any = pack_flag(p, t != NULL);

	if (p->reading && any) {
		t = calloc(1, sizeof(*t));
		p->failed = p->failed || t == NULL;
	}
	if (t == NULL)
		return NULL;
	t->state = (uint8_t)pack_number(p, t->state, 1, TELNET_STATES - 1);
	t->verb = (uint8_t)pack_number(p, t->verb, 1, UINT8_MAX);
	t->negotiating = pack_flag(p, t->negotiating);
	t->echo = pack_flag(p, t->echo);
	t->cr = pack_flag(p, t->cr);
	pack_array(p, t->refused_will, sizeof(t->refused_will));
	pack_array(p, t->refused_do, sizeof(t->refused_do));
	return t;
}

static void carry_waiting(struct slot *s, struct pack *p)
{
	bool any = s->waiting != NULL;
	size_t len = any ? s->waiting_len - s->waiting_at : 0;
	uint8_t *rest = any ? s->waiting + s->waiting_at : NULL;

	rest = pack_heap(p, rest, &len, HEAP_MAX);
	if (!p->reading)
		return;
	s->waiting = rest;
	s->waiting_len = (uint32_t)len;
}

static void carry_replies(struct reply *r, struct pack *p)
{
	struct reply_piece piece = { 0 };
	uint32_t position = 0;

	while (pack_flag(p, !p->reading && reply_next(r, &position, &piece))) {
		char *copy;

		piece.at = pack_number(p, piece.at, 8, UINT64_MAX);
		piece.bytes = pack_bytes(p, piece.bytes, &piece.len, HEAP_MAX);
		if (!p->reading)
			continue;
		copy = p->failed ? NULL : reply_add(r, piece.at, piece.len);
		if (copy != NULL && piece.len > 0)
			memcpy(copy, piece.bytes, piece.len);
		p->failed = p->failed || copy == NULL;
	}
}

static void carry_address(struct address *a, struct pack *p)
{
	a->family = (uint8_t)pack_number(p, a->family, 1, ADDRESS_UNIX);
	pack_array(p, a->bytes, sizeof(a->bytes));
	a->port = (uint16_t)pack_number(p, a->port, 2, UINT16_MAX);
}

static uint8_t carry_nick(char *nick, uint8_t len, struct pack *p)
{
	len = (uint8_t)pack_number(p, len, 1, NICK_MAX);
	pack_array(p, nick, len);
	p->failed = p->failed || (p->reading && len > 0 && nick_fault(nick, len) != NULL);
	return len;
}

static uint32_t *carry_ignored(uint32_t *list, uint16_t *count, struct pack *p)
{
	size_t len = *count * sizeof(*list);

	list = pack_heap(p, list, &len, IGNORES_MAX * sizeof(*list));
	*count = (uint16_t)(len / sizeof(*list));
	return list;
}

static void carry_flags(struct slot *s, struct pack *p)
{
	s->crlf = pack_flag(p, s->crlf);
	s->lagging = pack_flag(p, s->lagging);
	s->deaf = pack_flag(p, s->deaf);
	s->ended = pack_flag(p, s->ended);
	s->announced = pack_flag(p, s->announced);
	s->spoken = pack_flag(p, s->spoken);
	s->operator = pack_flag(p, s->operator);
	s->has_token = pack_flag(p, s->has_token);
	s->pausing = pack_flag(p, s->pausing);
	s->shut = pack_flag(p, s->shut);
	s->quits = pack_flag(p, s->quits);
}

static void carry_slot(struct slot *s, uint64_t feed_next, struct pack *p)
{
	s->cursor = pack_number(p, s->cursor, 8, feed_next);
	s->until = pack_number(p, s->until, 8, feed_next);
	s->replay_end = pack_number(p, s->replay_end, 8, feed_next);
	s->replay_back = (uint32_t)pack_number(p, s->replay_back, 4, s->replay_end);
	s->tagged_from = pack_number(p, s->tagged_from, 8, feed_next);
	s->untaken = (uint32_t)pack_number(p, s->untaken, 4, UINT32_MAX);
	s->allowance = (uint16_t)pack_number(p, s->allowance, 2, UINT16_MAX);
	s->tries = (uint8_t)pack_number(p, s->tries, 1, 16);
	s->list = (uint8_t)pack_number(p, s->list, 1, LIST_BANS);
	s->list_next = (uint32_t)pack_number(p, s->list_next, 4, UINT32_MAX);
	s->serial = (uint32_t)pack_number(p, s->serial, 4, UINT32_MAX);
	s->since = (uint32_t)pack_number(p, s->since, 4, UINT32_MAX);
	s->writer = (uint32_t)pack_number(p, s->writer, 4, UINT32_MAX);
	s->heard = pack_time(p, s->heard);
	s->due = pack_time(p, s->due);
	carry_flags(s, p);
	carry_address(&s->from, p);
	pack_array(p, s->token, TOKEN_BYTES);
	s->nick_len = carry_nick(s->nick, s->nick_len, p);
	s->ignored = carry_ignored(s->ignored, &s->ignored_count, p);
	carry_line(&s->line, p);
	s->telnet = carry_telnet(s->telnet, p);
	carry_waiting(s, p);
	carry_replies(&s->reply, p);
}

/* The next place that is taken, from here on; the number of places when there is none. */
static uint32_t carry_place(const struct slots *slots, uint32_t place, struct pack *p)
{
	while (!p->reading && place < slots->count && slots->list[place].state == SLOT_FREE)
		place++;
	place = (uint32_t)pack_number(p, place, 4, slots->count);
	return p->failed ? slots->count : place;
}

static void carry_slots(struct slots *slots, uint64_t feed_next, struct pack *p)
{
	uint32_t place = 0;

	while ((place = carry_place(slots, place, p)) < slots->count) {
		struct slot *slot = &slots->list[place++];
		uint8_t state = (uint8_t)pack_number(p, slot->state, 1, SLOT_LEAVING);

		if (p->reading && (state == SLOT_FREE || slots_take_place(slots, place - 1) == NULL)) {
			p->failed = true;
			return;
		}
		slot->state = state;
		carry_slot(slot, feed_next, p);
	}
	slots->next_serial = (uint32_t)pack_number(p, slots->next_serial, 4, UINT32_MAX);
}

/* The bytes of all lines: they lie in at most two runs, and go in as many pieces. */
static void carry_lines(const struct feed *f, struct iovec runs[2], struct pack *p)
{
	uint64_t from = f->first;

	for (int i = 0; i < 2; i++) {
		struct iovec run = { 0 };

		if (!p->reading && from < f->next)
			from = feed_run(f, from, f->next, &run);
		runs[i].iov_base = (void *)pack_bytes(p, run.iov_base, &run.iov_len, f->size);
		runs[i].iov_len = run.iov_len;
	}
}

/* Whether a record may hold it: a whole, safe line, or nothing at all. */
static bool is_line(const char *bytes, size_t len)
{
	return len == 0 || (bytes[len - 1] == '\n' && text_is_clean(bytes, len - 1));
}

/* Reading: its line is the next of the runs. */
static void carry_record(struct feed *f, uint64_t id, struct iovec runs[2], struct pack *p)
{
	struct iovec *run = runs[0].iov_len > 0 ? &runs[0] : &runs[1];
	struct record r = { 0 };
	size_t len;

	if (!p->reading)
		r = *feed_record(f, id);
	enum message_kind kind = (enum message_kind)pack_number(p, r.kind, 1, MESSAGE_OTHER);
	r.author = (uint32_t)pack_number(p, r.author, 4, UINT32_MAX);
	r.time = (uint32_t)pack_number(p, r.time, 4, UINT32_MAX);
	len = (size_t)pack_number(p, r.len, 3, p->reading ? run->iov_len : f->size);
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
	feed_commit(f, len, kind, r.author, r.time);
}

static void carry_feed(struct feed *f, struct pack *p)
{
	uint64_t next = pack_number(p, f->next, 8, INT64_MAX);
	uint64_t first = pack_number(p, f->first, 8, next);
	struct iovec runs[2];

	carry_lines(f, runs, p);
	if (p->reading) {
		p->failed = p->failed || first == 0;
		feed_begin(f, p->failed ? 1 : first);
	}
	for (uint64_t id = first; id < next && !p->failed; id++)
		carry_record(f, id, runs, p);
}

static void carry_bans(struct bans *b, struct pack *p)
{
	uint64_t count = pack_number(p, b->count, 4, BANS_MAX);

	for (uint64_t i = 0; i < count && !p->failed; i++) {
		struct ban ban = { 0 };

		if (!p->reading)
			ban = b->list[i];
		ban.prefix.family = (uint8_t)pack_number(p, ban.prefix.family, 1, ADDRESS_UNIX);
		ban.prefix.bits = (uint8_t)pack_number(p, ban.prefix.bits, 1, 128);
		pack_array(p, ban.prefix.bytes, sizeof(ban.prefix.bytes));
		ban.until = pack_time(p, ban.until);
		if (p->reading && !p->failed && bans_add(b, &ban.prefix, ban.until) < 0)
			p->failed = true;
	}
}

static void carry_absence(struct absence *a, struct pack *p)
{
	a->due = pack_time(p, a->due);
	a->serial = (uint32_t)pack_number(p, a->serial, 4, UINT32_MAX);
	a->number = (uint32_t)pack_number(p, a->number, 4, UINT32_MAX);
	a->since = (uint32_t)pack_number(p, a->since, 4, UINT32_MAX);
	a->writer = (uint32_t)pack_number(p, a->writer, 4, UINT32_MAX);
	pack_array(p, a->token, TOKEN_BYTES);
	a->nick_len = carry_nick(a->nick, a->nick_len, p);
	a->ignored = carry_ignored(a->ignored, &a->ignored_count, p);
}

static void carry_absences(struct absences *a, struct pack *p)
{
	uint64_t count = pack_number(p, a->count, 4, UINT32_MAX);

	for (uint64_t i = 0; i < count && !p->failed; i++) {
		struct slot nobody = { .state = SLOT_FREE };

		if (p->reading && absences_add(a, &nobody, 0, 0) < 0)
			p->failed = true;
		else
			carry_absence(&a->list[i], p);
	}
}

static void carry_counters(struct counters *c, struct pack *p)
{
	uint64_t *all[] = { &c->lines, &c->private, &c->bytes_in, &c->bytes_out, &c->connects,
		&c->refused, &c->strangers, &c->errors, &c->missed, &c->lagged,
		&c->history_lost };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		*all[i] = pack_number(p, *all[i], 8, UINT64_MAX);
	c->peak = (uint32_t)pack_number(p, c->peak, 4, UINT32_MAX);
}

static void carry_fault(struct room *room, struct pack *p)
{
	char *fault = room->history_fault;

	pack_array(p, fault, sizeof(room->history_fault) - 1);
	for (; p->reading && *fault != '\0'; fault++)
		if (*fault < ' ' || *fault > '~') /* an operator's terminal shows it */
			p->failed = true;
}

/* What nobody sees before all of it has been read is carried last: the log's lines. */
static void carry_log(struct log *log, struct pack *p)
{
	const char *lines = NULL;
	size_t len = p->reading ? 0 : log_pending(log, &lines);

	lines = pack_bytes(p, lines, &len, LOG_BYTES);
	if (p->reading && !p->failed)
		log_put_back(log, lines, len);
}

static void carry_room(struct room *room, struct pack *p)
{
	room->started.ticks = pack_time(p, room->started.ticks);
	room->started.time = pack_time(p, room->started.time);
	if (p->reading)
		settings_set_text(&room->settings.motd, NULL, 0);
	room->settings.motd = pack_text(p, (char *)room->settings.motd, HEAP_MAX);
	carry_fault(room, p);
	carry_counters(&room->counters, p);
	carry_feed(&room->feed, p);
	carry_slots(&room->slots, room->feed.next, p);
	carry_bans(&room->bans, p);
	carry_absences(&room->absences, p);
	carry_log(room->log, p);
}

/* Counts who is here, and what waits for the next tick. */
static void count(struct room *room)
{
	for (uint32_t i = 0; i < room->slots.top; i++) {
		struct slot *slot = &room->slots.list[i];

		if (slot->state == SLOT_HERE)
			flow_new_rate(room, slot);
		room->waiting = room->waiting || slot->waiting != NULL || slot->ended;
		room->online += slot->announced;
		room->clients += slot->state == SLOT_HERE || slot->state == SLOT_DOOR;
	}
	/* Until each has been sent something, nobody knows how far behind the readers are. */
	room->budget = 0;
	room_wake_at(room, room->now.ticks);
}

void state_save(struct room *room, struct pack *p)
{
	pack_version(p, version);
	pack_number(p, room->slots.max, 4, CLIENTS_MAX);
	pack_number(p, room->feed.size, 8, FEED_MAX);
	carry_room(room, p);
}

int state_load(struct room *room, struct pack *p, const struct settings *settings,
	struct log *log, chat_random *random, struct moment now, const char **why)
{
	struct settings own = *settings;

	*why = "the state is of another version";
	pack_version(p, version);
	if (p->failed)
		return -1;
	*why = "the state is damaged, does not fit the settings, or memory is out";
	own.max_clients = (uint32_t)pack_number(p, 0, 4, CLIENTS_MAX);
	own.feed_bytes = (size_t)pack_number(p, 0, 8, FEED_MAX);
	if (p->failed || feed_message_max(own.feed_bytes) < MESSAGE_MIN ||
		room_init(room, &own, log, random, now) < 0)
		return -1;
	carry_room(room, p);
	if (p->failed) {
		room_finish(room);
		return -1;
	}
	count(room);
	return 0;
}
