/*
 * Browsers. The rule: frames are made and taken apart here with RFC 6455 in hand and nothing of the
 * core's, https://www.rfc-editor.org/rfc/rfc6455#section-5.2
 */
#include "test/sim/browser.h"

#include <stdio.h>
#include <string.h>

#include "proto/text.h"
#include "test/sim/memory.h"
#include "test/sim/reader.h"

enum opcode { CONTINUATION = 0, TEXT = 1, CLOSE = 8, PING = 9, PONG = 10 };

enum {
	FIN = 0x80,
	MASKED = 0x80,
	LENGTH_16 = 126,
	SMALLEST_16 = 126, /* lengths from here on take two bytes more */
	PIECES = 4,        /* frames that a line goes out in, at most */
	FRAME_MOST = 16 * 1024, /* bytes of several lines in one frame */
	SILENCE = 50,      /* seconds in which the server hears something or ends it */
};

static const char request[] = "GET /ws HTTP/1.1\r\nHost: chat.example.org\r\n"
	"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
static const char switched[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
	"Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

static void put(struct peer *c, const void *bytes, size_t len)
{
	c->todo = memory_resize(c->todo, c->todo_len + len + 1);
	if (len > 0)
		memcpy(c->todo + c->todo_len, bytes, len);
	c->todo_len += len;
	c->bytes_said += len;
}

void browser_begin(struct peer *c)
{
	put(c, request, sizeof(request) - 1);
}

static void put_frame(struct sim *sim, struct peer *c, unsigned first, const char *text, size_t len)
{
	uint32_t mask = random_between(&sim->random, 0, UINT32_MAX - 1);
	uint8_t head[8], *m = &head[len < SMALLEST_16 ? 2 : 4];

	head[0] = (uint8_t)first;
	head[1] = (uint8_t)(MASKED | (len < SMALLEST_16 ? len : LENGTH_16));
	if (len >= SMALLEST_16) {
		head[2] = (uint8_t)(len >> 8);
		head[3] = (uint8_t)len;
	}
	memcpy(m, &mask, 4);
	put(c, head, (size_t)(m + 4 - head));
	for (size_t i = 0; i < len; i++) {
		uint8_t byte = (uint8_t)text[i] ^ m[i % 4];

		put(c, &byte, 1);
	}
}

static void ping(struct sim *sim, struct peer *c)
{
	char number[16];
	int len = snprintf(number, sizeof(number), "%u", ++c->pings);

	put_frame(sim, c, FIN | PING, number, (size_t)len);
}

void browser_say(struct sim *sim, struct peer *c, const char *line, size_t len)
{
	uint32_t pieces = random_chance(&sim->random, 70) ? 1 :
							     random_between(&sim->random, 2, PIECES);
	bool ends = random_chance(&sim->random, 80), has_lf = !ends || random_chance(&sim->random, 50);
	char text[16384];

	memcpy(text, line, len);
	if (has_lf)
		text[len++] = '\n';
	for (size_t at = 0; pieces > 0; pieces--) {
		size_t most = len - at;
		/* The last has the end of the line. */
		size_t piece = pieces == 1 || most == 0 ? most :
							  random_below(&sim->random, (uint32_t)most);
		bool is_last = pieces == 1 && ends;

		if (random_chance(&sim->random, 10))
			ping(sim, c);
		put_frame(sim, c, (is_last ? FIN : 0u) | (c->in_message ? CONTINUATION : TEXT),
			text + at, piece);
		c->in_message = !is_last;
		at += piece;
	}
}

bool browser_may_say(const char *text, size_t len)
{
	uint32_t code;
	bool valid = true;

	for (size_t at = 0; at < len && valid;)
		at += text_decode(text + at, len - at, &code, &valid);
	return valid && strpbrk(text, "\b\x15\x17\x7f") == NULL;
}

void browser_close(struct sim *sim, struct peer *c)
{
	static const char *const bodies[] = { "", "\x03\xe8", "\x03\xe9", "\x0b\xb8" "bye" };
	const char *body = bodies[random_below(&sim->random, 4)];

	if (c->closing_at == 0)
		put_frame(sim, c, FIN | CLOSE, body, strlen(body));
	if (c->closing_at == 0)
		c->closing_at = c->bytes_said;
}

static void take_pong(const struct sim *sim, struct peer *c)
{
	char text[sizeof(c->control) + 1];
	unsigned number;

	snprintf(text, sizeof(text), "%.*s", (int)c->control_len, (const char *)c->control);
	if (sscanf(text, "%u", &number) != 1 || number <= c->pongs || number > c->pings)
		sim_fail(sim, c, "received the pong \"%s\" after %u of %u", text, c->pongs, c->pings);
	c->pongs = number;
}

/* A control frame is whole. */
static void take_control(struct sim *sim, struct peer *c, unsigned opcode)
{
	if (opcode == PING && c->ending == ENDING_NONE && c->closing_at == 0)
		put_frame(sim, c, FIN | PONG, (const char *)c->control, c->control_len);
	if (opcode == PONG)
		take_pong(sim, c);
	if (opcode != CLOSE)
		return;
	c->was_closed = true;
	if (c->control_len == 1)
		sim_fail(sim, c, "was closed with one byte");
	if (c->ending == ENDING_NONE && c->closing_at == 0)
		browser_close(sim, c);
}

static void check_head(const struct sim *sim, const struct peer *c)
{
	unsigned opcode = c->frame_head[0] & 0xf, size = c->frame_head[1];

	if (c->was_closed)
		sim_fail(sim, c, "received a frame after it was closed");
	if ((c->frame_head[0] & 0xf0) != FIN || (opcode != TEXT && opcode < CLOSE) || opcode > PONG)
		sim_fail(sim, c, "received a frame that begins with %02x", c->frame_head[0]);
	if (size > LENGTH_16 || (size == LENGTH_16 && opcode != TEXT))
		sim_fail(sim, c, "received a frame with the length %u", size);
}

/* The head of a frame comes; its first bytes tell how long it is. */
static void take_head(const struct sim *sim, struct peer *c, uint8_t byte)
{
	c->frame_head[c->frame_head_len++] = byte;
	if (c->frame_head_len < 2)
		return;
	check_head(sim, c);
	c->frame_len = c->frame_head[1];
	if (c->frame_len == LENGTH_16 && c->frame_head_len < 4)
		return;
	if (c->frame_len == LENGTH_16) {
		c->frame_len = (size_t)c->frame_head[2] << 8 | c->frame_head[3];
		if (c->frame_len < SMALLEST_16)
			sim_fail(sim, c, "received a length of two bytes for %zu", c->frame_len);
	}
	c->frame_left = c->frame_len;
	c->frame_lines = 0;
	c->control_len = 0;
	c->in_frame = true;
}

static void end_frame(struct sim *sim, struct peer *c)
{
	unsigned opcode = c->frame_head[0] & 0xf;

	c->in_frame = false;
	c->frame_head_len = 0;
	if (opcode != TEXT)
		take_control(sim, c, opcode);
	else if (c->partial_len > 0 || c->frame_lines == 0)
		sim_fail(sim, c, "received a frame of half a line");
	else if (c->frame_len > FRAME_MOST && c->frame_lines > 1)
		sim_fail(sim, c, "received %zu bytes in one frame", c->frame_len);
}

/* What is left of a frame, or as much of it as there is; returns how much. */
static size_t take_payload(struct sim *sim, struct peer *c, const uint8_t *bytes, size_t len)
{
	len = len < c->frame_left ? len : c->frame_left;
	c->frame_left -= len;
	if ((c->frame_head[0] & 0xf) != TEXT) {
		memcpy(c->control + c->control_len, bytes, len);
		c->control_len += len;
		return len;
	}
	for (size_t i = 0; i < len; i++)
		c->frame_lines += bytes[i] == '\n';
	reader_take(sim, c, bytes, len);
	return len;
}

void browser_take(struct sim *sim, struct peer *c, const uint8_t *bytes, size_t len)
{
	size_t at = 0;

	for (; at < len && c->answered_bytes < sizeof(switched) - 1; at++)
		if (bytes[at] != (uint8_t)switched[c->answered_bytes++])
			sim_fail(sim, c, "was not let in: %.*s", (int)len, (const char *)bytes);
	while (at < len || (c->in_frame && c->frame_left == 0)) {
		if (!c->in_frame)
			take_head(sim, c, bytes[at++]);
		else if (c->frame_left > 0)
			at += take_payload(sim, c, bytes + at, len - at);
		else
			end_frame(sim, c);
	}
}

void browser_end(const struct sim *sim, const struct peer *c)
{
	if (c->in_frame || c->frame_head_len > 0)
		sim_fail(sim, c, "received half a frame");
	if (c->answered_bytes == sizeof(switched) - 1 && !c->was_closed && c->ending == ENDING_NONE)
		sim_fail(sim, c, "was not closed");
}

void browser_check_rest(const struct sim *sim, const struct peer *c)
{
	if (c->pongs != c->pings)
		sim_fail(sim, c, "got the pong %u, not %u", c->pongs, c->pings);
}

bool browser_is_silent(const struct sim *sim, const struct peer *c)
{
	return c->is_browser &&
		sim->now.usec - c->heard_at >= (int64_t)(SILENCE - 1) * TIME_SECOND;
}
