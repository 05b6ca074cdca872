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
#include "server/core/room/delivery_frame.h"

static bool is_owed_lines(const struct client *client)
{
	return client->member.cursor < position_end(client) || !outbox_is_empty(&client->outbox) ||
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
	return piece->at <= cursor || cursor >= position_end(client);
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
	if (room_visible(m->room) == m->room->feed.next ||
		m->cursor < position_visible_end(client) ||
		(m->replay_end != 0 && m->cursor >= m->replay_end))
		return true;
	/* The rest is held back, but for private lines that do not come after it. */
	return outbox_next(&client->outbox, &first, &piece) &&
		is_in_place(client, &piece, m->cursor);
}

/* Whether a line of len bytes goes into the frame that is being made, if there is one. */
static bool fits_frame(const struct client *client, size_t bytes, size_t len)
{
	return !client->is_framed || bytes == 0 || bytes + len <= DELIVERY_FRAME_MAX;
}

/* Up to where the records from the position on fit. */
static uint64_t frame_limit(const struct client *client, const struct delivery_plan *plan,
	const struct framing *framing, uint64_t limit)
{
	const struct feed *f = &client->member.room->feed;
	size_t bytes = plan->bytes;
	uint64_t id = plan->position.cursor;

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

/* Adds what the feed has from the position on, up to limit at most; false as plan_next(). */
static bool plan_run(struct chat *chat, struct client *client, struct delivery_plan *plan,
	uint64_t limit)
{
	struct position *position = &plan->position, before = *position;
	uint64_t there = feed_present(&client->member.room->feed, position->cursor);
	struct framing framing = position_framing(client, position);
	struct iovec run;

	if (there > position->cursor) {
		if (plan->count == 0) {
			position_set(client, *position);
			tell_missed(chat, client, there, limit);
		}
		return false;
	}
	if (!framing.tagged && client->member.tagged_from > position->cursor &&
		client->member.tagged_from < limit)
		limit = client->member.tagged_from;
	if (client->is_framed)
		limit = frame_limit(client, plan, &framing, limit);
	if (limit == position->cursor)
		return false;
	if (framing_renders(&framing)) {
		if (plan->rendered)
			return false;
		plan->rendered = true;
	}
	position->cursor = framing_run(&framing, &client->member.room->feed,
		&client->member.room->caches, (struct id_range){ position->cursor, limit }, &run);
	if (position->cursor == before.cursor) {
		chat_fail_client(chat, client);
		return false;
	}
	delivery_plan_add(plan, true, run, before);
	return true;
}

/*
 * Adds the next piece; false when there is nothing more, or nothing more that can go out in the
 * same call.
 */
static bool plan_next(struct chat *chat, struct client *client, struct delivery_plan *plan)
{
	struct position *position = &plan->position;
	uint64_t limit = position_visible_end(client);
	uint32_t next = plan->outbox_at;
	struct outbox_piece piece;

	if (outbox_next(&client->outbox, &next, &piece)) {
		if (client->is_framed && piece.raw)
			return false;
		if (is_in_place(client, &piece, position->cursor)) {
			if (!fits_frame(client, plan->bytes, piece.len))
				return false;
			delivery_plan_add(plan, false,
				(struct iovec){ (char *)piece.bytes, piece.len }, *position);
			plan->outbox_at = next;
			return true;
		}
		limit = piece.at < limit ? piece.at : limit;
	}
	while (position->replay_end != 0 && position->cursor >= position->replay_end)
		position_turn(&client->member.room->feed, position);
	if (position->replay_end != 0 && position->replay_end < limit)
		limit = position->replay_end;
	return position->cursor < limit && plan_run(chat, client, plan, limit);
}

/*
 * The case of nearly every client in nearly every turn, in as few steps as it takes: one run of
 * the feed, as it lies. False if it is anything else.
 */
static bool plan_plain(const struct client *client, struct delivery_plan *plan)
{
	const struct feed *f = &client->member.room->feed;
	uint64_t cursor = client->member.cursor, end = position_visible_end(client);

	if (client->state != CLIENT_HERE || cursor >= end || cursor < f->first ||
		!outbox_is_empty(&client->outbox) || client->member.replay_end != 0 ||
		client->member.tagged_from != 0 || client->wire.crlf ||
		client->user.is_quiet || client->user.ignores != NULL || client->deaf)
		return false;
	if (feed_run(f, cursor, end, &plan->iov[0]) < end)
		return false;
	plan->of_feed[0] = true;
	plan->before[0] = position_of(client);
	plan->after[0] = (struct position){ .cursor = end };
	plan->count = 1;
	plan->head_len = 0;
	plan->bytes = plan->iov[0].iov_len;
	if (plan->bytes == 0)
		return false;
	return !client->is_framed || delivery_frame_whole(client, plan);
}

static bool plan_lines(struct chat *chat, struct client *client, struct delivery_plan *plan)
{
	/* Each pass that finds nothing to send has moved the cursor on, or is the last. */
	while (delivery_is_pending(client)) {
		struct position start = position_of(client);

		delivery_plan_begin(plan, start);
		while (plan->count < DELIVERY_PIECES && plan_next(chat, client, plan))
			;
		if (plan->bytes > 0)
			return true;
		if (plan->count > 0 || client->member.cursor == start.cursor)
			position_set(client, plan->position);
		if (client->member.cursor == start.cursor &&
			client->member.replay_end == start.replay_end)
			break;
	}
	delivery_plan_begin(plan, position_of(client));
	return false;
}

static void queue_pong(struct chat *chat, struct client *client)
{
	uint8_t frame[WEBSOCKET_PUT_CONTROL_MAX];
	size_t len = wire_take_pong(&client->wire, frame);

	if (outbox_put_first_raw(&client->outbox, frame, len) < 0)
		chat_fail_client(chat, client);
}

/* One frame of lines, or what goes out beside them. */
static bool plan_frames(struct chat *chat, struct client *client, struct delivery_plan *plan)
{
	if (!delivery_frame_is_raw(client) && is_owed_pong(client))
		queue_pong(chat, client);
	if (delivery_frame_is_raw(client))
		return delivery_frame_raw(client, plan);
	if (plan_lines(chat, client, plan)) {
		plan->head_len = websocket_put_text_head(plan->head, plan->bytes);
		return true;
	}
	if (is_owed_lines(client) || !is_owed_close(client) || client->deaf)
		return false;
	delivery_frame_close(client, plan);
	return true;
}

bool delivery_next(struct chat *chat, struct client *client, struct delivery_plan *plan)
{
	plan->is_whole = false;
	if (plan_plain(client, plan))
		return true;
	delivery_plan_begin(plan, position_of(client));
	return client->is_framed ? plan_frames(chat, client, plan)
				 : plan_lines(chat, client, plan);
}

void delivery_turn(struct delivery_plan *plan)
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
static void cut(struct chat *chat, struct client *client, const struct delivery_plan *plan, int i,
	size_t len)
{
	const struct feed *f = &client->member.room->feed;
	struct framing framing = position_framing(client, &plan->before[i]);
	uint64_t cursor = plan->before[i].cursor;
	size_t end = 0;

	if (len == 0)
		return;
	if (!plan->of_feed[i]) {
		outbox_consume(&client->outbox, len);
		return;
	}
	position_set(client, plan->before[i]);
	for (; end < len; cursor++)
		end += framing_length(&framing, f, cursor);
	client->member.cursor = cursor;
	if (end > len && outbox_put_first(&client->outbox,
				 (const char *)plan->iov[i].iov_base + len, end - len) < 0)
		chat_fail_client(chat, client);
}

/* Past all pieces. */
static void finish_pieces(struct client *client, const struct delivery_plan *plan)
{
	for (int i = 0; i < plan->count; i++) {
		if (!plan->of_feed[i])
			outbox_consume(&client->outbox, plan->iov[i].iov_len);
		position_set(client, plan->after[i]);
	}
}

/* A frame that was cut in two counts as sent, and its rest goes out before anything else. */
static void finish_frame(struct chat *chat, struct client *client, const struct delivery_plan *plan,
	size_t len)
{
	size_t all = plan->head_len + plan->bytes;
	char *rest = NULL;

	if (len == 0)
		return;
	client->close_sent = plan->count == 0;
	if (len < all)
		rest = delivery_frame_rest(plan, len);
	finish_pieces(client, plan);
	if (len < all && (rest == NULL ||
				 outbox_put_first_raw(&client->outbox, rest, all - len) < 0)) {
		/* A frame that can't be ended: not even a close frame may follow. */
		client->close_sent = true;
		chat_fail_client(chat, client);
	}
	free(rest);
}

void delivery_done(struct chat *chat, struct client *client, const struct delivery_plan *plan,
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
		position_set(client, plan->after[i]);
	}
}
