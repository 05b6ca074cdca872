/*
 * Bytes that somebody else owns, and how many they are.
 */
#ifndef PROTO_SLICE_H
#define PROTO_SLICE_H

#include <stddef.h>

struct slice {
	const char *bytes; /* NULL: there are none, where "none" and "empty" differ */
	size_t len;
};

/* Without the blanks at both ends. */
static inline struct slice slice_trim(struct slice s)
{
	for (; s.len > 0 && (s.bytes[0] == ' ' || s.bytes[0] == '\t'); s.len--)
		s.bytes++;
	while (s.len > 0 && (s.bytes[s.len - 1] == ' ' || s.bytes[s.len - 1] == '\t'))
		s.len--;
	return s;
}

#endif
