/*
 * Delivery (delivery.h). The rule: all that a client is owed is its cursor to the feed's head, and
 * its outbox; a cursor stands only between lines.
 *
 * To a browser lines go out in WebSocket frames (RFC 6455, https://www.rfc-editor.org/rfc/rfc6455),
 * made as they are sent: the head of a frame, and then the same pieces. A frame that has begun is
 * finished before anything else is said.
 */
#include "server/core/room/delivery.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/core/room/context.h"

/* Records from here on are not (yet) the client's business. */
static uint64_t own_end(const struct client *client)
{
	switch (client->state) {
	case CLIENT_HERE:
		switch (client->task) {
		case TASK_RESUME: /* it goes on when it has its answer */
			return client_resumption(client)->answered ? client->member.room->feed.next
								  : client->member.cursor;
		case TASK_MOVE: /* it has left a room, and is not in the next yet */
			return client_move(client)->is_gone ? client_move(client)->until
							    : client->member.room->feed.next;
		default:
			return client->member.room->feed.next;
		}
	case CLIENT_LEAVING:
		return client->until;
	default:
		return client->member.cursor;
	}
}

/* The same, or where the records begin that nobody may see before they are on disk. */
static uint64_t delivery_end(const struct client *client)
{
	uint64_t end = own_end(client), visible = room_visible(client->member.room);

	return visible < end ? visible : end;
}

static bool is_owed_lines(const struct client *client)
{
	return client->member.cursor < own_end(client) || !outbox_is_empty(&client->outbox) ||
		client->member.replay_end != 0;
}

static bool is_owed_pong(const struct client *client)
{
	return wire_has_pong(&client->wire);
}

/* Whether its WebSocket is still to be closed. */
static bool is_owed_close(const struct client *client)
{
	return client->is_framed && client->state == CLIENT_LEAVING && !client->close_sent;
}

bool delivery_is_owing(const struct client *client)
{
	if (client->deaf || client->state == CLIENT_GONE)
		return false;
	return is_owed_lines(client) || is_owed_pong(client) || is_owed_close(client);
}

/* Whether a private line may go out where the client stands. */
static bool is_in_place(const struct client *client, const struct outbox_piece *piece,
	uint64_t cursor)
{
	return piece->at <= cursor || cursor >= own_end(client);
}

bool delivery_is_pending(const struct client *client)
{
	const struct member *m = &client->member;
	struct outbox_piece piece;
	uint32_t first = 0;

	if (!delivery_is_owing(client))
		return false;
	if (is_owed_pong(client) || !is_owed_lines(client))
		return true;
	if (room_visible(m->room) == m->room->feed.next || m->cursor < delivery_end(client) ||
		(m->replay_end != 0 && m->cursor >= m->replay_end))
		return true;
	/* What is left is held back, but for private lines that do not come after it. */
	return outbox_next(&client->outbox, &first, &piece) &&
		is_in_place(client, &piece, m->cursor);
}

static struct delivery_point client_point(const struct client *client)
{
	return (struct delivery_point){ client->member.cursor, client->member.replay_end,
		client->member.replay_back };
}

static void set_point(struct client *client, struct delivery_point point)
{
	client->member.cursor = point.cursor;
	client->member.replay_end = point.replay_end;
	client->member.replay_back = point.replay_back;
}

/* At the end of what was there when a replay was asked for: back to its first line, or on. */
static void turn_replay(const struct feed *f, struct delivery_point *point)
{
	if (point->replay_back == 0) {
		point->replay_end = 0;
		return;
	}
	point->cursor -= point->replay_back;
	if (point->cursor < f->first)
		point->cursor = f->first < point->replay_end ? f->first : point->replay_end;
	point->replay_back = 0;
}

static struct framing framing_at(const struct client *client, const struct delivery_point *point)
{
	bool replaying = point->replay_end != 0 && point->replay_back == 0;

