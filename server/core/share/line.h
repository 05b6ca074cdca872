/*
 * A line of the shared log: an event, and who is its author on every node, as bytes. With it goes
 * what its publisher had seen last, so that nodes that read different copies of a log find out.
 */
#ifndef SERVER_CORE_SHARE_LINE_H
#define SERVER_CORE_SHARE_LINE_H

#include <stdint.h>

#include "server/core/base/codec.h"
#include "server/core/client/persona.h"
#include "server/core/feed/event.h"

/* The last line of a room that a node has applied, and what it was. */
struct mark {
	uint64_t seq;    /* 0: none since the node began */
	uint64_t digest; /* of its bytes and of its time */
};

struct share_line {
	struct person_id person;
	struct event event; /* kind, number, said, online, who and text */
	struct slice node;  /* where the author is */
	uint64_t home;
	uint32_t slot;
	struct mark mark;
};

/* Writes one to an empty codec (look at failed). */
void share_line_write(struct codec *p, const struct share_line *line);

/*
 * Reads one, whose slices lie in payload. 0, or -1 when it is none that could be said: its texts
 * are safe, and its names are names.
 */
int share_line_read(struct slice payload, struct share_line *line);

/* What a line was, in 64 bits. */
uint64_t share_line_digest(struct slice payload, int64_t ns);

#endif
