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

size_t outbox_waiting(const struct outbox *outbox)
{
	return outbox->buffer != NULL ? outbox->buffer->end - outbox->buffer->start : 0;
}

bool outbox_fits(const struct outbox *outbox, size_t len)
{
	return outbox_waiting(outbox) + HEAD + len <= OUTBOX_MAX;
}

/*
 * Another buffer, of this size, with what waits after `before` free bytes. 0, or -1 for no memory.
 */
static int grow(struct outbox *outbox, size_t before, size_t size)
{
	struct outbox_buffer *old = outbox->buffer, *b = malloc(sizeof(*b) + size);
	size_t waiting = outbox_waiting(outbox);

	if (b == NULL)
		return -1;
	*b = (struct outbox_buffer){ (uint32_t)before, (uint32_t)(before + waiting),
		(uint32_t)size };
	if (old != NULL)
		memcpy(b->bytes + before, old->bytes + old->start, waiting);
	free(old);
	outbox->buffer = b;
	return 0;
}

/* Makes room for len more bytes at the end, and keeps `before` bytes free in front. */
static int make_room(struct outbox *outbox, size_t before, size_t len)
{
	struct outbox_buffer *b = outbox->buffer;
	size_t waiting = outbox_waiting(outbox), need = before + waiting + len, size;

	if (b != NULL && b->start >= before && b->end + len <= b->size)
		return 0;
	if (b != NULL && need <= b->size) {
		memmove(b->bytes + before, b->bytes + b->start, waiting);
		b->start = (uint32_t)before;
		b->end = (uint32_t)(before + waiting);
		return 0;
	}
	size = need + need / 2 < SIZE_MIN ? SIZE_MIN : need + need / 2;
	if (size > OUTBOX_MAX)
		size = need > OUTBOX_MAX ? need : OUTBOX_MAX;
	return grow(outbox, before, size);
}

static char *add(struct outbox *outbox, struct head head)
{
	char *piece;

	if (make_room(outbox, 0, HEAD + head.len) < 0)
		return NULL;
	piece = outbox->buffer->bytes + outbox->buffer->end;
	write_head(piece, head);
	outbox->buffer->end += HEAD + head.len;
	return piece + HEAD;
}

char *outbox_add(struct outbox *outbox, uint64_t at, size_t len)
{
	return add(outbox, (struct head){ .at = at, .len = (uint32_t)len });
}

int outbox_add_raw(struct outbox *outbox, const void *bytes, size_t len)
{
	char *piece = add(outbox, (struct head){ .len = (uint32_t)len, .raw = true });

	if (piece == NULL)
		return -1;
	memcpy(piece, bytes, len);
	return 0;
}

static int put_first(struct outbox *outbox, const void *bytes, struct head head)
{
	struct outbox_buffer *b;

	if (make_room(outbox, HEAD + head.len, 0) < 0)
		return -1;
	b = outbox->buffer;
	b->start -= HEAD + head.len;
	write_head(b->bytes + b->start, head);
	memcpy(b->bytes + b->start + HEAD, bytes, head.len);
	return 0;
}

int outbox_put_first(struct outbox *outbox, const char *bytes, size_t len)
{
	return put_first(outbox, bytes, (struct head){ .len = (uint32_t)len });
}

int outbox_put_first_raw(struct outbox *outbox, const void *bytes, size_t len)
{
	return put_first(outbox, bytes, (struct head){ .len = (uint32_t)len, .raw = true });
}

bool outbox_next(const struct outbox *outbox, uint32_t *position, struct outbox_piece *piece)
{
	const struct outbox_buffer *b = outbox->buffer;
	struct head head;
	const char *at;

	if (b == NULL || b->start + *position >= b->end)
		return false;
	at = b->bytes + b->start + *position;
	head = read_head(at);
	*piece = (struct outbox_piece){ head.at, at + HEAD, head.len, head.raw };
	*position += HEAD + head.len;
	return true;
}

void outbox_consume(struct outbox *outbox, size_t len)
{
	struct outbox_buffer *b = outbox->buffer;
	struct head head = read_head(b->bytes + b->start);

	assert(len <= head.len);
	if (len < head.len) {
		/* The rest of a line that has begun goes out before anything else. */
		b->start += (uint32_t)len;
		write_head(b->bytes + b->start, (struct head){ .len = head.len - (uint32_t)len,
			.raw = head.raw });
		return;
	}
	b->start += HEAD + head.len;
	if (b->start == b->end)
		outbox_finish(outbox);
}

void outbox_hurry(struct outbox *outbox)
{
	struct outbox_buffer *b = outbox->buffer;
	uint32_t position = b != NULL ? b->start : 0;

	while (b != NULL && position < b->end) {
		struct head head = read_head(b->bytes + position);

		head.at = 0;
		write_head(b->bytes + position, head);
		position += HEAD + head.len;
	}
}

void outbox_forget_lines(struct outbox *outbox)
{
	struct outbox_piece piece;
	uint32_t position = 0, end = 0;

	while (outbox_next(outbox, &position, &piece) && piece.raw)
		end = position;
	if (end == 0)
		outbox_finish(outbox);
	else
		outbox->buffer->end = outbox->buffer->start + end;
}

void outbox_finish(struct outbox *outbox)
{
	free(outbox->buffer);
	outbox->buffer = NULL;
}
