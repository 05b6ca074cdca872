/*
 * Waiting for the disk in a process of its own, so that the loop does not: it is handed a
 * descriptor, makes sure that what was written to it is on disk, and says so. The loop goes on
 * meanwhile and polls for the answer.
 *
 * Without the process, since none could be started or it was killed, its owners wait for the disk
 * themselves.
 */
#ifndef SERVER_SHELL_DISK_H
#define SERVER_SHELL_DISK_H

#include <stdbool.h>
#include <sys/types.h>

#include "server/core/base/log.h"

/* Those who may have one sync each under way: the store, and each history. */
enum { DISK_STORE, DISK_HISTORY };

enum disk_state {
	DISK_IDLE,
	DISK_BUSY,
	DISK_DONE,   /* the sync is over: disk_result() tells how, once */
	DISK_FAILED, /* there is an errno, or ECHILD: the process has ended, and the job with it */
};

struct disk_job {
	enum disk_state state;
	int error;
};

struct disk {
	int fd;    /* to the process; -1: there is none */
	pid_t pid;
	struct log *log;
	struct disk_job *jobs; /* heap */
	unsigned count;
};

/* No process. */
void disk_init(struct disk *d, struct log *log);

/*
 * Starts the process. Early, since it keeps a copy of all memory that this one has, and after the
 * user was changed. 0, or -1: the log says why, and all goes on without.
 */
int disk_start(struct disk *d);

/* Ends the process, and waits for that. */
void disk_stop(struct disk *d);

/* The same, and frees all. */
void disk_finish(struct disk *d);

/*
 * Has a descriptor synced: what was written and the file's length (data), or all about the file.
 * 0, or -1: it has to be done by the caller. Not while the job is busy.
 */
int disk_sync(struct disk *d, unsigned job, int fd, bool data);

/* Becomes readable when something is over; -1: nothing to wait for. */
int disk_fd(const struct disk *d);

/* Takes in what is over. Waits for nothing. */
void disk_receive(struct disk *d);

/* How a job stands; DONE and FAILED, with *error, are told once, and it is IDLE after that. */
enum disk_state disk_result(struct disk *d, unsigned job, int *error);

#endif
