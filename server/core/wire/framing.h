/*
 * How a receiver wants the records of the feed framed: LF or CR LF, plain or tagged,
 * without the speakers it ignores, and without who joins and leaves. For plain LF the
 * feed's own bytes serve; everything else is rendered into a cache buffer, which all
 * receivers who want the same run share.
 */
#ifndef SERVER_CORE_WIRE_FRAMING_H
#define SERVER_CORE_WIRE_FRAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "server/core/feed/feed.h"
#include "server/core/feed/ignore.h"

struct framing {
	bool crlf;
	bool tagged;
	bool messages_only;            /* leave out events, as a replay does; not shared */
	bool quiet;                    /* leave out who joins and leaves; not shared */
	const struct ignores *ignored; /* authors who are left out, or NULL; not shared either */
};

struct render_cache {
	char *bytes; /* heap */
	size_t size, len;
	uint64_t from, wanted, to; /* the run that is in it and the end it was asked for; 0: none */
};

struct render_caches {
	struct render_cache shared[3]; /* CR LF, tagged, tagged CR LF */
	struct render_cache own;       /* filtered */
};

/* All zero is good to begin with. */
void render_caches_finish(struct render_caches *caches);

/* Whether this framing needs a rendering: the feed's own bytes do not serve. */
bool framing_renders(const struct framing *framing);

/*
 * The one writer of line ends: gives a line of len bytes, whose last is an LF, the end that its
 * reader wants. There is room for one byte more. Returns the length.
 */
size_t framing_end_line(char *line, size_t len, bool crlf);

/* How many bytes the line of a record that is held takes in this framing; 0: it is not shown. */
size_t framing_length(const struct framing *framing, const struct feed *f, uint64_t id);

/* Whether the record of an ID that is held is shown in this framing. */
bool framing_shows(const struct framing *framing, const struct feed *f, uint64_t id);

/*
 * The records of these IDs (all held, from < to), as far as one piece goes, which may be up to a
 * line that was lost: returns the ID after the last of them, and the piece, which may be empty,
 * valid until the next call. from is returned when there is no memory for a rendering.
 */
uint64_t framing_run(const struct framing *framing, const struct feed *f,
	struct render_caches *caches, struct id_range ids, struct iovec *run);

#endif
