/*
 * --log: what was received, as plain text, appended to a file.
 */
#ifndef CLIENT_SHELL_LOG_H
#define CLIENT_SHELL_LOG_H

#include <stddef.h>

struct log {
	const char *path; /* NULL: nothing is logged */
	int fd;
};

/* Opens the file; path may be NULL. 0, or -1 with what is wrong said on standard error. */
int log_open(struct log *log, const char *path);

/* Appends bytes. After a failure, which is said on standard error, nothing more is written. */
void log_write(struct log *log, const char *bytes, size_t len);

#endif
