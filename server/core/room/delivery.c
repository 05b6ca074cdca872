/*
 * Delivery (delivery.h). The rule: all that a client is owed is its cursor to the feed's head, and its
 * outbox; a cursor stands only between lines.
 */
#include "server/core/room/delivery.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "server/core/room/context.h"

/* Records from here on are not (yet) the client's business. */
static uint64_t own_end(const struct client *client)
{
	switch (client->state) {
	case CLIENT_HERE: /* one that resumes goes on where it was when all of that is settled */
		return client->resumption == NULL ? client->member.room->feed.next
						  : client->member.cursor;
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

bool delivery_is_owing(const struct client *client)
{
	if (client->deaf || client->state == CLIENT_GONE)
		return false;
	return client->member.cursor < own_end(client) || outbox_waiting(&client->outbox) > 0 ||
		client->member.replay_end != 0;
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
	if (room_visible(m->room) == m->room->feed.next || m->cursor < delivery_end(client) ||
		(m->replay_end != 0 && m->cursor >= m->replay_end))
		return true;
	/* What is left is held back, but for private lines that do not come after it. */
	return outbox_next(&client->outbox, &first, &piece) &&
		is_in_place(client, &piece, m->cursor);
}

static struct delivery_point client_point(const struct client *client)
{
	return (struct delivery_point){ client->member.cursor, client->member.replay_end, client->member.replay_back };
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
}

/*
 * Lines from the cursor to there, but not beyond limit, are not in the feed: says so in their place.
 * A replay is only a courtesy, what it lacks was never owed.
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
static bool plan_run(struct chat *chat, struct client *client, struct delivery *plan, uint64_t limit)
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
	if (!framing.tagged && client->member.tagged_from > point->cursor && client->member.tagged_from < limit)
		limit = client->member.tagged_from;
	if (framing_renders(&framing)) {
		if (plan->rendered)
			return false;
		plan->rendered = true;
	}
	point->cursor = framing_run(&framing, &client->member.room->feed, &client->member.room->caches, point->cursor, limit,
		&run);
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
		if (is_in_place(client, &piece, point->cursor)) {
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

static size_t plan_bytes(const struct delivery *plan)
{
	size_t bytes = 0;

	for (int i = 0; i < plan->count; i++)
		bytes += plan->iov[i].iov_len;
	return bytes;
}

/*
 * What nearly every client is owed in nearly every turn, in as few steps as it takes: one run of
 * the feed, as it lies. False if it is anything else.
 */
static bool plan_plain(const struct client *client, struct delivery *plan)
{
	const struct feed *f = &client->member.room->feed;
	uint64_t cursor = client->member.cursor, end = delivery_end(client);

	if (client->state != CLIENT_HERE || cursor >= end || cursor < f->first ||
		outbox_waiting(&client->outbox) > 0 || client->member.replay_end != 0 ||
		client->member.tagged_from != 0 || client->wire.crlf ||
		client->user.ignores != NULL || client->deaf)
		return false;
	if (feed_run(f, cursor, end, &plan->iov[0]) < end)
		return false;
	plan->of_feed[0] = true;
	plan->before[0] = client_point(client);
	plan->after[0] = (struct delivery_point){ .cursor = end };
	plan->count = 1;
	return plan->iov[0].iov_len > 0;
}

int delivery_next(struct chat *chat, struct client *client, struct delivery *plan)
{
	if (plan_plain(client, plan))
		return plan->count;
	/* Each pass that finds nothing to send has moved the cursor on, or is the last. */
	while (delivery_is_pending(client)) {
		struct delivery_point start = client_point(client);

		plan->count = 0;
		plan->point = start;
		plan->outbox_at = 0;
		plan->rendered = false;
		while (plan->count < DELIVERY_PIECES && plan_next(chat, client, plan))
			;
		if (plan_bytes(plan) > 0)
			return plan->count;
		if (plan->count > 0 || client->member.cursor == start.cursor)
			set_point(client, plan->point);
		if (client->member.cursor == start.cursor && client->member.replay_end == start.replay_end)
			break;
	}
	plan->count = 0;
	return 0;
}

/*
 * The kernel took len bytes of this piece, but not all of it: the cursor goes past every line of which
 * something went out, and the rest of the last one goes to the front of the outbox.
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

void delivery_done(struct chat *chat, struct client *client, const struct delivery *plan, size_t len)
{
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
