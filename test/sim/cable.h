/*
 * One direction of a connection: bytes in flight, bounded as a kernel's buffer is.
 */
#ifndef SIM_WIRE_H
#define SIM_WIRE_H

#include <stddef.h>
#include <stdint.h>

struct cable {
	uint8_t *bytes; /* heap */
	size_t size;
	size_t start, len;
};

void cable_init(struct cable *w, size_t size);
void cable_finish(struct cable *w);

/* How many more bytes it takes. */
size_t cable_room(const struct cable *w);

/* Puts in as many as there is room for and returns how many. */
size_t cable_put(struct cable *w, const void *bytes, size_t len);

/* Takes out at most max bytes: returns how many, and where they lie until the next put. */
size_t cable_take(struct cable *w, size_t max, const uint8_t **bytes);

#endif
