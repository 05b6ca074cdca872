/*
 * The servers that can be measured. Each adapter speaks as much of its peer's protocol as it
 * takes to join a room, to say a line in it, and to know when one has joined. That a line was
 * delivered shows by itself: all of these protocols leave the payload as it is, and the
 * generator ends it with LF.
 */
#ifndef PEER_H
#define PEER_H

#include <stdbool.h>
#include <stddef.h>

#include "test/bench/payload.h"

enum {
	PEER_HELLO_MAX = 256,
	PEER_SAY_MAX = PAYLOAD_MAX + 64,
};

struct peer {
	const char *name;
	bool echoes;      /* who says a line receives it too */
	bool one_order;   /* everybody receives the lines of all in the same order */
	bool publishes;   /* who receives cannot speak: senders take a connection of their own */
	bool crlf;        /* lines delivered must end with CRLF, else may not */
	size_t tail;      /* bytes that stand behind the payload, beside the line's end */

	/* What a client says first: writes it to out (PEER_HELLO_MAX bytes), returns its length. */
	size_t (*hello)(char *out, unsigned client, bool speaks);

	/*
	 * A line without a payload in it, its LF and the CR before it taken off (crlf: whether
	 * there was one). Writes what to answer to out, returns its length; sets *joined when
	 * it tells that this client is in the room.
	 */
	size_t (*control)(const char *line, size_t len, bool crlf, char *out, bool *joined);

	/* Writes what it takes to say a payload to out (PEER_SAY_MAX bytes), returns its length. */
	size_t (*say)(char *out, const char *payload, size_t len);
};

/* The adapter of that name, or NULL. */
const struct peer *peer_find(const char *name);

#endif
