/*
 * One direction of a connection: bytes in flight, bounded as a kernel's buffer is.
 */
#ifndef SIM_WIRE_H
#define SIM_WIRE_H

#include <stddef.h>
#include <stdint.h>

struct wire {
	uint8_t *bytes; /* heap */
	size_t size;
	size_t start, len;
};

void wire_init(struct wire *w, size_t size);
void wire_finish(struct wire *w);

/* How many more bytes it takes. */
size_t wire_room(const struct wire *w);

/* Puts in as many as there is room for and returns how many. */
size_t wire_put(struct wire *w, const void *bytes, size_t len);

/* Takes out at most max bytes: returns how many, and where they lie until the next put. */
size_t wire_take(struct wire *w, size_t max, const uint8_t **bytes);

#endif