	return (struct framing){
		.crlf = client->wire.crlf,
		.tagged = client->member.tagged_from != 0 &&
			(replaying || point->cursor >= client->member.tagged_from),
		.messages_only = replaying,
		.quiet = client->user.is_quiet,
		.ignored = client->user.ignores,
	};
}

/* Adds a piece that begins at before, and after which the plan's point is now. */
static void plan_piece(struct delivery *plan, bool of_feed, struct iovec iov,
	struct delivery_point before)
{
	int i = plan->count++;

	plan->iov[i] = iov;
	plan->of_feed[i] = of_feed;
	plan->before[i] = before;
	plan->after[i] = plan->point;
	plan->bytes += iov.iov_len;
}

/* Whether a line of len bytes goes into the frame that is being made, if there is one. */
static bool fits_frame(const struct client *client, size_t bytes, size_t len)
{
	return !client->is_framed || bytes == 0 || bytes + len <= DELIVERY_FRAME_MAX;
}

/* Up to where the records from the point on fit. */
static uint64_t frame_limit(const struct client *client, const struct delivery *plan,
	const struct framing *framing, uint64_t limit)
{
	const struct feed *f = &client->member.room->feed;
	size_t bytes = plan->bytes;
	uint64_t id = plan->point.cursor;

	for (; id < limit; id++) {
		size_t len = framing_length(framing, f, id);

		if (!fits_frame(client, bytes, len))
			break;
		bytes += len;
	}
	return id;
}

/*
 * Lines from the cursor to there, but not beyond limit, are not in the feed: says so in their
 * place. A replay is only a courtesy, what it lacks was never owed.
 */
static void tell_missed(struct chat *chat, struct client *client, uint64_t there, uint64_t limit)
{
	uint64_t to = there < limit ? there : limit;
	uint64_t missed = to - client->member.cursor;
	char line[64];
	int len;

	if (client->member.replay_end == 0 || client->member.replay_back != 0) {
		len = snprintf(line, sizeof(line), "=== you missed %" PRIu64 " lines\n", missed);
		if (outbox_put_first(&client->outbox, line,
			    framing_end_line(line, (size_t)len, client->wire.crlf)) < 0)
			chat_fail_client(chat, client);
		chat->counters.missed += missed;
	}
	client->member.cursor = to;
}

/* Adds what the feed has from the point on, up to limit at most; false as plan_next(). */
static bool plan_run(struct chat *chat, struct client *client, struct delivery *plan,
	uint64_t limit)
{
	struct delivery_point *point = &plan->point, before = *point;
	uint64_t there = feed_present(&client->member.room->feed, point->cursor);
	struct framing framing = framing_at(client, point);
	struct iovec run;

	if (there > point->cursor) {
		if (plan->count == 0) {
			set_point(client, *point);
			tell_missed(chat, client, there, limit);
		}
		return false;
	}
	if (!framing.tagged && client->member.tagged_from > point->cursor &&
		client->member.tagged_from < limit)
		limit = client->member.tagged_from;
	if (client->is_framed)
		limit = frame_limit(client, plan, &framing, limit);
	if (limit == point->cursor)
		return false;
	if (framing_renders(&framing)) {
		if (plan->rendered)
			return false;
		plan->rendered = true;
	}
	point->cursor = framing_run(&framing, &client->member.room->feed,
		&client->member.room->caches, point->cursor, limit, &run);
	if (point->cursor == before.cursor) {
		chat_fail_client(chat, client);
		return false;
	}
	plan_piece(plan, true, run, before);
	return true;
}

/*
 * Adds the next piece; false when there is nothing more, or nothing more that can go out in the
 * same call.
 */
