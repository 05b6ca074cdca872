/*
 * The history file. Appending is one writev() a turn for up to HISTORY_BATCH records. Where the
 * disk takes only part of a line, that part is cut off again; if that fails too, it is ended with
 * a line feed before anything else is written.
 */
#include "server/shell/history.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include "server/core/feed/history_format.h"
#include "server/shell/path.h"

enum {
	HISTORY_BATCH = 256, /* records, of two pieces each: half of what writev() takes */
	HISTORY_CHUNK = 65536,
};

void history_init(struct history *h)
{
	*h = (struct history){ .fd = -1 };
}

/* Sets what is wrong with the file, with the text of errno's value unless number is 0; -1. */
static int refuse(struct error *error, const char *path, const char *what, int number)
{
	error_set(error, ERROR_START, "--history: %s %s%s%s", path, what, number != 0 ? ": " : "",
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

/* Judges an open file: its size, or -1 with *error. A device has nothing to be read. */
static off_t recognise(const char *path, int fd, struct error *error)
{
	char start[HISTORY_HEADER_MAX];
	struct stat st;

	if (fstat(fd, &st) < 0)
		return refuse(error, path, "cannot be read", errno);
	if (S_ISCHR(st.st_mode))
		return 0;
	if (!S_ISREG(st.st_mode))
		return refuse(error, path, "is no regular file", 0);
	ssize_t n = read_at(fd, start, sizeof(start), 0);
	if (n < 0)
		return refuse(error, path, "cannot be read", errno);
	switch (history_origin(start, (size_t)n)) {
	case HISTORY_OURS:
	case HISTORY_TORN:
		break;
	case HISTORY_NEWER:
		return refuse(error, path, "is a history of a newer chatd: left as it is", 0);
	case HISTORY_FOREIGN:
		return refuse(error, path, "is not a chatd history: left as it is", 0);
	}
	return st.st_size;
}

/* Where the last whole line ends, searched for from the end; 0 if there is none, -1 for errors. */
static off_t find_end(int fd, off_t size, char *chunk)
{
	while (size > 0) {
		size_t len = size < HISTORY_CHUNK ? (size_t)size : HISTORY_CHUNK;
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

/* Cuts off what a crash left of a last line: the new size, or -1 with *error. */
static off_t cut_end(const char *path, int fd, off_t size, struct log *log, struct error *error)
{
	char *chunk = malloc(HISTORY_CHUNK);
	off_t end = chunk != NULL ? find_end(fd, size, chunk) : -1;

	free(chunk);
	if (end < 0)
		return refuse(error, path, "cannot be read", errno);
	if (end == size)
		return size;
	if (ftruncate(fd, end) < 0)
		return refuse(error, path, "its torn end cannot be cut off", errno);
	log_line(log, LOG_AT_WARNING, "history %s: cut off a torn line of %lld bytes at its end",
		path, (long long)(size - end));
	return end;
}

/* Gives the ledger the lines of a piece of the file. torn: it begins inside a line. */
static int read_lines(int fd, off_t from, off_t end, bool torn, struct history_reader *ledger)
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
				history_reader_line(ledger, buffer + at, overlong ? 0 : line_len, line);
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

/*
 * Fills the feed from the file's last lines, as many as the feed can hold. The shortest line has
 * 34 bytes and the longest tag 32, so the feed's size twice is enough; if all of it is damaged,
 * more is read, since IDs must go on.
 */
static int fill(const char *path, int fd, off_t size, struct feed *feed, struct log *log,
	struct error *error)
{
	struct history_reader ledger = { 0 };
	off_t from = size;
	off_t window = 2 * (off_t)feed->size;

	while (ledger.taken == 0 && from > 0) {
		from = size > window ? size - window : 0;
		window *= 8;
		ledger = (struct history_reader){ .feed = feed };
		/* One byte more, so that a line which begins just there is not taken for torn. */
		int status = read_lines(fd, from > 0 ? from - 1 : 0, size, from > 0, &ledger);
		history_reader_end(&ledger, (uint64_t)size);
		if (status < 0)
			return refuse(error, path, "cannot be read", errno);
	}
	if (ledger.skipped > 0)
		log_line(log, LOG_AT_WARNING,
			"history %s: skipped %llu line%s that cannot be read, first at byte %llu",
			path, (unsigned long long)ledger.skipped, ledger.skipped == 1 ? "" : "s",
			(unsigned long long)ledger.skipped_at);
	return 0;
}

/* Opens for appending and takes the lock: the descriptor, or -1 with *error. */
static int open_locked(const char *path, struct error *error)
{
	/* O_NONBLOCK and O_NOCTTY: whatever the path is, opening it holds up nothing. */
	int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);

	if (fd < 0)
		return refuse(error, path, "cannot be opened", errno);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		int number = errno;
		close(fd);
		if (number == EWOULDBLOCK)
			return refuse(error, path, "is in use by another chatd", 0);
		return refuse(error, path, "cannot be locked", number);
	}
	return fd;
}

/* Judges and repairs an open file, and fills the feed from it (NULL: does not). 0 or -1. */
static int take_over(struct history *h, const char *path, int fd, struct feed *feed,
	struct log *log, struct error *error)
{
	off_t size = recognise(path, fd, error);

	if (size > 0)
		size = cut_end(path, fd, size, log, error);
	if (size > 0 && feed != NULL && fill(path, fd, size, feed, log, error) < 0)
		return -1;
	if (size < 0)
		return -1;
	if (size == 0 && h->sync != SYNC_NONE)
		path_sync_folder(path);
	h->fd = fd;
	h->header = size == 0 || feed == NULL;
	h->torn = 0;
	return 0;
}

int history_open(struct history *h, const char *path, enum sync sync, struct feed *feed,
	struct log *log, struct error *error)
{
	int fd = open_locked(path, error);

	if (fd < 0)
		return -1;
	h->sync = sync;
	if (take_over(h, path, fd, feed, log, error) < 0) {
		close(fd);
		return -1;
	}
	h->path = path;
	h->next = feed->next;
	return 0;
}

int history_check(const char *path, struct error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0 && errno == ENOENT && path_can_make(path) == 0)
		return 0;
	if (fd < 0)
		return refuse(error, path, "cannot be opened", errno);
	off_t size = recognise(path, fd, error);
	close(fd);
	if (size >= 0 && access(path, W_OK) < 0)
		return refuse(error, path, "cannot be written", errno);
	return size < 0 ? -1 : 0;
}

int history_reopen(struct history *h, struct log *log, struct error *error)
{
	int old = h->fd;
	struct stat ours, other;

	if (old < 0)
		return 0;
	h->retry_at = 0;
	if (stat(h->path, &other) == 0 && fstat(old, &ours) == 0 && other.st_dev == ours.st_dev &&
		other.st_ino == ours.st_ino)
		return 0;
	int fd = open_locked(h->path, error);
	if (fd < 0 && errno == EACCES) /* what the sandbox says of other folders */
		refuse(error, h->path, "cannot be opened (another folder needs a restart)", EACCES);
	if (fd < 0)
		return -1;
	if (take_over(h, h->path, fd, NULL, log, error) < 0) {
		close(fd);
		return -1;
	}
	if (h->dirty && h->sync != SYNC_NONE)
		(void)fdatasync(old);
	close(old);
	h->dirty = false;
	return 0;
}

/* Writes it all: returns the bytes written, fewer only for an error, which is in errno. */
static size_t put(struct history *h, struct iovec *iov, int count, int64_t usec)
{
	size_t done = 0;

	while (count > 0) {
		ssize_t n = writev(h->fd, iov, count);
		if (n < 0 && errno != EINTR)
			break;
		size_t left = n > 0 ? (size_t)n : 0;
		done += left;
		for (; count > 0 && left >= iov->iov_len; iov++, count--)
			left -= iov->iov_len;
		if (count > 0) {
			iov->iov_base = (char *)iov->iov_base + left;
			iov->iov_len -= left;
		}
	}
	if (done > 0 && !h->dirty) {
		h->dirty = true;
		h->sync_at = usec + HISTORY_SYNC_AFTER;
	}
	return done;
}

/* Cuts off what there is of an unfinished line, if that can be done. */
static void cut(struct history *h)
{
	int saved = errno;
	struct stat st;

	if (h->torn > 0 && fstat(h->fd, &st) == 0 && st.st_size >= (off_t)h->torn &&
		ftruncate(h->fd, st.st_size - (off_t)h->torn) == 0)
		h->torn = 0;
	errno = saved;
}

/* Writes a header, on a line of its own: 0, or -1 with errno. */
static int put_header(struct history *h, int64_t usec)
{
	char text[HISTORY_HEADER_MAX];
	size_t len = history_header(text, h->next);
	size_t done = put(h, &(struct iovec){ text, len }, 1, usec);

	h->header = done < len;
	h->torn = done < len ? done : 0;
	return done < len ? -1 : 0;
}

/* Writes up to HISTORY_BATCH records: 0, or -1 with errno. */
static int put_records(struct history *h, const struct feed *feed, int64_t usec)
{
	char tags[HISTORY_BATCH][MESSAGE_TAG_MAX];
	struct iovec iov[2 * HISTORY_BATCH];
	size_t lens[HISTORY_BATCH];
	int count = 0;

	for (uint64_t id = h->next; id < feed->next && count < HISTORY_BATCH; id++, count++) {
		const struct record *record = feed_record(feed, id);
		size_t tag_len = message_tag(tags[count], id, record->time);

		iov[2 * count] = (struct iovec){ tags[count], tag_len };
		iov[2 * count + 1] = (struct iovec){ (char *)feed_line(feed, id), record->len };
		lens[count] = tag_len + record->len;
	}
	size_t done = put(h, iov, 2 * count, usec);
	int whole = 0;
	for (; whole < count && done >= lens[whole]; whole++)
		done -= lens[whole];
	h->next += (uint64_t)whole;
	h->torn = done;
	return whole < count ? -1 : 0;
}

/* Writes all that is new: 0, or -1 with errno. */
static int catch_up(struct history *h, const struct feed *feed, int64_t usec)
{
	int status = 0;

	if (h->next < feed->first) {
		h->lost += feed->first - h->next;
		h->next = feed->first;
		h->header = true;
	}
	cut(h);
	if (h->torn > 0 && put(h, &(struct iovec){ (char[]){ '\n' }, 1 }, 1, usec) < 1)
		return -1;
	h->torn = 0;
	while (status == 0 && (h->header || h->next < feed->next))
		status = h->header ? put_header(h, usec) : put_records(h, feed, usec);
	cut(h);
	return status;
}

static int sync_due(struct history *h, int64_t usec)
{
	if (!h->dirty || h->sync == SYNC_NONE)
		return 0;
	if (h->sync == SYNC_INTERVAL && usec < h->sync_at)
		return 0;
	if (fdatasync(h->fd) < 0 && errno != EINVAL && errno != ENOTSUP) /* a device can't */
		return -1;
	h->dirty = false;
	return 0;
}

enum history_event history_append(struct history *h, const struct feed *feed, int64_t usec)
{
	bool failed_before = h->failing;

	if (h->fd < 0 || (failed_before && usec < h->retry_at))
		return HISTORY_SAME;
	if (!failed_before)
		h->lost = 0;
	h->failing = catch_up(h, feed, usec) < 0 || sync_due(h, usec) < 0;
	if (h->failing)
		h->retry_at = usec + HISTORY_RETRY_AFTER;
	h->error = h->failing ? errno : 0;
	if (h->failing && !failed_before)
		return HISTORY_FAILED;
	return !h->failing && (failed_before || h->lost > 0) ? HISTORY_WORKS : HISTORY_SAME;
}

int64_t history_deadline(const struct history *h)
{
	if (h->fd < 0)
		return INT64_MAX;
	if (h->failing)
		return h->retry_at;
	return h->dirty && h->sync == SYNC_INTERVAL ? h->sync_at : INT64_MAX;
}

void history_hurry(struct history *h)
{
	h->retry_at = INT64_MIN;
}

uint64_t history_left(const struct history *h, const struct feed *feed)
{
	if (h->fd < 0)
		return 0;
	return feed->next - h->next + (h->failing ? h->lost : 0);
}

void history_finish(struct history *h)
{
	if (h->fd < 0)
		return;
	if (h->dirty && h->sync != SYNC_NONE)
		(void)fdatasync(h->fd);
	close(h->fd);
	h->fd = -1;
}
