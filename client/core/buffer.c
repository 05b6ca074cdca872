/*
 * A queue of bytes in one piece of memory. The rule: after a failure nothing is appended any more,
 * so what is in it is never half of what was meant.
 */
#include "client/core/buffer.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUFFER_SMALLEST = 256 };

void buffer_finish(struct buffer *b)
{
	free(b->data);
	*b = (struct buffer){ 0 };
}

char *buffer_reserve(struct buffer *b, size_t len)
{
	size_t size = b->size ? b->size : BUFFER_SMALLEST;
	char *data;

	if (b->size - b->len >= len && b->data)
		return b->data + b->len;
	while (size - b->len < len && size <= SIZE_MAX / 2)
		size *= 2;
	data = size - b->len < len ? NULL : realloc(b->data, size);
	if (!data) {
		b->failed = true;
		return NULL;
	}
	b->data = data;
	b->size = size;
	return data + b->len;
}

void buffer_append(struct buffer *b, const void *bytes, size_t len)
{
	char *room = buffer_reserve(b, len);

	if (!room || !len)
		return;
	memcpy(room, bytes, len);
	b->len += len;
}

void buffer_text(struct buffer *b, const char *text)
{
	buffer_append(b, text, strlen(text));
}

void buffer_format(struct buffer *b, const char *format, ...)
{
	char text[256];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (len >= (int)sizeof(text))
		len = sizeof(text) - 1;
	if (len > 0)
		buffer_append(b, text, (size_t)len);
}

void buffer_consume(struct buffer *b, size_t len)
{
	b->len -= len;
	if (b->len)
		memmove(b->data, b->data + len, b->len);
}

void buffer_wipe(struct buffer *b)
{
	/* Through a volatile pointer, or the compiler would leave out what nobody reads. */
	for (volatile char *p = b->data; p && p < b->data + b->size; p++)
		*p = 0;
	buffer_finish(b);
}
