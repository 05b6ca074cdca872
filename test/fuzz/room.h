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
	ROOM_SWITCHED = 129, /* bytes of the answer to a WebSocket handshake */
	ROOM_TEXT = 0x81, /* first bytes of frames: the whole of a text message, the last that comes */
	ROOM_CLOSE = 0x88,
};

/* What has come to a browser. */
struct room_browser {
	size_t answered; /* bytes of the handshake's answer */
	uint8_t head[4]; /* of the frame that is coming */
	size_t head_len, left;
	bool closed;
};

struct room_place {
	bool taken, ended, is_browser;
	char line[ROOM_LINE]; /* what has come of the next */
	size_t len;
	struct room_browser browser;
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

/* The next byte of a frame's head; its first tells what it is, the others how long. */
static inline void room_hear_head(struct room_browser *b, uint8_t byte)
{
	MUST(!b->closed);
	b->head[b->head_len++] = byte;
	if (b->head_len < 2 || (b->head[1] == 126 && b->head_len < 4))
		return;
	MUST(b->head[0] == ROOM_TEXT || (b->head[0] >= ROOM_CLOSE && b->head[0] <= 0x8a));
	MUST(b->head[1] < 126 || (b->head[1] == 126 && b->head[0] == ROOM_TEXT));
	b->left = b->head[1] < 126 ? b->head[1] : (size_t)(b->head[2] << 8 | b->head[3]);
	b->closed = b->head[0] == ROOM_CLOSE;
	if (b->left == 0)
		b->head_len = 0;
}

/* A browser: frames that are whole, of whole lines, and nothing after one that closes. */
static inline void room_hear_frames(struct room_place *p, const uint8_t *bytes, size_t len)
{
	struct room_browser *b = &p->browser;

	for (size_t i = 0; i < len; i++) {
		if (b->answered < ROOM_SWITCHED) {
			b->answered++;
		} else if (b->left == 0) {
			room_hear_head(b, bytes[i]);
		} else {
			if (b->head[0] == ROOM_TEXT)
				room_hear(p, &bytes[i], 1);
			if (--b->left > 0)
				continue;
			b->head_len = 0;
			MUST(p->len == 0);
		}
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

		if (r->places[place].is_browser)
			room_hear_frames(&r->places[place], iov[i].iov_base, len);
		else
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

/* Somebody comes over WebSocket: into a client's place, or to be refused where it is. */
static inline int room_browse(struct fuzz_room *r, uint8_t host)
{
	static const struct web_profile profile;
	static const char handshake[] = "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
		"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
	struct address from = { .family = ADDRESS_V4, .bytes = { 192, 0, 2, host }, .port = 1 };
	int place = chat_connect_web(r->chat, &from, &profile);
	uint32_t before, after;

	if (place < 0)
		return place;
	chat_receive(r->chat, (uint32_t)place, (const uint8_t *)handshake, sizeof(handshake) - 1);
	if (chat_moved(r->chat, &before, &after))
		place = (int)after;
	MUST(place < ROOM_PLACES && !r->places[place].taken);
	r->places[place] = (struct room_place){ .taken = true, .is_browser = true };
	return place;
}

/* A text message of at most 125 bytes. */
static inline void room_receive_message(struct fuzz_room *r, uint32_t place, const uint8_t *bytes,
	size_t len)
{
	uint8_t frame[6 + 125] = { ROOM_TEXT, 0x80 };

	len = len < 125 ? len : 125;
	frame[1] |= (uint8_t)len;
	if (len > 0)
		memcpy(frame + 6, bytes, len);
	room_receive(r, place, frame, 6 + len);
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
