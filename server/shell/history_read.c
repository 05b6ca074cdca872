/*
 * Reading a history file back (history_read.h). Only the end of it is read, as much as the feed can
 * hold, so a start takes as long with a file of gigabytes. What must hold: nothing in the file is
 * changed before it is known to be a history of ours.
 */
#include "server/shell/history_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/core/feed/history_format.h"

enum { CHUNK = 65536 };

int history_refuse(struct error *error, const char *path, const char *what, int number)
{
	error_set(error, ERROR_START, "%s %s%s%s", path, what, number != 0 ? ": " : "",
		number != 0 ? strerror(number) : "");
	errno = number;
	return -1;
}

/* pread() that is interrupted by nothing and short only at the end of the file. */
static ssize_t read_at(int fd, char *buffer, size_t len, off_t at)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = pread(fd, buffer + done, len - done, at + (off_t)done);
		if (n < 0 && errno != EINTR)
			return -1;
		if (n == 0)
			break;
		if (n > 0)
			done += (size_t)n;
	}
	return (ssize_t)done;
}

int history_recognise(const char *path, int fd, const struct history_room *room,
	struct history_start *start, struct error *error)
{
	char bytes[HISTORY_ORIGIN_MAX];
	struct stat st;

	*start = (struct history_start){ .size = 0 };
	if (fstat(fd, &st) < 0)
		return history_refuse(error, path, "cannot be read", errno);
	if (S_ISCHR(st.st_mode))
		return 0;
	if (!S_ISREG(st.st_mode))
		return history_refuse(error, path, "is not a regular file", 0);
	ssize_t n = read_at(fd, bytes, sizeof(bytes), 0);
	if (n < 0)
		return history_refuse(error, path, "cannot be read", errno);
	start->size = st.st_size;
	start->marked = history_marked(bytes, (size_t)n);
	switch (history_origin(bytes, (size_t)n)) {
	case HISTORY_OURS:
		if (history_is_of(bytes, (size_t)n, room))
			return 0;
		return history_refuse(error, path, "is the history of another room: left as it is",
			0);
	case HISTORY_TORN:
		return 0;
	case HISTORY_NEWER:
		return history_refuse(error, path,
			"is a history of a newer chatd: left as it is", 0);
	case HISTORY_CONVERTED:
		return history_refuse(error, path, "was converted to CR LF line ends, which a "
			"history does not have: left as it is", 0);
	case HISTORY_PREFIXED:
		return history_refuse(error, path, "begins with a byte-order mark, which a "
			"history does not have: left as it is", 0);
	case HISTORY_FOREIGN:
		break;
	}
	return history_refuse(error, path, "is not a chatd history: left as it is", 0);
}

/* Where the last whole line ends, searched for from the end; 0 if there is none, -1 for errors. */
static off_t find_end(int fd, off_t size, char *chunk)
{
	while (size > 0) {
		size_t len = size < CHUNK ? (size_t)size : CHUNK;
		ssize_t n = read_at(fd, chunk, len, size - (off_t)len);
		if (n < 0)
			return -1;
		while (n > 0 && chunk[n - 1] != '\n')
			n--;
		if (n > 0)
			return size - (off_t)len + n;
		size -= (off_t)len;
	}
	return 0;
}

off_t history_cut_end(const char *path, int fd, off_t size, struct log *log, struct error *error)
{
	char *chunk = malloc(CHUNK);
	off_t end = chunk != NULL ? find_end(fd, size, chunk) : -1;

	free(chunk);
	if (end < 0)
		return history_refuse(error, path, "cannot be read", errno);
	if (end == size)
		return size;
	if (ftruncate(fd, end) < 0)
		return history_refuse(error, path, "its torn end cannot be cut off", errno);
	log_line(log, LOG_AT_WARNING, "history %s: cut off a torn line of %lld bytes at its end",
		path, (long long)(size - end));
	return end;
}

