/*
 * The log on standard output, and the promise that it never holds anything up: what the reader
 * does not take waits in the log's own memory, and when that is full, lines are dropped and
 * counted there.
 */
#ifndef SERVER_SHELL_LOG_SINK_H
#define SERVER_SHELL_LOG_SINK_H

#include <stdbool.h>

#include "server/core/base/log.h"

enum log_sink_kind {
	LOG_SINK_FILE,   /* never makes anybody wait: a file, /dev/null */
	LOG_SINK_SOCKET,
	LOG_SINK_PIPE,   /* a pipe or terminal that we have opened again, non-blocking */
	LOG_SINK_SHARED, /* one that could not be */
	LOG_SINK_CLOSED, /* nobody reads it any more */
};

struct log_sink {
	int fd;
	enum log_sink_kind kind;
	bool waiting; /* it took less than there was: try again when poll() says POLLOUT */
};

/* On a descriptor such as 1, which stays open and as it is. */
void log_sink_open(struct log_sink *j, int fd);
void log_sink_close(struct log_sink *j);

/* Whether the descriptor leads to systemd's journal, which takes priorities. */
bool log_sink_is_journal(int fd);

/* Writes what it takes of the log's lines. */
void log_sink_write(struct log_sink *j, struct log *log);

/* The descriptor to wait for with POLLOUT, or -1. */
int log_sink_wait_fd(const struct log_sink *j);

/* At the end: gives a slow reader up to half a second to take what is left. */
void log_sink_flush(struct log_sink *j, struct log *log);

#endif
