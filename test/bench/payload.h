/*
 * What the load generator says: text of a chosen length that tells who said it, the how manieth
 * line of that sender it is, when it was sent, and a sum over all of that, so that a line which
 * was lost, repeated, moved or changed on its way is found out.
 *
 * It is printable ASCII without blanks or '~', and begins with PAYLOAD_MARK, which none of the
 * peers' framing contains: what stands before the mark is the peer's.
 */
#ifndef PAYLOAD_H
#define PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	PAYLOAD_MARK = '^',
	PAYLOAD_MIN = 24,
	PAYLOAD_MAX = 1000,
};

struct payload {
	uint32_t sender; /* below 2^18 */
	uint64_t number; /* from 0, below 2^36 */
	uint64_t sent;   /* nanoseconds, below 2^48 */
};

/* Writes len bytes, PAYLOAD_MIN to PAYLOAD_MAX. */
void payload_write(char *out, size_t len, const struct payload *p);

/* Reads a payload of len bytes; false if it is not as it was written. */
bool payload_read(const char *in, size_t len, struct payload *p);

#endif
