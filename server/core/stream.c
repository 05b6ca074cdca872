#include "server/core/stream.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Records from here on are not (yet) the slot's business. */
static uint64_t stream_end(const struct room *room, const struct slot *slot)
{
	switch (slot->state) {
	case SLOT_HERE:
		return room->feed.next;
	case SLOT_LEAVING:
		return slot->until;
	default:
		return slot->cursor;
	}
}

bool stream_waits(const struct room *room, const struct slot *slot)
{
	if (slot->deaf || slot->state == SLOT_GONE)
		return false;
	return slot->cursor < stream_end(room, slot) || reply_waiting(&slot->reply) > 0 ||
		slot->replay_end != 0;
}

static struct stream_point slot_point(const struct slot *slot)
{
	return (struct stream_point){ slot->cursor, slot->replay_end, slot->replay_back };
}

static void set_point(struct slot *slot, struct stream_point point)
{
	slot->cursor = point.cursor;
	slot->replay_end = point.replay_end;
	slot->replay_back = point.replay_back;
}

/* At the end of what was there when a replay was asked for: back to its first line, or on. */
static void turn_replay(const struct feed *f, struct stream_point *point)
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

static struct dialect dialect_at(const struct slot *slot, const struct stream_point *point)
{
	bool replaying = point->replay_end != 0 && point->replay_back == 0;

	return (struct dialect){
		.crlf = slot->crlf,
		.tagged = slot->tagged_from != 0 &&
			(replaying || point->cursor >= slot->tagged_from),
		.messages_only = replaying,
		.ignored = slot->ignored,
		.ignored_count = slot->ignored_count,
	};
}

/* Adds a piece that begins at before, and behind which the plan's point is now. */
static void plan_piece(struct stream_plan *plan, bool of_feed, struct iovec iov,
	struct stream_point before)
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
static void tell_missed(struct room *room, struct slot *slot, uint64_t there, uint64_t limit)
{
	uint64_t to = there < limit ? there : limit;
	uint64_t missed = to - slot->cursor;
	char line[64];
	int len;

	if (slot->replay_end == 0 || slot->replay_back != 0) {
		len = snprintf(line, sizeof(line), "=== you missed %" PRIu64 " lines%s", missed,
			slot->crlf ? "\r\n" : "\n");
		if (reply_put_first(&slot->reply, line, (size_t)len) < 0)
			room_fail(room, slot);
		room->counters.missed += missed;
	}
	slot->cursor = to;
}

/* Adds what the feed has from the point on, up to limit at most; false as plan_next(). */
static bool plan_run(struct room *room, struct slot *slot, struct stream_plan *plan, uint64_t limit)
{
	struct stream_point *point = &plan->point, before = *point;
	uint64_t there = feed_present(&room->feed, point->cursor);
	struct dialect dialect = dialect_at(slot, point);
	struct iovec run;

	if (there > point->cursor) {
		if (plan->count == 0) {
			set_point(slot, *point);
			tell_missed(room, slot, there, limit);
		}
		return false;
	}
	if (!dialect.tagged && slot->tagged_from > point->cursor && slot->tagged_from < limit)
		limit = slot->tagged_from;
	if (dialect_renders(&dialect)) {
		if (plan->rendered)
			return false;
		plan->rendered = true;
	}
	point->cursor = dialect_run(&dialect, &room->feed, &room->scratches, point->cursor, limit,
		&run);
	if (point->cursor == before.cursor) {
		room_fail(room, slot);
		return false;
	}
	plan_piece(plan, true, run, before);
	return true;
}

/*
 * Adds the next piece; false when there is nothing more, or nothing more that can go out in the
 * same call.
 */
static bool plan_next(struct room *room, struct slot *slot, struct stream_plan *plan)
{
	struct stream_point *point = &plan->point;
	uint64_t limit = stream_end(room, slot);
	uint32_t next = plan->reply;
	struct reply_piece piece;

	if (reply_next(&slot->reply, &next, &piece)) {
		if (piece.at <= point->cursor || point->cursor >= limit) {
			plan_piece(plan, false, (struct iovec){ (char *)piece.bytes, piece.len },
				*point);
			plan->reply = next;
			return true;
		}
		limit = piece.at < limit ? piece.at : limit;
	}
	while (point->replay_end != 0 && point->cursor >= point->replay_end)
		turn_replay(&room->feed, point);
	if (point->replay_end != 0 && point->replay_end < limit)
		limit = point->replay_end;
	return point->cursor < limit && plan_run(room, slot, plan, limit);
}

