/*
 * Bytes in a row (buffer.h). The rule: its memory doubles as it is needed, and what is in it moves
 * to the front before that.
 */
#include "server/core/nats/buffer.h"

#include <stdlib.h>
#include <string.h>

#include "proto/text.h"

enum { SIZE_MIN = 1024 };

char *buffer_reserve(struct buffer *b, size_t len)
{
	size_t used = buffer_len(b), size = b->size > SIZE_MIN ? b->size : SIZE_MIN;
	char *bytes;

	if (b->size - b->end >= len)
		return b->bytes + b->end;
	if (b->start > 0)
		memmove(b->bytes, b->bytes + b->start, used);
	b->start = 0;
	b->end = used;
	while (size - used < len)
		size *= 2;
	if (size == b->size)
		return b->bytes + used;
	bytes = realloc(b->bytes, size);
	if (bytes == NULL) {
		b->failed = true;
		return NULL;
	}
	b->bytes = bytes;
	b->size = size;
	return bytes + used;
}

void buffer_put(struct buffer *b, struct slice s)
{
	char *to = s.len > 0 ? buffer_reserve(b, s.len) : NULL;

	if (to == NULL)
		return;
	memcpy(to, s.bytes, s.len);
	b->end += s.len;
}

void buffer_put_text(struct buffer *b, const char *text)
{
	buffer_put(b, (struct slice){ text, strlen(text) });
}

void buffer_put_number(struct buffer *b, unsigned long long number)
{
	char text[TEXT_DIGITS_MAX];

	buffer_put(b, (struct slice){ text, text_put_number(text, number) });
}

size_t buffer_len(const struct buffer *b)
{
	return b->end - b->start;
}

void buffer_consume(struct buffer *b, size_t len)
{
	b->start += len;
	if (b->start == b->end)
		b->start = b->end = 0;
}

void buffer_clear(struct buffer *b)
{
	b->start = b->end = 0;
	b->failed = false;
}

void buffer_finish(struct buffer *b)
{
	free(b->bytes);
	*b = (struct buffer){ 0 };
}
