#include "server/core/state.h"

#include <stdlib.h>
#include <string.h>

static const char magic[16] = "chatd state 1";

enum {
	FLAG_CRLF = 1 << 0,
	FLAG_LAGGING = 1 << 1,
	FLAG_DEAF = 1 << 2,
	FLAG_ENDED = 1 << 3,
	FLAG_ANNOUNCED = 1 << 4,
	FLAG_SPOKEN = 1 << 5,
	FLAG_OPERATOR = 1 << 6,
	FLAG_TOKEN = 1 << 7,
	FLAG_PAUSING = 1 << 8,
	FLAG_SHUT = 1 << 9,
	FLAG_TELNET = 1 << 10,
	FLAGS = 1 << 11,
};

/* Far above every real one: only damage is larger. */
enum { HEAP_MAX = 16 << 20, RECORD_MAX = (1 << 24) - 1 };

static unsigned slot_flags(const struct slot *s)
{
	return (s->crlf ? FLAG_CRLF : 0u) | (s->lagging ? FLAG_LAGGING : 0u) |
		(s->deaf ? FLAG_DEAF : 0u) | (s->ended ? FLAG_ENDED : 0u) |
		(s->announced ? FLAG_ANNOUNCED : 0u) | (s->spoken ? FLAG_SPOKEN : 0u) |
		(s->operator? FLAG_OPERATOR : 0u) | (s->has_token ? FLAG_TOKEN : 0u) |
		(s->pausing ? FLAG_PAUSING : 0u) | (s->shut ? FLAG_SHUT : 0u) |
		(s->telnet != NULL ? FLAG_TELNET : 0u);
}

static void set_flags(struct slot *s, unsigned flags)
{
	s->crlf = flags & FLAG_CRLF;
	s->lagging = flags & FLAG_LAGGING;
	s->deaf = flags & FLAG_DEAF;
	s->ended = flags & FLAG_ENDED;
	s->announced = flags & FLAG_ANNOUNCED;
	s->spoken = flags & FLAG_SPOKEN;
	s->operator= flags & FLAG_OPERATOR;
	s->has_token = flags & FLAG_TOKEN;
	s->pausing = flags & FLAG_PAUSING;
	s->shut = flags & FLAG_SHUT;
}

static void save_line(const struct line *l, struct pack *p)
{
	pack_bytes(p, l->held, l->len);
	pack_number(p, l->over, 4);
	pack_number(p, l->ascii, 4);
	pack_number(p, l->starts, 8);
	pack_number(p, l->known, 1);
	pack_number(p, l->cr, 1);
}

/* Bytes on the heap, or NULL for none; *len is their number. */
static void *load_heap(struct unpack *u, size_t *len)
{
	const uint8_t *bytes = unpack_bytes(u, HEAP_MAX, len);
	void *copy = bytes != NULL ? malloc(*len) : NULL;

	if (copy != NULL)
		memcpy(copy, bytes, *len);
	else if (bytes != NULL)
		u->failed = true;
	return copy;
}

static void load_line(struct line *l, struct unpack *u)
{
	size_t len;

	l->held = load_heap(u, &len);
	l->len = l->size = l->held != NULL ? (uint32_t)len : 0;
	l->over = (uint32_t)unpack_number(u, 4);
	l->ascii = (uint32_t)unpack_limited(u, 4, l->over);
	l->starts = unpack_number(u, 8);
	l->known = (uint8_t)unpack_limited(u, 1, 64);
	l->cr = unpack_limited(u, 1, 1);
}

static void save_telnet(const struct telnet *t, struct pack *p)
{
	pack_number(p, t->state, 1);
	pack_number(p, t->verb, 1);
	pack_number(p, t->negotiating, 1);
	pack_number(p, t->echo, 1);
	pack_number(p, t->cr, 1);
	pack_bytes(p, t->refused_will, sizeof(t->refused_will));
	pack_bytes(p, t->refused_do, sizeof(t->refused_do));
}

static void load_telnet(struct slot *slot, struct unpack *u)
{
	struct telnet *t = calloc(1, sizeof(*t));

	slot->telnet = t;
	if (t == NULL) {
		u->failed = true;
		return;
	}
	t->state = (uint8_t)unpack_limited(u, 1, TELNET_STATES - 1);
	t->verb = (uint8_t)unpack_number(u, 1);
	t->negotiating = unpack_limited(u, 1, 1);
	t->echo = unpack_limited(u, 1, 1);
	t->cr = unpack_limited(u, 1, 1);
	unpack_exactly(u, t->refused_will, sizeof(t->refused_will));
	unpack_exactly(u, t->refused_do, sizeof(t->refused_do));
}