static size_t plan_bytes(const struct stream_plan *plan)
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
static bool plan_plain(const struct room *room, const struct slot *slot, struct stream_plan *plan)
{
	const struct feed *f = &room->feed;
	struct stream_point after = { .cursor = f->next };

	if (slot->state != SLOT_HERE || slot->cursor >= f->next || slot->cursor < f->first ||
		reply_waiting(&slot->reply) > 0 || slot->replay_end != 0 ||
		slot->tagged_from != 0 || slot->crlf || slot->ignored_count > 0 || slot->deaf)
		return false;
	if (feed_run(f, slot->cursor, f->next, &plan->iov[0]) < f->next)
		return false;
	plan->of_feed[0] = true;
	plan->before[0] = slot_point(slot);
	plan->after[0] = after;
	plan->count = 1;
	return plan->iov[0].iov_len > 0;
}

int stream_owed(struct room *room, struct slot *slot, struct stream_plan *plan)
{
	if (plan_plain(room, slot, plan))
		return plan->count;
	/* Each pass that finds nothing to send has moved the cursor on, or is the last. */
	while (stream_waits(room, slot)) {
		struct stream_point start = slot_point(slot);

		plan->count = 0;
		plan->point = start;
		plan->reply = 0;
		plan->rendered = false;
		while (plan->count < STREAM_PIECES && plan_next(room, slot, plan))
			;
		if (plan_bytes(plan) > 0)
			return plan->count;
		if (plan->count > 0 || slot->cursor == start.cursor)
			set_point(slot, plan->point);
		if (slot->cursor == start.cursor && slot->replay_end == start.replay_end)
			break;
	}
	plan->count = 0;
	return 0;
}

/* The cursor behind so many shown lines of a piece. */
static uint64_t advance(const struct room *room, const struct slot *slot,
	const struct stream_point *before, size_t lines)
{
	struct dialect dialect = dialect_at(slot, before);
	uint64_t cursor = before->cursor;

	for (; lines > 0; cursor++)
		if (dialect_shows(&dialect, feed_record(&room->feed, cursor)))
			lines--;
	return cursor;
}

static size_t count_lines(const char *bytes, size_t len)
{
	const char *end = bytes + len, *lf;
	size_t lines = 0;

	while (bytes < end && (lf = memchr(bytes, '\n', (size_t)(end - bytes))) != NULL) {
		bytes = lf + 1;
		lines++;
	}
	return lines;
}

/* The kernel took len bytes of this piece, but not all of it. */
static void cut(struct room *room, struct slot *slot, const struct stream_plan *plan, int i,
	size_t len)
{
	const char *bytes = plan->iov[i].iov_base;
	size_t lines, rest;

	if (len == 0)
		return;
	if (!plan->of_feed[i]) {
		reply_take(&slot->reply, len);
		return;
	}
	set_point(slot, plan->before[i]);
	lines = count_lines(bytes, len);
	if (bytes[len - 1] != '\n') {
		const char *lf = memchr(bytes + len, '\n', plan->iov[i].iov_len - len);

		rest = (size_t)(lf - bytes) + 1 - len;
		if (reply_put_first(&slot->reply, bytes + len, rest) < 0)
			room_fail(room, slot);
		lines++;
	}
	slot->cursor = advance(room, slot, &plan->before[i], lines);
}

void stream_sent(struct room *room, struct slot *slot, const struct stream_plan *plan, size_t len)
{
	for (int i = 0; i < plan->count; i++) {
		if (plan->iov[i].iov_len > len) {
			cut(room, slot, plan, i, len);
			return;
		}
		len -= plan->iov[i].iov_len;
		if (!plan->of_feed[i])
			reply_take(&slot->reply, plan->iov[i].iov_len);
		set_point(slot, plan->after[i]);
	}
}

/* The ID from which on there are so many messages, or the oldest. */
static uint64_t replay_start(const struct feed *f, uint32_t count)
{
	uint64_t id = f->next;

	for (uint64_t at = f->next; at > f->first && count > 0; at--) {
		const struct record *r = feed_record(f, at - 1);

		if (r->kind != MESSAGE_EVENT && r->len > 0) {
			id = at - 1;
			count--;
		}
	}
	return id;
}

void stream_replay(struct room *room, struct slot *slot, uint32_t count)
{
	const struct feed *f = &room->feed;
	uint64_t from = replay_start(f, count);

	if (from == f->next || slot->deaf)
		return;
	slot->replay_end = f->next;
	slot->replay_back = (uint32_t)(f->next - from);
}
