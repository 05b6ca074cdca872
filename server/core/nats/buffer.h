/*
 * Bytes in a row on the heap: put in at the end, taken out at the beginning.
 */
#ifndef SERVER_CORE_NATS_BUFFER_H
#define SERVER_CORE_NATS_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/slice.h"

/* All zero is empty. Its bytes lie between start and end. */
struct buffer {
	char *bytes; /* heap */
	size_t start, end, size;
	bool failed; /* there was no memory, and something is missing */
};

/* Where len more bytes may be written, which `end` is then to be moved over; NULL: no memory. */
char *buffer_reserve(struct buffer *b, size_t len);

void buffer_put(struct buffer *b, struct slice s);
void buffer_put_text(struct buffer *b, const char *text);
void buffer_put_number(struct buffer *b, unsigned long long number);

size_t buffer_len(const struct buffer *b);
void buffer_consume(struct buffer *b, size_t len);
void buffer_clear(struct buffer *b); /* keeps its memory for later */
void buffer_finish(struct buffer *b);

#endif
