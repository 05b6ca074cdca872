/*
 * A queue of bytes that grows: appended at one end, consumed at the other. What failed for want
 * of memory is remembered rather than reported at each call, so that one check a turn is enough.
 */
#ifndef CLIENT_CORE_BUFFER_H
#define CLIENT_CORE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

/* All zero is an empty buffer. */
struct buffer {
	char *data;  /* len bytes, not terminated; NULL while nothing was ever appended */
	size_t len;
	size_t size;
	bool failed; /* something could not be appended */
};

void buffer_finish(struct buffer *b);

/* Makes room for len more bytes and returns where to put them; NULL if there is no memory. */
char *buffer_reserve(struct buffer *b, size_t len);

void buffer_append(struct buffer *b, const void *bytes, size_t len);

/* Appends a string that ends with NUL. */
void buffer_text(struct buffer *b, const char *text);

/* Appends what snprintf() makes of it: for short texts of our own, cut at 255 bytes. */
void buffer_format(struct buffer *b, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Takes len bytes away from the front. */
void buffer_consume(struct buffer *b, size_t len);

/* Overwrites and frees: for what was secret. */
void buffer_wipe(struct buffer *b);

#endif
