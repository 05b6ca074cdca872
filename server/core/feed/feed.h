/*
 * The feed: every line meant for the whole room, once, in one order. A ring of bytes with a ring
 * of records beside it; the oldest leave as new ones come. All memory is taken at the start.
 *
 * A record is the line as it goes out to a plain client, LF included. It never wraps, so that a
 * run of records is at most two pieces of memory. IDs grow by one with each record; one whose
 * line has been lost (a damaged history) has a record of length 0, so that counting stays exact.
 */
#ifndef SERVER_CORE_FEED_FEED_H
#define SERVER_CORE_FEED_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "proto/message.h"

enum {
	/*
	 * The ring of bytes is at least this number of times the longest line: a reader who is half
	 * of it behind is waited for, one line may be too much, one may not fit at the end of the
	 * ring, and one is made room for before it is known how long it is.
	 */
	FEED_LINES_MIN = 8,

	FEED_BYTES_MIN = 4 * 1024,

	/* Bytes of ring for each record of the index: no stamped line is shorter. */
	FEED_RECORD_BYTES = 32,
};

struct record {
	uint32_t offset; /* into the ring's bytes */
	uint32_t len : 24;
	uint32_t kind : 8; /* enum message_kind */
	uint32_t author;   /* id of the user that said it; 0: nobody's */
	uint32_t time;     /* seconds since 1970, UTC */
};

/* The IDs from..to-1. */
struct id_range {
	uint64_t from, to;
};

struct feed {
	char *bytes;
	size_t size;
	struct record *records;
	uint64_t mask;  /* number of records in the ring, a power of two, less one */
	uint64_t first; /* ID of the oldest record held */
	uint64_t next;  /* ID that the next record gets; first == next: empty */
	uint64_t lap;   /* ID of the newest record that begins at offset 0 */
	size_t end;     /* where in bytes the next record begins */
};

/* The longest line that a message of at most max bytes can become. */
size_t feed_line_max(size_t max_message);

/* The longest message for which a feed of this size is large enough; 0 for none. */
size_t feed_message_max(size_t size);

/* Bytes that a feed of this size takes in all. */
size_t feed_memory(size_t size);

/* size: bytes of lines to keep. 0, or -1 when there is no memory. */
int feed_init(struct feed *f, size_t size);
void feed_finish(struct feed *f);

/* The next ID is this one; what the feed holds leaves it. */
void feed_begin(struct feed *f, uint64_t next);

/*
 * Room for a line of at most max bytes (max <= size): write it there, then append its record.
 * Between the two nothing else is called; a reserve without an append is harmless.
 */
char *feed_reserve(struct feed *f, size_t max);

/*
 * The record of the line that was written last, its LF included, under an ID from outside: the next
 * or a higher one. IDs that are left out are records of lost lines. record->offset is not looked
 * at.
 */
void feed_append(struct feed *f, uint64_t id, const struct record *record);

/* The record of an ID that is held, and its line. */
const struct record *feed_record(const struct feed *f, uint64_t id);
const char *feed_line(const struct feed *f, uint64_t id);

/*
 * The first ID from this one (<= next) on whose line is there: held, and not lost. next: none is.
 */
uint64_t feed_present(const struct feed *f, uint64_t id);

/*
 * The records from..to-1 (from < to, all held) as far as they lie in one piece: returns the ID
 * after the last of them.
 */
uint64_t feed_run(const struct feed *f, uint64_t from, uint64_t to, struct iovec *run);

/* Bytes of the ring that the records from..next-1 take up; from is held or equal to next. */
size_t feed_behind(const struct feed *f, uint64_t from);

#endif
