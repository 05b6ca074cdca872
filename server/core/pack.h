/*
 * Numbers and bytes to one piece of memory and back, for what a program hands to its successor.
 * Fixed widths, little end first; nothing of it depends on a compiler's layout.
 */
#ifndef CHAT_PACK_H
#define CHAT_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero is empty. */
struct pack {
	uint8_t *bytes; /* heap */
	size_t len, size;
	bool failed; /* there was no memory: what is in it is no use */
};

void pack_number(struct pack *p, uint64_t number, unsigned width); /* width: 1 to 8 bytes */
void pack_bytes(struct pack *p, const void *bytes, size_t len);    /* with their length */
void pack_finish(struct pack *p);

struct unpack {
	const uint8_t *bytes;
	size_t len, at;
	bool failed; /* something was missing or too large: all further values are zero */
};

uint64_t unpack_number(struct unpack *u, unsigned width);

/* A number that must not be over max. */
uint64_t unpack_limited(struct unpack *u, unsigned width, uint64_t max);

/* Bytes of any length up to max, where they lie; NULL and *len 0 when failed or empty. */
const uint8_t *unpack_bytes(struct unpack *u, size_t max, size_t *len);

/* Bytes of exactly this length. */
void unpack_exactly(struct unpack *u, void *to, size_t len);

/* A hash (FNV-1a) by which damage is noticed. */
uint64_t pack_hash(const uint8_t *bytes, size_t len);

#endif
