/*
 * The log on standard output (log_sink.h).
 *
 * Standard output is shared with the process that started us, and O_NONBLOCK is a property of the
 * shared description: it must not stay set there. Sockets do not need it (MSG_DONTWAIT); a pipe or
 * a terminal is opened again through /dev/fd, which on Linux gives a description of our own. Where
 * that is not allowed, as on a terminal of another user, it is set for each write alone.
 */
#include "server/shell/log_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* How long a slow reader is given at the end. */
enum { FLUSH_TRIES = 5, FLUSH_WAIT_MS = 100 };

/* The same file once more, in a description of its own that does not block; -1 if there is none. */
static int reopen(int fd)
{
	char path[32];
	int own;

	snprintf(path, sizeof(path), "/dev/fd/%d", fd);
	own = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (own < 0)
		return -1;
	/* Where opening it only duplicates it, it is as blocking as before. */
	if (fcntl(own, F_GETFL) & O_NONBLOCK)
		return own;
	close(own);
	return -1;
}

void log_sink_open(struct log_sink *j, int fd)
{
	struct stat st;
	int own;

	*j = (struct log_sink){ .fd = fd, .kind = LOG_SINK_FILE };
	if (fstat(fd, &st) < 0) {
		j->kind = LOG_SINK_CLOSED;
	} else if (S_ISREG(st.st_mode)) {
		/* So that a file which is cut under us (copytruncate) gets no hole. */
		int flags = fcntl(fd, F_GETFL);

		if (flags >= 0)
			(void)fcntl(fd, F_SETFL, flags | O_APPEND);
	} else if (S_ISSOCK(st.st_mode)) {
		j->kind = LOG_SINK_SOCKET;
	} else if (S_ISFIFO(st.st_mode) || isatty(fd)) {
		own = reopen(fd);
		j->kind = own < 0 ? LOG_SINK_SHARED : LOG_SINK_PIPE;
		if (own >= 0)
			j->fd = own;
	}
}

void log_sink_close(struct log_sink *j)
{
	if (j->kind == LOG_SINK_PIPE)
		close(j->fd);
	j->fd = -1;
	j->kind = LOG_SINK_CLOSED;
	j->waiting = false;
}

bool log_sink_is_journal(int fd)
{
	const char *stream = getenv("JOURNAL_STREAM");
	struct stat st;
	char here[64];

	if (stream == NULL || fstat(fd, &st) < 0)
		return false;
	snprintf(here, sizeof(here), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	return strcmp(stream, here) == 0;
}

/* POLLOUT would not do instead: a terminal that has room for one byte waits for the others. */
static ssize_t write_shared(int fd, const char *bytes, size_t len)
{
	int flags = fcntl(fd, F_GETFL), error;
	ssize_t n;

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return -1;
	n = write(fd, bytes, len);
	error = errno;
	(void)fcntl(fd, F_SETFL, flags);
	errno = error;
	return n;
}

/* Like write(2), but returns -1 with EAGAIN where that would wait. */
static ssize_t write_some(const struct log_sink *j, const char *bytes, size_t len)
{
	if (j->kind == LOG_SINK_SOCKET)
		return send(j->fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (j->kind == LOG_SINK_SHARED)
		return write_shared(j->fd, bytes, len);
	return write(j->fd, bytes, len);
}

/*
 * A file on a full disk is tried again at the next turn, and not waited for: poll() would say at
 * once that it can be written.
 */
static void failed(struct log_sink *j)
{
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		j->waiting = j->kind != LOG_SINK_FILE;
	else if (errno != EINTR && j->kind != LOG_SINK_FILE)
		log_sink_close(j);
}

void log_sink_write(struct log_sink *j, struct log *log)
{
	const char *bytes;
	size_t len;

	j->waiting = false;
	while ((len = log_pending(log, &bytes)) > 0) {
		ssize_t n;

		if (j->kind == LOG_SINK_CLOSED) {
			log_written(log, len);
			continue;
		}
		n = write_some(j, bytes, len);
		if (n >= 0) {
			log_written(log, (size_t)n);
			continue;
		}
		failed(j);
		if (j->kind != LOG_SINK_CLOSED && errno != EINTR)
			return;
	}
}

int log_sink_wait_fd(const struct log_sink *j)
{
	return j->waiting ? j->fd : -1;
}

void log_sink_flush(struct log_sink *j, struct log *log)
{
	log_sink_write(j, log);
	for (int i = 0; i < FLUSH_TRIES && j->waiting; i++) {
		struct pollfd p = { .fd = j->fd, .events = POLLOUT };

		poll(&p, 1, FLUSH_WAIT_MS);
		log_sink_write(j, log);
	}
}
