/*
 * The history file: the feed, appended to a file as it was said, and read back at the start.
 * What its lines look like is the ledger's matter.
 *
 * A file belongs to one server, by a lock that goes with the descriptor. Writing that fails never
 * holds up the room: it is tried again every second, on a fresh line, and what is still in the
 * feed by then is not lost.
 */
#ifndef SERVER_SHELL_HISTORY_H
#define SERVER_SHELL_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/core/feed/feed.h"
#include "server/core/base/log.h"
#include "server/shell/error.h"

/* When the history is made sure to be on disk. */
enum sync {
	SYNC_NONE,     /* when the system likes */
	SYNC_INTERVAL, /* within a second */
	SYNC_ALWAYS,   /* before anyone sees it */
};

enum {
	HISTORY_SYNC_AFTER = 500 * 1000,   /* microseconds; the sync itself takes its time too */
	HISTORY_RETRY_AFTER = 1000 * 1000, /* microseconds */
};

enum history_event {
	HISTORY_SAME,
	HISTORY_FAILED, /* for the first time since it worked; error says why */
	HISTORY_WORKS,  /* again; lost says how many lines had left the feed before that */
};

struct history {
	const char *path; /* the caller's, as long as the history */
	int fd;           /* -1: there is no history, and all functions do nothing */
	enum sync sync;
	uint64_t next;   /* ID of the first record not yet written */
	uint64_t lost;   /* records that left the feed unwritten since it last worked */
	uint64_t torn;   /* bytes of an unfinished line at the end of the file */
	bool header;     /* a header must be written first */
	bool dirty;      /* written, but not synced */
	bool failing;
	int64_t sync_at; /* usec, while dirty */
	int64_t retry_at; /* usec, while failing */
	int error;        /* errno of the last failure */
};

/* No history. */
void history_init(struct history *h);

/*
 * Opens the file, or makes it, and fills the feed (empty until now) from its end. What had to be
 * repaired or skipped goes to the log. 0, or -1 with *error: the file is untouched then.
 */
int history_open(struct history *h, const char *path, enum sync sync, struct feed *feed,
	struct log *log, struct error *error);

/* Whether history_open() would take the file, without touching it: 0, or -1 with *error. */
int history_check(const char *path, struct error *error);

/*
 * Once a turn, before anyone is sent anything: appends what is new in the feed, and syncs what is
 * due. usec: microseconds of a monotonic clock.
 */
enum history_event history_append(struct history *h, const struct feed *feed, int64_t usec);

/* When history_append() is next needed even if nothing is said, in usec; INT64_MAX for never. */
int64_t history_deadline(const struct history *h);

/*
 * Opens the path anew, since the file may have been moved away. 0, or -1 with *error, and the old
 * file goes on. If writing failed, it is tried again with the next history_append().
 */
int history_reopen(struct history *h, struct log *log, struct error *error);

/* No time is left for trying again later: the next history_append() does. */
void history_hurry(struct history *h);

/* How many lines have been said that are not in the file, and may never be. */
uint64_t history_left(const struct history *h, const struct feed *feed);

/* Syncs and closes. */
void history_finish(struct history *h);

#endif
