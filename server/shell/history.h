/*
 * The history file: the feed, appended to a file as it was said, and read back at the start.
 * How its lines look is the matter of history_format.h.
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
#include <sys/types.h>

#include "server/core/feed/feed.h"
#include "server/core/feed/history_format.h"
#include "server/core/base/log.h"
#include "server/shell/disk.h"
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
	HISTORY_LOOK_AFTER = 1000 * 1000,  /* microseconds from a line to a look at the path */
};

enum history_event {
	HISTORY_SAME,
	HISTORY_FAILED, /* for the first time since it worked; error says why */
	HISTORY_WORKS,  /* again; lost says how many lines had left the feed before that */
};

struct history {
	const char *path; /* the caller's, as long as the history */
	int fd;           /* -1: there is no history, and all functions do nothing */
	int twin;         /* the same file, not for appending and without the lock; -1: none */
	enum sync sync;    /* this and disk are to be set after history_init() */
	struct disk *disk; /* NULL: this process syncs itself */
	unsigned job;      /* which of its jobs is this history's */
	struct history_room room; /* its name is the caller's, as long as the history */
	struct log *log;
	uint64_t next;   /* ID of the first record not yet written */
	uint64_t synced; /* the records before this ID are on disk, as far as is known */
	uint64_t asked;  /* the sync under way makes sure of those before this ID; 0: none is */
	int64_t asked_at;     /* usec: when that one began */
	int64_t gather_until; /* usec: until then the next one may be held back for more lines */
	uint64_t batch;  /* how many records were not on disk when the last one began or since */
	uint64_t lost;   /* records that left the feed unwritten since it last worked */
	uint64_t torn;   /* bytes of an unfinished line at the end of the file */
	uint64_t marked; /* the number in the file's first line; 0: it cannot be changed */
	uint64_t begin;  /* what stands there while lines can be written */
	off_t size;      /* of the file, unless somebody has cut it or appended to it */
	bool unended;    /* it ends within a line of somebody else's */
	bool empty;      /* it has no header yet */
	bool header;     /* a header must be written first */
	bool dirty;      /* written, but no sync has been asked for */
	bool failing;
	bool strayed;    /* the path leads elsewhere, which has been said */
	bool last_try;   /* the end is near */
	int64_t sync_at; /* usec, while dirty */
	int64_t retry_at; /* usec, while failing */
	int64_t look_at; /* usec: when to see whether the path still leads to the file */
	int error;        /* errno of the last failure */
};

/* No history yet, of this room. */
void history_init(struct history *h, struct history_room room);

/*
 * Opens the file, or makes it, and fills the feed (empty until now) from its end, and from PATH.1
 * before it where the feed has room for that. Anything that had to be repaired or skipped goes to
 * the log, which is used later, too. 0, or -1 with *error: the file is untouched then.
 */
int history_open(struct history *h, const char *path, struct feed *feed, struct log *log,
	struct error *error);

/*
 * Opens the file, or makes it, for a feed that is in use: nothing is read into it, and what it
 * holds that the file lacks is written. 0, or -1 with *error, as where the file has higher numbers.
 */
int history_open_late(struct history *h, const char *path, const struct feed *feed, struct log *log,
	struct error *error);

/* After an upgrade, when its descriptor and what the other program knew of it are in place. */
void history_adopt(struct history *h, struct log *log);

/* Whether history_open() would take the file, without touching it: 0, or -1 with *error. */
int history_check(const char *path, const struct history_room *room, struct error *error);

/*
 * Once a turn, before anyone is sent anything: appends what is new in the feed, and syncs what is
 * due or has that done; sees now and then whether the file is still the one at the path, and if
 * not, goes on in that one with all of the feed that it lacks. usec: of a monotonic clock.
 */
enum history_event history_append(struct history *h, const struct feed *feed, int64_t usec);

/* When history_append() is next needed even if nothing is said, in usec; INT64_MAX for never. */
int64_t history_deadline(const struct history *h);

/*
 * Nobody may see records from this ID on yet, since they are not on disk and should be (--sync
 * always); UINT64_MAX: all may be seen, as when the disk fails.
 */
uint64_t history_durable(const struct history *h);

/* Whether no sync is waited for that somebody else's sight of a line hangs on. */
bool history_is_settled(const struct history *h);

/* Waits for the disk now, and for no answer of the process that does so any more. */
void history_settle(struct history *h);

/*
 * Opens the path again, since the file may have been moved away: the next line begins the new one,
 * or, where the old one was removed, all that the feed has. 0, or -1 with *error, and the old file
 * goes on. If writing failed, it is tried again with the next history_append().
 */
int history_reopen(struct history *h, const struct feed *feed, struct error *error);

/* No time is left for trying again or looking later: the next history_append() does both. */
void history_hurry(struct history *h);

/* How many lines have been said that are not in the file, and may never be. */
uint64_t history_left(const struct history *h, const struct feed *feed);

/* Syncs and closes. */
void history_finish(struct history *h);

#endif