static void save_replies(const struct reply *r, struct pack *p)
{
	struct reply_piece piece;
	uint32_t position = 0, count = 0;

	while (reply_next(r, &position, &piece))
		count++;
	pack_number(p, count, 4);
	for (position = 0; reply_next(r, &position, &piece);) {
		pack_number(p, piece.at, 8);
		pack_bytes(p, piece.bytes, piece.len);
	}
}

static void load_replies(struct reply *r, struct unpack *u)
{
	uint64_t count = unpack_number(u, 4);

	for (; count > 0 && !u->failed; count--) {
		uint64_t at = unpack_number(u, 8);
		size_t len;
		const uint8_t *bytes = unpack_bytes(u, HEAP_MAX, &len);
		char *to = bytes != NULL ? reply_add(r, at, len) : NULL;

		if (to != NULL)
			memcpy(to, bytes, len);
		else
			u->failed = true;
	}
}

static void save_address(const struct address *a, struct pack *p)
{
	pack_number(p, a->family, 1);
	pack_bytes(p, a->bytes, sizeof(a->bytes));
	pack_number(p, a->port, 2);
}

static void load_address(struct address *a, struct unpack *u)
{
	a->family = (uint8_t)unpack_limited(u, 1, ADDRESS_UNIX);
	unpack_exactly(u, a->bytes, sizeof(a->bytes));
	a->port = (uint16_t)unpack_number(u, 2);
}

/* What an absence has too: by what the room knows a person. */
static void save_person(const uint8_t *token, const char *nick, uint8_t nick_len,
	const uint32_t *ignored, uint16_t ignored_count, struct pack *p)
{
	pack_bytes(p, token, TOKEN_BYTES);
	pack_bytes(p, nick, nick_len);
	pack_bytes(p, ignored, ignored_count * sizeof(*ignored));
}

static void load_person(uint8_t *token, char *nick, uint8_t *nick_len, uint32_t **ignored,
	uint16_t *ignored_count, struct unpack *u)
{
	const uint8_t *bytes;
	size_t len;

	unpack_exactly(u, token, TOKEN_BYTES);
	bytes = unpack_bytes(u, NICK_MAX, &len);
	if (bytes != NULL)
		memcpy(nick, bytes, len);
	*nick_len = (uint8_t)len;
	*ignored = load_heap(u, &len);
	if (len > IGNORES_MAX * sizeof(**ignored))
		u->failed = true;
	*ignored_count = u->failed ? 0 : (uint16_t)(len / sizeof(**ignored));
}

static void save_slot(const struct slot *s, struct pack *p)
{
	pack_number(p, s->state, 1);
	pack_number(p, slot_flags(s), 2);
	pack_number(p, s->cursor, 8);
	pack_number(p, s->until, 8);
	pack_number(p, s->replay_end, 8);
	pack_number(p, s->replay_back, 4);
	pack_number(p, s->tagged_from, 8);
	pack_number(p, s->untaken, 4);
	pack_number(p, s->allowance, 2);
	pack_number(p, s->tries, 1);
	pack_number(p, s->list, 1);
	pack_number(p, s->list_next, 4);
	pack_number(p, s->serial, 4);
	pack_number(p, s->since, 4);
	pack_number(p, s->writer, 4);
	pack_number(p, (uint64_t)s->heard, 8);
	pack_number(p, (uint64_t)s->due, 8);
	save_address(&s->from, p);
	save_person(s->token, s->nick, s->nick_len, s->ignored, s->ignored_count, p);
	save_line(&s->line, p);
	if (s->telnet != NULL)
		save_telnet(s->telnet, p);
	pack_bytes(p, s->waiting != NULL ? s->waiting + s->waiting_at : NULL,
		s->waiting != NULL ? s->waiting_len - s->waiting_at : 0);
	save_replies(&s->reply, p);
}

static void load_slot(struct slot *s, uint64_t feed_next, struct unpack *u)
{
	uint8_t state = (uint8_t)unpack_limited(u, 1, SLOT_LEAVING);
	unsigned flags;
	size_t len;

	flags = (unsigned)unpack_limited(u, 2, FLAGS - 1);
	set_flags(s, flags);
	s->cursor = unpack_limited(u, 8, feed_next);
	s->until = unpack_limited(u, 8, feed_next);
	s->replay_end = unpack_limited(u, 8, feed_next);
	s->replay_back = (uint32_t)unpack_limited(u, 4, s->replay_end);
	s->tagged_from = unpack_limited(u, 8, feed_next);
	s->untaken = (uint32_t)unpack_number(u, 4);
	s->allowance = (uint16_t)unpack_number(u, 2);
	s->tries = (uint8_t)unpack_limited(u, 1, 16);
	s->list = (uint8_t)unpack_limited(u, 1, LIST_BANS);
	s->list_next = (uint32_t)unpack_number(u, 4);
	s->serial = (uint32_t)unpack_number(u, 4);
	s->since = (uint32_t)unpack_number(u, 4);
	s->writer = (uint32_t)unpack_number(u, 4);
	s->heard = (int64_t)unpack_number(u, 8);
	s->due = (int64_t)unpack_number(u, 8);
	load_address(&s->from, u);
	load_person(s->token, s->nick, &s->nick_len, &s->ignored, &s->ignored_count, u);
	load_line(&s->line, u);
	if (flags & FLAG_TELNET)
		load_telnet(s, u);
	s->waiting = load_heap(u, &len);
	s->waiting_len = (uint32_t)len;
	load_replies(&s->reply, u);
	if (state == SLOT_FREE)
		u->failed = true;
	else
		s->state = state;
}

