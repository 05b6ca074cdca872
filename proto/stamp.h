/*
 * Stamps: the 24 characters of ctime(3) without its newline, in the local time zone. Made once
 * a second and kept, since a busy second has many messages.
 */
#ifndef PROTO_STAMP_H
#define PROTO_STAMP_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/limits.h"

/* All zero is a cache with nothing in it. */
struct stamp {
	int64_t second;
	char text[STAMP_LEN + 1];
};

/* The same as the next function, made whether it is in the cache or not. */
const char *stamp_make(struct stamp *cache, int64_t time);

/* The stamp of a time (seconds since 1970, UTC): STAMP_LEN bytes and a NUL, until the next call. */
static inline const char *stamp_at(struct stamp *cache, int64_t time)
{
	bool is_there = cache->second == time && cache->text[0] != '\0';

	return is_there ? cache->text : stamp_make(cache, time);
}

#endif
