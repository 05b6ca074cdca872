/*
 * Replacing the running program by the one on disk: first a trial in a process of its own, which
 * has to show that the new program can read a snapshot of this one; then an exec in place, with
 * everything that must live on in descriptors and in a snapshot.
 *
 * The content of the snapshot is defined in shell_snapshot.h.
 */
#ifndef SERVER_SHELL_UPGRADE_H
#define SERVER_SHELL_UPGRADE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "server/core/base/time.h"
#include "server/core/base/codec.h"
#include "server/shell/error.h"

enum { UPGRADE_PATIENCE = 10 }; /* seconds a trial may take */

struct upgrade {
	char *program; /* its absolute path; heap; NULL: not known */
	char *const *argv;
	pid_t trial;     /* 0: none */
	int fd;          /* the trial's output; -1: it has ended */
	int64_t due;     /* when the trial has taken too long, in usec */
	int64_t look_at; /* when to check whether it has exited, in usec */
	char said[256];
	size_t said_len;
};

/*
 * Keeps the path by which this program was started: its successor will be found there. argv is
 * main()'s.
 */
void upgrade_init(struct upgrade *u, char *const *argv);
void upgrade_finish(struct upgrade *u); /* ends a trial */

/* Starts a trial with this snapshot. 0, or -1 with *error. Not while there is one. */
int upgrade_try(struct upgrade *u, const struct codec *snapshot, int64_t usec, struct error *error);

enum upgrade_trial {
	UPGRADE_GOES_ON,
	UPGRADE_PASSED,
	UPGRADE_FAILED, /* with *error */
};

/* Checks on the trial, without waiting; upgrade_fd() and upgrade_deadline() tell when to call. */
enum upgrade_trial upgrade_look(struct upgrade *u, int64_t usec, struct error *error);
int upgrade_fd(const struct upgrade *u);
int64_t upgrade_deadline(const struct upgrade *u);

/*
 * Becomes the new program, which gets every descriptor that is not close-on-exec. Returns only
 * when that fails: -1 with *error.
 */
int upgrade_exec(const struct upgrade *u, const struct codec *snapshot, struct error *error);

/* What this process was started for. */
enum upgrade_role {
	UPGRADE_NONE,  /* an ordinary start */
	UPGRADE_TRIAL, /* upgrade_confirm() if it could take over */
	UPGRADE_HEIR,  /* to take over */
};

/*
 * The role, and the snapshot that comes with it, mapped until upgrade_forget().
 * 0, or -1 with *error.
 */
int upgrade_inherit(enum upgrade_role *role, struct codec *snapshot, struct error *error);
void upgrade_forget(struct codec *snapshot); /* may be called twice */

/* Tells the parent that the trial is passed: 0, or -1. */
int upgrade_confirm(void);

#endif
