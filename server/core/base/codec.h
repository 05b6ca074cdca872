/*
 * Numbers and bytes to one piece of memory and back, for what a program hands to its successor.
 * Fixed widths, little end first; nothing of it depends on a compiler's layout.
 *
 * Both ways go through the same functions, so that what is written and what is read cannot differ:
 * each takes a value and returns it or, when reading, what is read in its place. Writing changes
 * nothing but the codec, even when it fails.
 */
#ifndef SERVER_CORE_BASE_CODEC_H
#define SERVER_CORE_BASE_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/slice.h"

/* All zero is empty, to be written. */
struct codec {
	uint8_t *bytes; /* heap */
	size_t len, size;
	size_t at;    /* reading: what comes next */
	bool reading;
	unsigned version; /* of the form that is being written or read */
	bool failed;  /* no memory, or something missing or too large: all further values are 0 */
};

/* Turns to reading: all that was written, from its beginning. */
void codec_rewind(struct codec *p);
void codec_finish(struct codec *p);

/* A number, which must not be over max. width: 1 to 8 bytes. */
uint64_t codec_number(struct codec *p, uint64_t number, unsigned width, uint64_t max);

/* A time in any unit, so far from the end of all times that sums of two are still one. */
int64_t codec_time(struct codec *p, int64_t time);

bool codec_flag(struct codec *p, bool flag);

/* Bytes of exactly this length, to where they are. */
void codec_array(struct codec *p, void *bytes, size_t len);

/* Bytes of any *len up to max. Reading: where they lie in the codec; NULL and 0 for none. */
const void *codec_bytes(struct codec *p, const void *bytes, size_t *len, size_t max);

struct slice codec_slice(struct codec *p, struct slice slice, size_t max);

/* The same, read to the heap: the caller's. */
void *codec_heap(struct codec *p, void *bytes, size_t *len, size_t max);

/* A string on the heap, or NULL; max: of its bytes. */
char *codec_text(struct codec *p, char *text, size_t max);

/*
 * The form of what follows, as its name and a version: writes the newest. Returns the version of
 * what is read, from oldest to newest, and keeps it in the codec; fails where another name or
 * version stands.
 */
unsigned codec_version(struct codec *p, const char *name, unsigned oldest, unsigned newest);

/* Ends what is written with a hash of it, for this machine only. */
void codec_add_checksum(struct codec *p);

/* Rewinds, and takes the hash away again; false if the bytes are not those that were sealed. */
bool codec_check(struct codec *p);

#endif
