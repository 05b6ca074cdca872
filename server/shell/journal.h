/*
 * The log on standard output, and the promise that it never holds anything up: what the reader
 * does not take waits in the log's own memory, and when that is full, lines are dropped and
 * counted there.
 */
#ifndef CHAT_JOURNAL_H
#define CHAT_JOURNAL_H

#include <stdbool.h>

#include "server/core/log.h"

enum journal_kind {
	JOURNAL_FILE,   /* never makes anybody wait: a file, /dev/null */
	JOURNAL_SOCKET,
	JOURNAL_PIPE,   /* a pipe or terminal that we have opened anew, without blocking */
	JOURNAL_SHARED, /* one that could not be */
	JOURNAL_CLOSED, /* nobody reads it any more */
};

struct journal {
	int fd;
	enum journal_kind kind;
	bool waiting; /* it took less than there was: try again when poll() says POLLOUT */
};

/* On a descriptor such as 1, which stays open and as it is. */
void journal_open(struct journal *j, int fd);
void journal_close(struct journal *j);

/* Whether the descriptor leads to systemd's journal, which takes priorities. */
bool journal_is_systemd(int fd);

/* Writes what it takes of the log's lines. */
void journal_write(struct journal *j, struct log *log);

/* The descriptor to wait for with POLLOUT, or -1. */
int journal_wait_fd(const struct journal *j);

/* At the end: gives a slow reader up to half a second to take what is left. */
void journal_flush(struct journal *j, struct log *log);

#endif
