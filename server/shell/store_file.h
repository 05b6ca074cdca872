/*
 * The store on disk (--store FILE): what people and operators have set. It is written whole to a
 * new file beside it, synced and renamed, so that there is always a whole one, within a second of a
 * change; while the disk works, the loop goes on.
 */
#ifndef SERVER_SHELL_STORE_FILE_H
#define SERVER_SHELL_STORE_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "server/core/base/log.h"
#include "server/core/room/store_format.h"
#include "server/shell/disk.h"
#include "server/shell/error.h"

enum {
	/* microseconds from a change, for others that may follow */
	STORE_WRITE_AFTER = 200 * 1000,
	STORE_RETRY_AFTER = 1000 * 1000, /* microseconds */
	STORE_BYTES_MAX = 64 * 1024 * 1024,
};

enum store_step {
	STORE_RESTS,
	STORE_SYNCS_FILE,   /* the new file is written, and synced */
	STORE_SYNCS_FOLDER, /* it has its name, which is synced */
};

struct store_file {
	char *path;        /* heap; NULL: there is no store, and all functions do nothing */
	struct disk *disk; /* NULL, or without a process: it waits for the disk itself */
	struct log *log;
	enum store_step step;
	int fd;          /* of what is synced; -1: nothing is */
	int64_t write_at; /* usec: when a change is to be written; INT64_MAX: there is none */
	bool failing;
};

/* No store. The log is used later. */
void store_file_init(struct store_file *f, struct log *log);

/*
 * Reads what there is; a file that is not there is an empty store. Skipped lines go to the
 * log. 0, or -1 with *error, and the file is untouched.
 */
int store_file_open(struct store_file *f, const char *path, struct store *store,
	struct error *error);

/* Whether store_file_open() would take the file, and a new one could be put there. */
int store_file_check(const char *path, struct error *error);

/* Something has changed. usec: of a monotonic clock. */
void store_file_change(struct store_file *f, int64_t usec);

/* Whether there is a change that is not being written yet. */
bool store_file_is_changed(const struct store_file *f);

/* Whether it is time to write: then the caller makes the text and calls store_file_write(). */
bool store_file_is_due(const struct store_file *f, int64_t usec);

/* Begins to write a text (NULL: memory is out). A failure is told once, and it is tried again. */
void store_file_write(struct store_file *f, struct slice text, int64_t usec);

/* When something is due, in usec; INT64_MAX for never. */
int64_t store_file_deadline(const struct store_file *f);

/* Once a turn, after disk_receive(): goes on with what was synced. */
void store_file_tick(struct store_file *f, int64_t usec);

/* At the end or before an upgrade: waits for what is under way. */
void store_file_settle(struct store_file *f);
void store_file_finish(struct store_file *f);

#endif