static bool plan_next(struct chat *chat, struct client *client, struct delivery *plan)
{
	struct delivery_point *point = &plan->point;
	uint64_t limit = delivery_end(client);
	uint32_t next = plan->outbox_at;
	struct outbox_piece piece;

	if (outbox_next(&client->outbox, &next, &piece)) {
		if (client->is_framed && piece.raw)
			return false;
		if (is_in_place(client, &piece, point->cursor)) {
			if (!fits_frame(client, plan->bytes, piece.len))
				return false;
			plan_piece(plan, false, (struct iovec){ (char *)piece.bytes, piece.len },
				*point);
			plan->outbox_at = next;
			return true;
		}
		limit = piece.at < limit ? piece.at : limit;
	}
	while (point->replay_end != 0 && point->cursor >= point->replay_end)
		turn_replay(&client->member.room->feed, point);
	if (point->replay_end != 0 && point->replay_end < limit)
		limit = point->replay_end;
	return point->cursor < limit && plan_run(chat, client, plan, limit);
}

/* For a browser, in one piece: two cost the system more than a copy, which is made once for all. */
static bool plan_plain_frame(const struct client *client, struct delivery *plan)
{
	struct delivery_frame *frame = &plan->frame;
	const struct room *room = client->member.room;
	uint64_t from = plan->before[0].cursor, to = plan->after[0].cursor;

	if (plan->bytes > DELIVERY_FRAME_MAX || is_owed_pong(client))
		return false;
	plan->head_len = websocket_put_text_head(plan->head, plan->bytes);
	plan->is_whole = true;
	if (frame->room == room && frame->from == from && frame->to == to)
		return true;
	memcpy(frame->bytes, plan->head, plan->head_len);
	memcpy(frame->bytes + plan->head_len, plan->iov[0].iov_base, plan->bytes);
	frame->room = room;
	frame->from = from;
	frame->to = to;
	frame->len = plan->head_len + plan->bytes;
	return true;
}

/*
 * The case of nearly every client in nearly every turn, in as few steps as it takes: one run of
 * the feed, as it lies. False if it is anything else.
 */
static bool plan_plain(const struct client *client, struct delivery *plan)
{
	const struct feed *f = &client->member.room->feed;
	uint64_t cursor = client->member.cursor, end = delivery_end(client);

	if (client->state != CLIENT_HERE || cursor >= end || cursor < f->first ||
		!outbox_is_empty(&client->outbox) || client->member.replay_end != 0 ||
		client->member.tagged_from != 0 || client->wire.crlf ||
		client->user.is_quiet || client->user.ignores != NULL || client->deaf)
		return false;
	if (feed_run(f, cursor, end, &plan->iov[0]) < end)
		return false;
	plan->of_feed[0] = true;
	plan->before[0] = client_point(client);
	plan->after[0] = (struct delivery_point){ .cursor = end };
	plan->count = 1;
	plan->head_len = 0;
	plan->bytes = plan->iov[0].iov_len;
	if (plan->bytes == 0)
		return false;
	return !client->is_framed || plan_plain_frame(client, plan);
}

static void begin_plan(struct delivery *plan, struct delivery_point start)
{
	plan->head_len = 0;
	plan->count = 0;
	plan->bytes = 0;
	plan->point = start;
	plan->outbox_at = 0;
	plan->rendered = false;
}

static bool plan_lines(struct chat *chat, struct client *client, struct delivery *plan)
{
	/* Each pass that finds nothing to send has moved the cursor on, or is the last. */
	while (delivery_is_pending(client)) {
		struct delivery_point start = client_point(client);

		begin_plan(plan, start);
		while (plan->count < DELIVERY_PIECES && plan_next(chat, client, plan))
			;
		if (plan->bytes > 0)
			return true;
		if (plan->count > 0 || client->member.cursor == start.cursor)
			set_point(client, plan->point);
		if (client->member.cursor == start.cursor &&
			client->member.replay_end == start.replay_end)
			break;
	}
	begin_plan(plan, client_point(client));
	return false;
}

