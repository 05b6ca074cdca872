/*
 * Replacing the running program by the one on disk: first a trial, in a process of its own, that
 * has to show that the new program can read a state of this one; then an exec in place, with all
 * that must live on in descriptors and in a piece of memory.
 *
 * What the state is made of is the handover's matter.
 */
#ifndef SERVER_SHELL_UPGRADE_H
#define SERVER_SHELL_UPGRADE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "server/core/base/time.h"
#include "server/core/base/codec.h"
#include "server/shell/error.h"

enum { UPGRADE_PATIENCE = 10 }; /* seconds that a trial may take */

struct upgrade {
	char *program; /* its path, absolute; heap; NULL: not known */
	char *const *argv;
	pid_t trial;     /* 0: there is none */
	int fd;          /* what the trial says; -1: it has said all */
	int64_t due;     /* then it has taken too long, in usec */
	int64_t look_at; /* when to look whether it has ended, in usec */
	char said[256];
	size_t said_len;
};

/*
 * Keeps the path that this program was started by, which leads to its successor later on. argv is
 * main()'s.
 */
void upgrade_init(struct upgrade *u, char *const *argv);
void upgrade_finish(struct upgrade *u); /* ends a trial */

/* Begins a trial with this state. 0, or -1 with *error. Not while there is one. */
int upgrade_try(struct upgrade *u, const struct codec *state, int64_t usec, struct error *error);

enum upgrade_trial {
	UPGRADE_GOES_ON,
	UPGRADE_PASSED,
	UPGRADE_FAILED, /* with *error */
};

/* How the trial does. Waits for nothing; upgrade_fd() and upgrade_deadline() tell when to ask. */
enum upgrade_trial upgrade_look(struct upgrade *u, int64_t usec, struct error *error);
int upgrade_fd(const struct upgrade *u);
int64_t upgrade_deadline(const struct upgrade *u);

/*
 * Becomes the new program, which gets every descriptor that is not close-on-exec. Returns only
 * when that fails: -1 with *error.
 */
int upgrade_exec(const struct upgrade *u, const struct codec *state, struct error *error);

/* What this process has been started for, by another chatd or by anybody else. */
enum upgrade_role {
	UPGRADE_NONE,  /* nothing is handed over */
	UPGRADE_TRIAL, /* to say with upgrade_confirm() whether it could take over */
	UPGRADE_HEIR,  /* to take over */
};

/*
 * The role, and the state that comes with it, to be read and then forgotten: nobody else has it.
 * 0, or -1 with *error.
 */
int upgrade_inherit(enum upgrade_role *role, struct codec *state, struct error *error);
void upgrade_forget(struct codec *state); /* for the second time: does nothing */

/* Says that a trial has been passed: 0, or -1. */
int upgrade_confirm(void);

#endif
