/*
 * Numbers and bytes to one piece of memory and back, for what a program hands to its successor.
 * Fixed widths, little end first; nothing of it depends on a compiler's layout.
 *
 * Both ways go through the same functions, so that what is written and what is read cannot differ:
 * each takes a value and returns it or, when reading, what is read in its place. Writing changes
 * nothing but the pack, even when it fails.
 */
#ifndef CHAT_PACK_H
#define CHAT_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero is empty, to be written. */
struct pack {
	uint8_t *bytes; /* heap */
	size_t len, size;
	size_t at;    /* reading: what comes next */
	bool reading;
	bool failed;  /* no memory, or something was missing or too large: all further values are 0 */
};

/* What was written is read from its beginning. */
void pack_rewind(struct pack *p);
void pack_finish(struct pack *p);

/* A number, which must not be over max. width: 1 to 8 bytes. */
uint64_t pack_number(struct pack *p, uint64_t number, unsigned width, uint64_t max);

/* A time in any unit, so far from the end of all times that sums of two are still one. */
int64_t pack_time(struct pack *p, int64_t time);

bool pack_flag(struct pack *p, bool flag);

/* Bytes of exactly this length, to where they are. */
void pack_array(struct pack *p, void *bytes, size_t len);

/* Bytes of any *len up to max. Reading: where they lie in the pack; NULL and 0 for none. */
const void *pack_bytes(struct pack *p, const void *bytes, size_t *len, size_t max);

/* The same, read to the heap: the caller's. */
void *pack_heap(struct pack *p, void *bytes, size_t *len, size_t max);

/* A string on the heap, or NULL; max: of its bytes. */
char *pack_text(struct pack *p, char *text, size_t max);

/* A word by which a form is known. Reading: fails where another stands. */
void pack_version(struct pack *p, const char *version);

/* Ends what is written with a hash of it, for this machine only. */
void pack_seal(struct pack *p);

/* Rewinds, and takes the hash away again; false if the bytes are not those that were sealed. */
bool pack_unseal(struct pack *p);

#endif
