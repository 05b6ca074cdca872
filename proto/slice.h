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

#endif