/* Whether what goes out first is no line: the handshake, a control frame, the rest of a frame. */
static bool begins_raw(const struct client *client)
{
	struct outbox_piece piece;
	uint32_t first = 0;

	return outbox_next(&client->outbox, &first, &piece) && piece.raw;
}

static bool plan_raw(struct client *client, struct delivery *plan)
{
	struct outbox_piece piece;

	while (plan->count < DELIVERY_PIECES &&
		outbox_next(&client->outbox, &plan->outbox_at, &piece) && piece.raw)
		plan_piece(plan, false, (struct iovec){ (char *)piece.bytes, piece.len },
			plan->point);
	return plan->count > 0;
}

static void queue_pong(struct chat *chat, struct client *client)
{
	uint8_t frame[WEBSOCKET_PUT_CONTROL_MAX];
	size_t len = wire_take_pong(&client->wire, frame);

	if (outbox_put_first_raw(&client->outbox, frame, len) < 0)
		chat_fail_client(chat, client);
}

static const char *close_reason(uint16_t code)
{
	switch (code) {
	case WEBSOCKET_NORMAL:
		return "goodbye";
	case WEBSOCKET_GOING_AWAY:
		return "the server is shutting down";
	case WEBSOCKET_PROTOCOL_ERROR:
		return "not as RFC 6455 wants it";
	case WEBSOCKET_UNSUPPORTED_DATA:
		return "only text is taken";
	case WEBSOCKET_INVALID_DATA:
		return "this is not UTF-8";
	case WEBSOCKET_TOO_BIG:
		return "a message over 64 KiB";
	case WEBSOCKET_INTERNAL_ERROR:
		return "out of memory";
	case WEBSOCKET_TRY_AGAIN_LATER:
		return "try again later";
	case WEBSOCKET_KICKED:
		return "kicked";
	case WEBSOCKET_BANNED:
		return "banned";
	case WEBSOCKET_RESUMED_ELSEWHERE:
		return "you have come back on another connection";
	case WEBSOCKET_WRONG_PASSWORD:
		return "wrong password";
	case WEBSOCKET_IDLE:
		return "idle for too long";
	default:
		return "";
	}
}

/* The last that goes out. It takes no memory, which may be its reason. */
static void plan_close(const struct client *client, struct delivery *plan)
{
	const char *reason = client->close_heard ? "" : close_reason(client->close_code);

	plan->head_len = websocket_put_close(plan->head, (enum websocket_code)client->close_code,
		(struct slice){ reason, strlen(reason) });
}

/* One frame of lines, or what goes out beside them. */
static bool plan_frames(struct chat *chat, struct client *client, struct delivery *plan)
{
	if (!begins_raw(client) && is_owed_pong(client))
		queue_pong(chat, client);
	if (begins_raw(client))
		return plan_raw(client, plan);
	if (plan_lines(chat, client, plan)) {
		plan->head_len = websocket_put_text_head(plan->head, plan->bytes);
		return true;
	}
	if (is_owed_lines(client) || !is_owed_close(client) || client->deaf)
		return false;
	plan_close(client, plan);
	return true;
}

bool delivery_next(struct chat *chat, struct client *client, struct delivery *plan)
{
	plan->is_whole = false;
	if (plan_plain(client, plan))
		return true;
	begin_plan(plan, client_point(client));
	return client->is_framed ? plan_frames(chat, client, plan)
				 : plan_lines(chat, client, plan);
}

void delivery_turn(struct delivery *plan)
{
	plan->frame.room = NULL;
}

void delivery_pong(struct chat *chat, struct client *client, const uint8_t *bytes, size_t len)
{
	if (client->deaf || client->close_sent)
		return;
	if (wire_keep_pong(&client->wire, bytes, len) < 0)
		chat_fail_client(chat, client);
}

/*
 * The kernel took len bytes of this piece, but not all of it: the cursor goes past every line of
 * which something went out, and the rest of the last one goes to the front of the outbox.
 */