/* Gives the reader the lines of a piece of the file. torn: it begins inside a line. */
static int read_lines(int fd, off_t from, off_t end, bool torn, struct history_reader *reader)
{
	char *buffer = malloc(HISTORY_LINE_MAX + 1);
	off_t line = from; /* where in the file the line begins that begins the buffer */
	size_t len = 0;
	bool overlong = false;

	while (buffer != NULL && from < end) {
		size_t room = HISTORY_LINE_MAX + 1 - len;
		size_t want = (off_t)room < end - from ? room : (size_t)(end - from);
		ssize_t n = read_at(fd, buffer + len, want, from);
		if (n <= 0)
			break;
		from += n;
		len += (size_t)n;

		size_t at = 0;
		char *lf;
		while ((lf = memchr(buffer + at, '\n', len - at)) != NULL) {
			size_t line_len = (size_t)(lf - buffer) - at;
			if (!torn)
				history_reader_line(reader, buffer + at, overlong ? 0 : line_len,
					line);
			torn = false;
			overlong = false;
			at += line_len + 1;
			line = from - (off_t)(len - at);
		}
		if (at == 0 && len > HISTORY_LINE_MAX) {
			overlong = true;
			at = len;
		}
		len -= at;
		memmove(buffer, buffer + at, len);
	}
	free(buffer);
	return from < end ? -1 : 0;
}

static void say_skipped(const char *path, const struct history_reader *reader, struct log *log)
{
	if (reader->skipped > 0)
		log_line(log, LOG_AT_WARNING,
			"history %s: skipped %llu line%s that cannot be read, first at byte %llu",
			path, (unsigned long long)reader->skipped, reader->skipped == 1 ? "" : "s",
			(unsigned long long)reader->skipped_at);
}

/*
 * The shortest line has 34 bytes and the longest tag 32, so the feed's size twice is enough; if all
 * of it is damaged, more is read, since IDs must go on.
 */
int history_fill(const char *path, int fd, off_t size, struct feed *feed, struct log *log)
{
	struct history_reader reader = { 0 };
	off_t from = size;
	off_t window = 2 * (off_t)feed->size;

	while (reader.taken == 0 && from > 0) {
		from = size > window ? size - window : 0;
		window *= 8;
		reader = (struct history_reader){ .feed = feed };
		/* One byte more, so that a line which begins just there is not taken for torn. */
		int status = read_lines(fd, from > 0 ? from - 1 : 0, size, from > 0, &reader);
		history_reader_end(&reader, (uint64_t)size);
		if (status < 0)
			return -1;
	}
	say_skipped(path, &reader, log);
	return 0;
}

uint64_t history_first(int fd)
{
	char bytes[HISTORY_START_MAX];
	ssize_t n = read_at(fd, bytes, sizeof(bytes), 0);

	return n > 0 ? history_first_id(bytes, (size_t)n) : 0;
}

void history_fill_before(const char *path, int fd, const struct history_room *room,
	struct feed *feed, struct log *log)
{
	size_t len = strlen(path) + sizeof(".1");
	char *name = malloc(len);
	int older = -1;
	struct history_start start;
	struct history_reader reader = { .feed = feed, .below = history_first(fd) };
	struct error error;

	if (name != NULL) {
		snprintf(name, len, "%s.1", path);
		older = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	}
	if (older >= 0 && history_recognise(name, older, room, &start, &error) < 0) {
		log_line(log, LOG_AT_NOTICE, "%s", error.text);
	} else if (older >= 0) {
		off_t window = 2 * (off_t)feed->size;
		off_t from = start.size > window ? start.size - window : 0;

		(void)read_lines(older, from > 0 ? from - 1 : 0, start.size, from > 0, &reader);
		history_reader_stop(&reader);
		say_skipped(name, &reader, log);
	}
	if (older >= 0)
		close(older);
	free(name);
}

uint64_t history_last(const char *path, int fd, off_t size, struct log *log)
{
	struct feed feed;
	uint64_t next = 0;

	if (feed_init(&feed, FEED_BYTES_MIN) < 0)
		return 0;
	if (history_fill(path, fd, size, &feed, log) == 0)
		next = feed.next;
	feed_finish(&feed);
	return next;
}
