/*
 * Reading a history file back: what kind of file it is, where its last whole line ends, and the
 * lines that the feed can hold. How a line looks is the matter of history_format.h.
 */
#ifndef SERVER_SHELL_HISTORY_READ_H
#define SERVER_SHELL_HISTORY_READ_H

#include <stdint.h>
#include <sys/types.h>

#include "server/core/base/log.h"
#include "server/core/feed/feed.h"
#include "server/core/feed/history_format.h"
#include "server/shell/error.h"

struct history_start {
	off_t size;      /* of the file; 0 for a device, too */
	uint64_t marked; /* the number in its first line, if that can be changed; else 0 */
};

/* Sets what is wrong with a file, with the text of an errno unless number is 0. Returns -1. */
int history_refuse(struct error *error, const char *path, const char *what, int number);

/*
 * Whether an open file is the history of a room (history_is_of()), or may become
 * it: 0, or -1 with *error.
 */
int history_recognise(const char *path, int fd, const struct history_room *room,
	struct history_start *start, struct error *error);

/* Cuts off what a crash left of a last line, and says so: the new size, or -1 with *error. */
off_t history_cut_end(const char *path, int fd, off_t size, struct log *log,
	struct error *error);

/* Fills the feed from the end of the file; what is skipped is said. 0, or -1 with errno. */
int history_fill(const char *path, int fd, off_t size, struct feed *feed, struct log *log);

/*
 * Before that, for a file that holds less than the feed can: what the file before it (PATH.1) has
 * of the lines before its first. That there is none is no error.
 */
void history_fill_before(const char *path, int fd, const struct history_room *room,
	struct feed *feed, struct log *log);

/* The ID of the first line of a file, or of the one that is to come; 0 if that cannot be told. */
uint64_t history_first(int fd);

/* The ID that follows on the last line of a file; 0 if that cannot be told. */
uint64_t history_last(const char *path, int fd, off_t size, struct log *log);

#endif