static void cut(struct chat *chat, struct client *client, const struct delivery *plan, int i,
	size_t len)
{
	const struct feed *f = &client->member.room->feed;
	struct framing framing = framing_at(client, &plan->before[i]);
	uint64_t cursor = plan->before[i].cursor;
	size_t end = 0;

	if (len == 0)
		return;
	if (!plan->of_feed[i]) {
		outbox_consume(&client->outbox, len);
		return;
	}
	set_point(client, plan->before[i]);
	for (; end < len; cursor++)
		end += framing_length(&framing, f, cursor);
	client->member.cursor = cursor;
	if (end > len && outbox_put_first(&client->outbox,
				 (const char *)plan->iov[i].iov_base + len, end - len) < 0)
		chat_fail_client(chat, client);
}

/* Past all pieces. */
static void finish_pieces(struct client *client, const struct delivery *plan)
{
	for (int i = 0; i < plan->count; i++) {
		if (!plan->of_feed[i])
			outbox_consume(&client->outbox, plan->iov[i].iov_len);
		set_point(client, plan->after[i]);
	}
}

/* The bytes of a frame from there on; heap. NULL: no memory. */
static char *copy_rest(const struct delivery *plan, size_t from)
{
	char *rest = malloc(plan->head_len + plan->bytes - from), *to = rest;

	if (rest == NULL)
		return NULL;
	for (int i = -1; i < plan->count; i++) {
		const char *bytes = i < 0 ? (const char *)plan->head : plan->iov[i].iov_base;
		size_t len = i < 0 ? plan->head_len : plan->iov[i].iov_len;
		size_t skipped = from < len ? from : len;

		if (len > skipped)
			memcpy(to, bytes + skipped, len - skipped);
		to += len - skipped;
		from -= skipped;
	}
	return rest;
}

/* A frame that was cut in two counts as sent, and its rest goes out before anything else. */
static void finish_frame(struct chat *chat, struct client *client, const struct delivery *plan,
	size_t len)
{
	size_t all = plan->head_len + plan->bytes;
	char *rest = NULL;

	if (len == 0)
		return;
	client->close_sent = plan->count == 0;
	if (len < all)
		rest = copy_rest(plan, len);
	finish_pieces(client, plan);
	if (len < all && (rest == NULL ||
				 outbox_put_first_raw(&client->outbox, rest, all - len) < 0)) {
		/* A frame that can't be ended: not even a close frame may follow. */
		client->close_sent = true;
		chat_fail_client(chat, client);
	}
	free(rest);
}

void delivery_done(struct chat *chat, struct client *client, const struct delivery *plan,
	size_t len)
{
	if (plan->head_len > 0) {
		finish_frame(chat, client, plan, len);
		return;
	}
	for (int i = 0; i < plan->count; i++) {
		if (plan->iov[i].iov_len > len) {
			cut(chat, client, plan, i, len);
			return;
		}
		len -= plan->iov[i].iov_len;
		if (!plan->of_feed[i])
			outbox_consume(&client->outbox, plan->iov[i].iov_len);
		set_point(client, plan->after[i]);
	}
}

/* The ID from which on there are this many messages before end, or the oldest. */
static uint64_t replay_start(const struct feed *f, uint64_t end, uint32_t count)
{
	uint64_t id = end;

	for (uint64_t at = end; at > f->first && count > 0; at--) {
		const struct record *r = feed_record(f, at - 1);

		if (r->kind != MESSAGE_EVENT && r->len > 0) {
			id = at - 1;
			count--;
		}
	}
	return id;
}

void delivery_replay(struct client *client, uint32_t count)
{
	struct member *m = &client->member;
	uint64_t visible = room_visible(m->room);
	uint64_t end = m->cursor > visible ? m->cursor : visible;
	uint64_t from = replay_start(&m->room->feed, end, count);

	if (from == end || client->deaf)
		return;
	m->replay_end = end;
	m->replay_back = (uint32_t)(end - from);
}
