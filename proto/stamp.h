/*
 * Stamps: the 24 characters of ctime(3) without its newline, in the local time zone. Made once
 * a second and kept, since a busy second has many messages.
 */
#ifndef PROTO_STAMP_H
#define PROTO_STAMP_H

#include <stdint.h>

#include "proto/limits.h"

/* All zero is a cache with nothing in it. */
struct stamp {
	int64_t second;
	char text[STAMP_LEN + 1];
};

/* The stamp of a time (seconds since 1970, UTC): STAMP_LEN bytes and a NUL, until the next call. */
const char *stamp_at(struct stamp *cache, int64_t time);

#endif