static void save_slots(const struct slots *slots, struct pack *p)
{
	for (uint32_t i = 0; i < slots->top; i++) {
		if (slots->list[i].state == SLOT_FREE)
			continue;
		pack_number(p, i, 4);
		save_slot(&slots->list[i], p);
	}
	pack_number(p, slots->count, 4);
	pack_number(p, slots->next_serial, 4);
}

static void load_slots(struct room *room, struct unpack *u)
{
	for (;;) {
		uint32_t place = (uint32_t)unpack_limited(u, 4, room->slots.count);
		struct slot *slot;

		if (u->failed || place == room->slots.count)
			break;
		slot = slots_take_place(&room->slots, place);
		if (slot == NULL) {
			u->failed = true;
			break;
		}
		slot->state = SLOT_GONE; /* taken, whatever comes of loading it */
		load_slot(slot, room->feed.next, u);
		room->waiting = room->waiting || slot->waiting != NULL || slot->ended;
		room->online += slot->announced;
		room->clients += slot->state == SLOT_HERE || slot->state == SLOT_DOOR;
	}
	room->slots.next_serial = (uint32_t)unpack_number(u, 4);
}

static void save_feed(const struct feed *f, struct pack *p)
{
	pack_number(p, f->first, 8);
	pack_number(p, f->next, 8);
	for (uint64_t id = f->first; id < f->next; id++) {
		const struct record *r = feed_record(f, id);

		pack_number(p, r->kind, 1);
		pack_number(p, r->author, 4);
		pack_number(p, r->time, 4);
		pack_bytes(p, feed_line(f, id), r->len);
	}
}

static void load_feed(struct feed *f, struct unpack *u)
{
	uint64_t first = unpack_number(u, 8), next = unpack_number(u, 8);

	if (first == 0 || first > next)
		u->failed = true;
	if (u->failed)
		return;
	feed_begin(f, first);
	for (uint64_t id = first; id < next && !u->failed; id++) {
		enum message_kind kind = (enum message_kind)unpack_limited(u, 1, MESSAGE_OTHER);
		uint32_t author = (uint32_t)unpack_number(u, 4);
		int64_t time = (int64_t)unpack_number(u, 4);
		size_t len;
		const uint8_t *line = unpack_bytes(u, f->size < RECORD_MAX ? f->size : RECORD_MAX,
			&len);
		char *to = feed_reserve(f, len);

		if (line != NULL)
			memcpy(to, line, len);
		feed_commit(f, len, kind, author, time);
	}
}

static void save_bans(const struct bans *b, struct pack *p)
{
	pack_number(p, b->count, 4);
	for (uint32_t i = 0; i < b->count; i++) {
		pack_number(p, b->list[i].prefix.family, 1);
		pack_number(p, b->list[i].prefix.bits, 1);
		pack_bytes(p, b->list[i].prefix.bytes, sizeof(b->list[i].prefix.bytes));
		pack_number(p, (uint64_t)b->list[i].until, 8);
	}
}

static void load_bans(struct bans *b, struct unpack *u)
{
	uint64_t count = unpack_limited(u, 4, BANS_MAX);

	for (; count > 0 && !u->failed; count--) {
		struct prefix prefix;

		prefix.family = (uint8_t)unpack_limited(u, 1, ADDRESS_UNIX);
		prefix.bits = (uint8_t)unpack_limited(u, 1, 128);
		unpack_exactly(u, prefix.bytes, sizeof(prefix.bytes));
		if (bans_add(b, &prefix, (int64_t)unpack_number(u, 8)) < 0)
			u->failed = true;
	}
}

static void save_absences(const struct absences *a, struct pack *p)
{
	pack_number(p, a->count, 4);
	for (uint32_t i = 0; i < a->count; i++) {
		const struct absence *one = &a->list[i];

		pack_number(p, (uint64_t)one->due, 8);
		pack_number(p, one->serial, 4);
		pack_number(p, one->number, 4);
		pack_number(p, one->since, 4);
		pack_number(p, one->writer, 4);
		save_person(one->token, one->nick, one->nick_len, one->ignored,
			one->ignored_count, p);
	}
}

