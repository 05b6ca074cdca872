/*
 * The rooms and their feeds, in a snapshot (snapshot_room.h).
 */
#include "server/core/snapshot_room.h"

#include <stdlib.h>
#include <string.h>

#include "proto/text.h"
#include "server/core/snapshot_wire.h"

/* The room that somebody is in, by its index. Version 4 had one. */
struct room *snapshot_where(const struct chat *chat, const struct room *room, struct codec *p)
{
	uint32_t index = room != NULL ? room->index : 0;

	if (p->version >= 5)
		index = (uint32_t)codec_number(p, index, 2, ROOMS_MAX - 1);
	p->failed = p->failed || rooms_at(&chat->rooms, index) == NULL;
	return p->failed ? rooms_first(&chat->rooms) : rooms_at(&chat->rooms, index);
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

void snapshot_feed(struct feed *f, struct codec *p)
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

void snapshot_fault(struct room *room, struct codec *p)
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
	char *topic = codec_text(p, room->topic, SNAPSHOT_HEAP_MAX);

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
	made.password = codec_text(p, (char *)made.password, SNAPSHOT_HEAP_MAX);
	made.feed_bytes = (size_t)codec_number(p, made.feed_bytes, 8, SNAPSHOT_FEED_MAX);
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
void snapshot_rooms(struct chat *chat, struct codec *p)
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
		snapshot_fault(room, p);
		snapshot_feed(&room->feed, p);
		serialize_room(room, p);
	}
}
