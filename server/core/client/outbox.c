/*
 * In the buffer a piece is a head and its bytes. Heads are copied in and out: nothing is aligned.
 */
#include "server/core/client/outbox.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct head {
	uint64_t at;
	uint32_t len;
	bool raw;
};

/* In the buffer it is the top bit of the length, which no piece is long enough to need. */
#define RAW (UINT32_C(1) << 31)

enum { HEAD = sizeof(uint64_t) + sizeof(uint32_t), SIZE_MIN = 256 };

static void write_head(char *to, struct head head)
{
	uint32_t len = head.len | (head.raw ? RAW : 0);

	memcpy(to, &head.at, sizeof(head.at));
	memcpy(to + sizeof(head.at), &len, sizeof(len));
}

static struct head read_head(const char *from)
{
	struct head head;

	memcpy(&head.at, from, sizeof(head.at));
	memcpy(&head.len, from + sizeof(head.at), sizeof(head.len));
	head.raw = (head.len & RAW) != 0;
	head.len &= ~RAW;
	return head;
}

size_t outbox_waiting(const struct outbox *r)
{
	return r->end - r->start;
}

bool outbox_fits(const struct outbox *r, size_t len)
{
	return outbox_waiting(r) + HEAD + len <= OUTBOX_MAX;
}

/* Makes room for len more bytes at the end, and keeps `before` bytes free in front. */
static int make_room(struct outbox *r, size_t before, size_t len)
{
	size_t waiting = outbox_waiting(r), need = before + waiting + len, size = r->size;
	char *buffer = r->buffer;

	if (r->start >= before && r->end + len <= size)
		return 0;
	if (need > size) {
		size = need + need / 2 < SIZE_MIN ? SIZE_MIN : need + need / 2;
		if (size > OUTBOX_MAX)
			size = need > OUTBOX_MAX ? need : OUTBOX_MAX;
		buffer = malloc(size);
		if (buffer == NULL)
			return -1;
	}
	if (waiting > 0)
		memmove(buffer + before, r->buffer + r->start, waiting);
	if (buffer != r->buffer)
		free(r->buffer);
	*r = (struct outbox){ .buffer = buffer, .start = (uint32_t)before,
		.end = (uint32_t)(before + waiting), .size = (uint32_t)size };
	return 0;
}

static char *add(struct outbox *r, struct head head)
{
	char *piece;

	if (make_room(r, 0, HEAD + head.len) < 0)
		return NULL;
	piece = r->buffer + r->end;
	write_head(piece, head);
	r->end += HEAD + head.len;
	return piece + HEAD;
}

char *outbox_add(struct outbox *r, uint64_t at, size_t len)
{
	return add(r, (struct head){ .at = at, .len = (uint32_t)len });
}

int outbox_add_raw(struct outbox *r, const void *bytes, size_t len)
{
	char *piece = add(r, (struct head){ .len = (uint32_t)len, .raw = true });

	if (piece == NULL)
		return -1;
	memcpy(piece, bytes, len);
	return 0;
}

static int put_first(struct outbox *r, const void *bytes, struct head head)
{
	if (make_room(r, HEAD + head.len, 0) < 0)
		return -1;
	r->start -= HEAD + head.len;
	write_head(r->buffer + r->start, head);
	memcpy(r->buffer + r->start + HEAD, bytes, head.len);
	return 0;
}

int outbox_put_first(struct outbox *r, const char *bytes, size_t len)
{
	return put_first(r, bytes, (struct head){ .len = (uint32_t)len });
}

int outbox_put_first_raw(struct outbox *r, const void *bytes, size_t len)
{
	return put_first(r, bytes, (struct head){ .len = (uint32_t)len, .raw = true });
}

bool outbox_next(const struct outbox *r, uint32_t *position, struct outbox_piece *piece)
{
	uint32_t at = r->start + *position;
	struct head head;

	if (at >= r->end)
		return false;
	head = read_head(r->buffer + at);
	*piece = (struct outbox_piece){ head.at, r->buffer + at + HEAD, head.len, head.raw };
	*position += HEAD + head.len;
	return true;
}

void outbox_consume(struct outbox *r, size_t len)
{
	struct head head = read_head(r->buffer + r->start);

	assert(len <= head.len);
	if (len < head.len) {
		/* What is left of a line that has begun goes out before anything else. */
		r->start += (uint32_t)len;
		write_head(r->buffer + r->start, (struct head){ .len = head.len - (uint32_t)len,
			.raw = head.raw });
		return;
	}
	r->start += HEAD + head.len;
	if (r->start == r->end)
		outbox_finish(r);
}

void outbox_hurry(struct outbox *r)
{
	uint32_t position = r->start;

	while (position < r->end) {
		struct head head = read_head(r->buffer + position);

		head.at = 0;
		write_head(r->buffer + position, head);
		position += HEAD + head.len;
	}
}

void outbox_finish(struct outbox *r)
{
	free(r->buffer);
	*r = (struct outbox){ 0 };
}
