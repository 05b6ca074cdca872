/*
 * A room to fuzz: a small chat, and what each place of it has been sent, which must be whole, safe
 * lines however it is cut.
 */
#ifndef FUZZ_ROOM_H
#define FUZZ_ROOM_H

#include "proto/text.h"
#include "server/core/chat.h"
#include "test/fuzz/fuzz.h"

enum {
	ROOM_CLIENTS = 4,
	ROOM_PLACES = ROOM_CLIENTS + CHAT_REFUSALS + CHAT_WEB,
	ROOM_MESSAGE = 64,
	ROOM_LINE = 1024, /* more than any line of such a room */
	ROOM_IAC = 255,
	ROOM_TELNET = 3, /* bytes of an answer */
};

struct room_place {
	bool taken, ended;
	char line[ROOM_LINE]; /* what has come of the next */
	size_t len;
};

struct fuzz_room {
	struct chat *chat;
	struct log log;
	struct settings settings;
	struct time now;
	struct room_place places[ROOM_PLACES];
};

/* Tokens are the same each time, so that an input can show them. */
static inline void room_random(void *buffer, size_t len)
{
	memset(buffer, 0x11, len);
}

static inline void room_begin(struct fuzz_room *r)
{
	*r = (struct fuzz_room){
		.settings = { .max_clients = ROOM_CLIENTS, .max_message = ROOM_MESSAGE,
			.rate = 10, .burst = 20, .replay = 3, .announce_max = 50,
			.feed_bytes = FEED_LINES_MIN * feed_line_max(ROOM_MESSAGE),
			.operator_password = "sesame" },
		.now = { .usec = TIME_SECOND, .time = 1666214645 },
	};
	MUST(log_init(&r->log, false) == 0);
	r->chat = chat_create(&(struct chat_setup){ &r->settings, &r->log, room_random, r->now });
	MUST(r->chat != NULL && chat_places(r->chat) == ROOM_PLACES);
}

static inline void room_end(struct fuzz_room *r)
{
	chat_destroy(r->chat);
	log_finish(&r->log);
}

/* A whole line, in which nothing moves a cursor. */
static inline void room_check_line(struct room_place *p)
{
	size_t len = p->len;

	if (len > 0 && p->line[len - 1] == '\r')
		len--;
	MUST(len > 0 && text_is_clean(p->line, len));
	p->len = 0;
}

static inline void room_hear(struct room_place *p, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		bool telnet = p->len > 0 && (uint8_t)p->line[0] == ROOM_IAC;

		if (bytes[i] == '\n' && !telnet) {
			room_check_line(p);
			continue;
		}
		MUST(p->len < sizeof(p->line));
		p->line[p->len++] = (char)bytes[i];
		if (telnet && p->len == ROOM_TELNET)
			p->len = 0;
	}
}

/* Sends a place what it is owed, at most max bytes of it. */
static inline void room_send(struct fuzz_room *r, uint32_t place, size_t max)
{
	struct iovec iov[CHAT_IOV];
	size_t all = 0, sent = 0;
	int count;

	if (!r->places[place].taken || !(chat_wants(r->chat, place) & CHAT_WRITE))
		return;
	count = chat_output(r->chat, place, iov);
	MUST(count >= 0 && count <= CHAT_IOV);
	for (int i = 0; i < count; i++) {
		size_t len = iov[i].iov_len < max - sent ? iov[i].iov_len : max - sent;

		room_hear(&r->places[place], iov[i].iov_base, len);
		sent += len;
		all += iov[i].iov_len;
	}
	if (count == 0)
		return;
	MUST(all > 0);
	chat_sent(r->chat, place, sent);
}

static inline void room_receive(struct fuzz_room *r, uint32_t place, const uint8_t *bytes,
	size_t len)
{
	struct room_place *p = &r->places[place];

	if (p->taken && !p->ended && (chat_wants(r->chat, place) & CHAT_READ))
		chat_receive(r->chat, place, bytes, len);
}

static inline int room_connect(struct fuzz_room *r, uint8_t host, bool is_operator)
{
	struct address from = { .family = ADDRESS_V4, .bytes = { 192, 0, 2, host }, .port = 1 };
	int place = chat_connect(r->chat, &from, is_operator, NULL);

	if (place >= 0) {
		MUST(place < ROOM_PLACES && !r->places[place].taken);
		r->places[place] = (struct room_place){ .taken = true };
	}
	return place;
}

/* What every turn ends with. */
static inline void room_settle(struct fuzz_room *r)
{
	const struct feed *f = chat_feed(r->chat, 0);
	const char *bytes;
	size_t len;

	chat_tick(r->chat);
	for (uint32_t i = 0; i < ROOM_PLACES; i++) {
		if (!r->places[i].taken || !(chat_wants(r->chat, i) & (CHAT_FREE | CHAT_DONE)))
			continue;
		chat_release(r->chat, i);
		r->places[i].taken = false;
	}
	MUST(chat_clients(r->chat) <= ROOM_CLIENTS);
	MUST(f->first <= f->next && f->next - f->first <= f->mask + 1 && f->end <= f->size);
	len = log_pending(&r->log, &bytes);
	for (size_t i = 0; i < len; i++)
		MUST((uint8_t)bytes[i] >= ' ' || bytes[i] == '\n');
	log_written(&r->log, len);
}

#endif