static void load_absences(struct absences *a, struct unpack *u)
{
	uint64_t count = unpack_number(u, 4);

	for (; count > 0 && !u->failed; count--) {
		struct slot none = { .state = SLOT_FREE };
		struct absence *one;

		if (absences_add(a, &none, 0, (int64_t)unpack_number(u, 8)) < 0) {
			u->failed = true;
			return;
		}
		one = &a->list[a->count - 1];
		one->serial = (uint32_t)unpack_number(u, 4);
		one->number = (uint32_t)unpack_number(u, 4);
		one->since = (uint32_t)unpack_number(u, 4);
		one->writer = (uint32_t)unpack_number(u, 4);
		load_person(one->token, one->nick, &one->nick_len, &one->ignored,
			&one->ignored_count, u);
	}
}

static void save_counters(const struct counters *c, struct pack *p)
{
	const uint64_t all[] = { c->lines, c->private, c->bytes_in, c->bytes_out, c->connects,
		c->refused, c->strangers, c->errors, c->missed, c->lagged, c->history_lost,
		c->peak };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		pack_number(p, all[i], 8);
}

static void load_counters(struct counters *c, struct unpack *u)
{
	uint64_t *all[] = { &c->lines, &c->private, &c->bytes_in, &c->bytes_out, &c->connects,
		&c->refused, &c->strangers, &c->errors, &c->missed, &c->lagged,
		&c->history_lost };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		*all[i] = unpack_number(u, 8);
	c->peak = (uint32_t)unpack_number(u, 8);
}

void state_save(const struct room *room, struct pack *p)
{
	const char *motd = room->settings.motd, *log;
	size_t log_len = log_pending(room->log, &log), start = p->len;

	pack_bytes(p, magic, sizeof(magic));
	pack_number(p, room->slots.max, 4);
	pack_number(p, room->feed.size, 8);
	pack_number(p, (uint64_t)room->started.ticks, 8);
	pack_number(p, (uint64_t)room->started.time, 8);
	pack_number(p, motd != NULL, 1);
	pack_bytes(p, motd, motd != NULL ? strlen(motd) : 0);
	save_counters(&room->counters, p);
	save_feed(&room->feed, p);
	save_slots(&room->slots, p);
	save_bans(&room->bans, p);
	save_absences(&room->absences, p);
	pack_bytes(p, log, log_len);
	if (!p->failed)
		pack_number(p, pack_hash(p->bytes + start, p->len - start), 8);
}

/* The settings of the new program, with what can't change taken from the state. */
static int load_room(struct room *room, struct unpack *u, const struct settings *settings,
	struct log *log, chat_random *random, struct moment now)
{
	struct settings own = *settings;
	bool has_motd;
	const uint8_t *bytes;
	size_t len;

	own.max_clients = (uint32_t)unpack_limited(u, 4, 1 << 24);
	own.feed_bytes = (size_t)unpack_limited(u, 8, UINT32_MAX);
	if (feed_line_max(own.max_message) * FEED_LINES_MIN > own.feed_bytes)
		u->failed = true;
	if (u->failed || room_init(room, &own, log, random, now) < 0)
		return -1;
	room->started.ticks = (int64_t)unpack_number(u, 8);
	room->started.time = (int64_t)unpack_number(u, 8);
	has_motd = unpack_limited(u, 1, 1);
	bytes = unpack_bytes(u, HEAP_MAX, &len);
	if (settings_set_text(&room->settings.motd,
		    has_motd ? (bytes != NULL ? (const char *)bytes : "") : NULL, len) < 0)
		u->failed = true;
	load_counters(&room->counters, u);
	load_feed(&room->feed, u);
	load_slots(room, u);
	load_bans(&room->bans, u);
	load_absences(&room->absences, u);
	bytes = unpack_bytes(u, LOG_BYTES, &len);
	if (u->failed) {
		room_finish(room);
		return -1;
	}
	log_put_back(log, (const char *)bytes, len);
	return 0;
}

int state_load(struct room *room, struct unpack *u, const struct settings *settings,
	struct log *log, chat_random *random, struct moment now, const char **why)
{
	size_t start = u->at, len;
	const uint8_t *bytes = unpack_bytes(u, sizeof(magic), &len);

	*why = "the state is of another version";
	if (len != sizeof(magic) || memcmp(bytes, magic, sizeof(magic)) != 0)
		return -1;
	*why = "the state is damaged, does not fit the settings, or memory is out";
	if (load_room(room, u, settings, log, random, now) < 0)
		return -1;
	len = u->at - start;
	if (unpack_number(u, 8) != pack_hash(u->bytes + start, len)) {
		room_finish(room);
		return -1;
	}
	/* Until each has been sent something, nobody knows how far behind the readers are. */
	room->budget = 0;
	room_wake_at(room, now.ticks);
	return 0;
}
