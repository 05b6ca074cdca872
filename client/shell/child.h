/*
 * Another program whose standard input and output are the way to the server.
 */
#ifndef CLIENT_SHELL_CHILD_H
#define CLIENT_SHELL_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { CHILD_REASON_MAX = 160 };

struct child {
	pid_t pid;     /* 0 for none */
	int fd;        /* its input and output: non-blocking; -1 for none */
	int errors;    /* its standard error: non-blocking; -1: it has ours */
	bool expendable; /* it is ended when it is closed: it would not notice */
};

/*
 * Runs a program that is looked for in PATH. own_errors: its standard error is not ours. 0, or -1
 * with errno set.
 */
int child_begin(struct child *c, char *const argv[], bool own_errors);

/* It sees the end of its input. */
void child_close(struct child *c);

/*
 * After the end of what it had to say: how it ended, if it did so by itself with a status that says
 * it failed. False: it has not.
 */
bool child_failed(struct child *c, char reason[CHILD_REASON_MAX]);

#endif
