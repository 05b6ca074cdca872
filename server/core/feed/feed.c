/*
 * The ring: bytes are written at end and the records that stood there leave. A line that would
 * reach over the end of the ring is put at its start instead.
 */
#include "server/core/feed/feed.h"

#include <assert.h>
#include <stdlib.h>

#include "proto/text.h"

size_t feed_line_max(size_t max_message)
{
	return MESSAGE_FRAME_MAX + TEXT_GROWTH * max_message;
}

size_t feed_message_max(size_t size)
{
	size_t line = size / FEED_LINES_MIN;

	return line > MESSAGE_FRAME_MAX ? (line - MESSAGE_FRAME_MAX) / TEXT_GROWTH : 0;
}

/* How many records go with a ring of this size: a power of two. */
static uint64_t records_for(size_t size)
{
	uint64_t count = 1;

	while (count < size / FEED_RECORD_BYTES)
		count *= 2;
	return count;
}

size_t feed_memory(size_t size)
{
	return size + (size_t)records_for(size) * sizeof(struct record);
}

int feed_init(struct feed *f, size_t size)
{
	uint64_t count = records_for(size);

	*f = (struct feed){ .size = size, .mask = count - 1, .first = 1, .next = 1, .lap = 1 };
	/* calloc() leaves the pages alone until they are written: an empty feed costs nothing. */
	f->bytes = calloc(1, size);
	f->records = calloc(count, sizeof(*f->records));
	if (f->bytes == NULL || f->records == NULL) {
		feed_finish(f);
		return -1;
	}
	return 0;
}

void feed_finish(struct feed *f)
{
	free(f->bytes);
	free(f->records);
	*f = (struct feed){ 0 };
}

void feed_begin(struct feed *f, uint64_t next)
{
	f->first = f->next = f->lap = next;
	f->end = 0;
}

static struct record *record_at(const struct feed *f, uint64_t id)
{
	return &f->records[id & f->mask];
}

/* Lets records leave until none has bytes in from..to-1; they lie in the order of their IDs. */
static void clear(struct feed *f, size_t from, size_t to)
{
	while (f->first < f->next) {
		const struct record *oldest = record_at(f, f->first);
		/* An empty record goes with the byte that it stands before. */
		size_t len = oldest->len > 0 ? oldest->len : 1;

		if (oldest->offset + len <= from || oldest->offset >= to)
			break;
		f->first++;
	}
}

char *feed_reserve(struct feed *f, size_t max)
{
	assert(max <= f->size);
	if (f->size - f->end < max || f->end == f->size) {
		clear(f, f->end, f->size);
		f->end = 0;
		f->lap = f->next;
	}
	clear(f, f->end, f->end + max);
	return f->bytes + f->end;
}

/* Lets the oldest record leave if its place is needed. */
static struct record *next_record(struct feed *f)
{
	uint64_t id = f->next++;

	if (f->next - f->first > f->mask + 1)
		f->first++;
	return record_at(f, id);
}

void feed_append(struct feed *f, uint64_t id, const struct record *record)
{
	struct record *r;

	assert(id >= f->next);
	if (id - f->next > f->mask)
		f->first = f->next = id - f->mask;
	while (f->next < id) {
		r = next_record(f);
		*r = (struct record){ .offset = (uint32_t)f->end, .kind = MESSAGE_OTHER };
	}
	r = next_record(f);
	*r = *record;
	r->offset = (uint32_t)f->end;
	f->end += record->len;
}

const struct record *feed_record(const struct feed *f, uint64_t id)
{
	assert(id >= f->first && id < f->next);
	return record_at(f, id);
}

const char *feed_line(const struct feed *f, uint64_t id)
{
	return f->bytes + feed_record(f, id)->offset;
}

uint64_t feed_present(const struct feed *f, uint64_t id)
{
	if (id < f->first)
		id = f->first;
	while (id < f->next && record_at(f, id)->len == 0)
		id++;
	return id;
}

uint64_t feed_run(const struct feed *f, uint64_t from, uint64_t to, struct iovec *run)
{
	const struct record *head = feed_record(f, from);
	const struct record *tail;

	if (from < f->lap && f->lap < to)
		to = f->lap;
	tail = feed_record(f, to - 1);
	run->iov_base = f->bytes + head->offset;
	run->iov_len = tail->offset + tail->len - head->offset;
	return to;
}

size_t feed_behind(const struct feed *f, uint64_t from)
{
	size_t offset;

	if (from >= f->next)
		return 0;
	offset = feed_record(f, from)->offset;
	return from < f->lap ? f->size - offset + f->end : f->end - offset;
}
