/*
 * The log, as text in memory: the core writes whole lines into it, the shell drains them to
 * standard output. It is bounded: where nobody drains it, lines are dropped and counted, and the
 * count is said once there is room again.
 *
 * Text that a person sent comes here already safe (text_clean).
 */
#ifndef SERVER_CORE_BASE_LOG_H
#define SERVER_CORE_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/slice.h"

/* The priorities of syslog(3), for a journal that wants "<N>" before each line. */
enum log_priority { LOG_AT_ERROR = 3, LOG_AT_WARNING = 4, LOG_AT_NOTICE = 5, LOG_AT_INFO = 6 };

enum { LOG_BYTES = 256 * 1024 };

struct log {
	char *bytes;      /* LOG_BYTES of them, heap */
	size_t start, end; /* what is waiting lies between them */
	uint64_t dropped; /* lines since the last that found room */
	uint64_t dropped_total;
	bool priorities; /* begin each line with "<N>" */
};

/* 0, or -1 when there is no memory. */
int log_init(struct log *log, bool priorities);
void log_finish(struct log *log);

/* Adds one line, without LF; printf(3)'s format. */
void log_line(struct log *log, enum log_priority priority, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Adds one line made of a head and a text that may be long, such as a message. */
void log_text(struct log *log, enum log_priority priority, struct slice head, struct slice text);

/*
 * Puts back whole lines that had been waiting in another program's log; none if there is no room.
 */
void log_put_back(struct log *log, const char *lines, size_t len);

/* The bytes that wait to be written out: how many, and in *bytes where. */
size_t log_pending(const struct log *log, const char **bytes);

/* len bytes of it have been written. */
void log_written(struct log *log, size_t len);

#endif
