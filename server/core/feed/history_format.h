/*
 * The text of the history file, as memory: its header, what tells it from any other file, and how
 * its lines fill the feed again.
 *
 * A line of it is a record of the feed as a tagged client gets it: "@ID EPOCH line". EPOCH counts
 * seconds in UTC, so the hour that daylight saving repeats is not ambiguous. A header says where
 * IDs go on, and in which room, unless that is one without a name of its own:
 * "=== chatd history 1, next @ID, room NAME". It begins each file, and stands again in the middle
 * after lines that could not be written.
 *
 * Nothing in the file is trusted: a line that is not a record, is not safe text or has an ID out of
 * order is skipped, and leaves an empty record in the feed so that IDs keep counting lines.
 */
#ifndef SERVER_CORE_FEED_HISTORY_FORMAT_H
#define SERVER_CORE_FEED_HISTORY_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/limits.h"
#include "proto/message.h"
#include "proto/slice.h"
#include "proto/text.h"
#include "server/core/feed/feed.h"

enum {
	/* "=== chatd history 1, next @18446744073709551615, room NAME\n" */
	HISTORY_HEADER_MAX = 27 + 20 + 7 + NICK_MAX + 1,

	/*
	 * This many bytes tell the kind of a file: a header, a byte-order mark
	 * before it and a CR in it.
	 */
	HISTORY_ORIGIN_MAX = 3 + HISTORY_HEADER_MAX + 1,

	/* Where the number stands in a file's first line, and how many digits it has there. */
	HISTORY_MARK_AT = 27,
	HISTORY_MARK_LEN = 20,

	/* A first line, and the tag of the next. */
	HISTORY_START_MAX = HISTORY_HEADER_MAX + MESSAGE_TAG_MAX,

	/* A tag and the longest line there can be, without its LF. */
	HISTORY_LINE_MAX = MESSAGE_TAG_MAX + MESSAGE_FRAME_MAX + TEXT_GROWTH * MESSAGE_MAX,
};

/* The kind of file, as its beginning tells. */
enum history_origin {
	HISTORY_OURS,
	HISTORY_TORN,    /* a header that was not written to its end, or nothing */
	HISTORY_NEWER,   /* a history in a format that we don't know */
	HISTORY_CONVERTED, /* ours, but its lines end with CR LF now */
	HISTORY_PREFIXED,  /* ours, but with a byte-order mark before it */
	HISTORY_FOREIGN,   /* no history at all */
};

/* The room that a history is of. */
struct history_room {
	const char *name;
	bool is_first;   /* a file that names no room is its, too */
	bool is_unnamed; /* there is no other: its own file names none */
};

/* All zero but the feed is a reader that has read nothing. */
struct history_reader {
	struct feed *feed;   /* empty at first */
	uint64_t below;      /* what has this ID or a higher one is passed over; 0: nothing is */
	uint64_t taken;      /* records and headers */
	uint64_t skipped;    /* lines that can't be read */
	uint64_t skipped_at; /* where in the file the first of them is */
	uint64_t run;        /* how many of them since the last record */
	uint64_t end;        /* where in the file that record ends */
	char *held;          /* a line whose ID is higher than expected, until it is judged; heap */
	size_t held_len;
	uint64_t held_at;  /* where in the file it is */
	uint64_t held_run; /* the run before it */
};

/*
 * Writes a header, LF included, and returns its length; out has HISTORY_HEADER_MAX
 * bytes. room: "" for none.
 */
size_t history_header(char *out, uint64_t next, const char *room);

/*
 * The same for the first line of a file, with a number of HISTORY_MARK_LEN digits: it can be
 * changed where it stands, on a disk that is full, too, so that IDs go on above those of lines
 * that could not be written.
 */
size_t history_first_header(char *out, uint64_t next, const char *room);
void history_mark(char out[HISTORY_MARK_LEN], uint64_t next);

/* That number, if a file's first bytes are such a line; else 0. */
uint64_t history_marked(const char *bytes, size_t len);

/*
 * Whether a file that begins with these bytes may be the history of a room: not if its header names
 * another.
 */
bool history_is_of(const char *bytes, size_t len, const struct history_room *room);

/*
 * The ID of the first record in a file, or of the one that is to come; 0 if that cannot be told.
 * bytes: its first HISTORY_START_MAX, or all there are.
 */
uint64_t history_first_id(const char *bytes, size_t len);

/* Judges a file by its first bytes: HISTORY_ORIGIN_MAX of them, or all there are. */
enum history_origin history_origin(const char *bytes, size_t len);

/*
 * The next line of the file, without its LF, that begins at byte `at` of it. A line longer than
 * HISTORY_LINE_MAX may be given as an empty one.
 */
void history_reader_line(struct history_reader *l, const char *line, size_t len, uint64_t at);

/* There are no more lines to be read before those of another file. Frees what is held. */
void history_reader_stop(struct history_reader *l);

/* Makes id the one that the feed gives next, with empty records for those that are missing. */
void history_go_on_at(struct feed *feed, uint64_t id);

/*
 * There are no more lines, and the file has this size. IDs go on above any that may have stood in
 * what can't be read after the last record. Frees what is held.
 */
void history_reader_end(struct history_reader *l, uint64_t size);

#endif
