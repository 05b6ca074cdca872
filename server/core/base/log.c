/*
 * A buffer that is filled at its end and drained from its start. It is moved to the front when it
 * runs out of room, which happens at most once for each LOG_BYTES drained.
 */
#include "server/core/base/log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* Kept free for the line that says how many were dropped. */
	RESERVE = 96,

	/* The longest line of log_line(): heads, addresses and the longest nick fit well. */
	LINE_MAX_BYTES = 1024,
};

int log_init(struct log *log, bool priorities)
{
	*log = (struct log){ .priorities = priorities };
	log->bytes = malloc(LOG_BYTES);
	return log->bytes == NULL ? -1 : 0;
}

void log_finish(struct log *log)
{
	free(log->bytes);
	*log = (struct log){ 0 };
}

static void put(struct log *log, const char *bytes, size_t len)
{
	if (len > 0)
		memcpy(log->bytes + log->end, bytes, len);
	log->end += len;
}

/* Makes room for len bytes and the reserve; false if there is none. */
static bool make_room(struct log *log, size_t len)
{
	size_t waiting = log->end - log->start;

	if (log->end + len + RESERVE <= LOG_BYTES)
		return true;
	if (waiting + len + RESERVE > LOG_BYTES)
		return false;
	memmove(log->bytes, log->bytes + log->start, waiting);
	log->start = 0;
	log->end = waiting;
	return true;
}

static void put_priority(struct log *log, enum log_priority priority)
{
	char mark[3] = { '<', (char)('0' + priority), '>' };

	if (log->priorities)
		put(log, mark, sizeof(mark));
}

static void put_dropped(struct log *log)
{
	char text[RESERVE];
	int len = snprintf(text, sizeof(text),
		"log: %" PRIu64 " lines dropped, nobody was reading them\n", log->dropped);

	put_priority(log, LOG_AT_WARNING);
	put(log, text, (size_t)len);
	log->dropped = 0;
}

void log_text(struct log *log, enum log_priority priority, struct slice head, struct slice text)
{
	/* A line that is dropped must not let a shorter one after it through unannounced. */
	size_t notice = log->dropped > 0 ? RESERVE : 0;

	if (!make_room(log, notice + 3 + head.len + text.len + 1)) {
		log->dropped++;
		log->dropped_total++;
		return;
	}
	if (log->dropped > 0)
		put_dropped(log);
	put_priority(log, priority);
	put(log, head.bytes, head.len);
	put(log, text.bytes, text.len);
	put(log, "\n", 1);
}

void log_line(struct log *log, enum log_priority priority, const char *format, ...)
{
	char line[LINE_MAX_BYTES];
	va_list arguments;
	int len;

	va_start(arguments, format);
	len = vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	if (len < 0)
		return;
	if ((size_t)len >= sizeof(line))
		len = sizeof(line) - 1;
	log_text(log, priority, (struct slice){ line, (size_t)len }, (struct slice){ "", 0 });
}

void log_put_back(struct log *log, const char *lines, size_t len)
{
	if (len > 0 && make_room(log, len))
		put(log, lines, len);
}

size_t log_pending(const struct log *log, const char **bytes)
{
	*bytes = log->bytes + log->start;
	return log->end - log->start;
}

void log_written(struct log *log, size_t len)
{
	log->start += len;
	if (log->start == log->end)
		log->start = log->end = 0;
}
