/*
 * The history file. Appending is one writev() a turn for up to HISTORY_BATCH records. Where the
 * disk takes only part of a line, that part is cut off again; if that fails too, it is ended with
 * a line feed before anything else is written.
 *
 * What must hold: an ID that anyone was told is never given to another line. While writing fails,
 * the number in the file's first line is raised above the feed's, which takes no room on a disk.
 */
#include "server/shell/history.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include "server/core/feed/history_format.h"
#include "server/shell/history_read.h"
#include "server/shell/path.h"

enum {
	HISTORY_BATCH = 256, /* records, of two pieces each: half of what writev() takes */
	GATHER_PART = 2,     /* of the time of a sync, for which lines are gathered for the next */
	MARK_AHEAD = 1000,   /* IDs for which the first line is raised beforehand */
};

void history_init(struct history *h, struct history_room room)
{
	*h = (struct history){ .fd = -1, .twin = -1, .look_at = INT64_MAX, .job = DISK_HISTORY,
		.room = room };
}

/* Not every file system has locks: then nothing keeps another chatd away, which is said. */
static int lock(int fd, const char *path, struct log *log, struct error *error)
{
	int rc;

	do
		rc = flock(fd, LOCK_EX | LOCK_NB);
	while (rc < 0 && errno == EINTR);
	if (rc < 0 && errno == EWOULDBLOCK)
		return history_refuse(error, path, "is in use by another chatd", 0);
	if (rc < 0)
		log_line(log, LOG_AT_WARNING,
			"warning: history %s cannot be locked (%s): no other chatd may use it",
			path, strerror(errno));
	return 0;
}

/* Opens for appending and takes the lock: the descriptor, or -1 with *error. */
static int open_locked(const char *path, struct log *log, struct error *error)
{
	/* O_NONBLOCK and O_NOCTTY: whatever the path is, opening it holds up nothing. */
	int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);

	if (fd < 0)
		return history_refuse(error, path, "cannot be opened", errno);
	if (lock(fd, path, log, error) == 0)
		return fd;
	close(fd);
	return -1;
}

/*
 * The same file once more, for what an appending descriptor that has the lock cannot do: writing in
 * the middle, and being handed to another process.
 */
static int open_twin(int fd)
{
	char path[32];

	snprintf(path, sizeof(path), "/dev/fd/%d", fd);
	return open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

/* The file that is written from here on; start: what it held. */
static void use(struct history *h, int fd, const struct history_start *start)
{
	if (h->twin >= 0)
		close(h->twin);
	if (h->fd >= 0)
		close(h->fd);
	h->fd = fd;
	h->twin = open_twin(fd);
	h->empty = start->size == 0;
	h->header = h->empty;
	h->marked = h->begin = start->marked;
	h->size = start->size;
	h->torn = 0;
	h->unended = false;
	h->dirty = false;
	h->look_at = INT64_MAX;
	if (h->empty && h->sync != SYNC_NONE)
		path_sync_folder(h->path);
}

/* Opens and judges the file, and cuts its end: the descriptor, or -1 with *error. */
static int take(const char *path, const struct history_room *room, struct history_start *start,
	struct log *log, struct error *error)
{
	int fd = open_locked(path, log, error);

	if (fd < 0)
		return -1;
	if (history_recognise(path, fd, room, start, error) == 0) {
		if (start->size > 0)
			start->size = history_cut_end(path, fd, start->size, log, error);
		if (start->size >= 0)
			return fd;
	}
	close(fd);
	return -1;
}

/* IDs go on above those that were told and never written. */
static void pass_over(const struct history_start *start, struct feed *feed, const char *path,
	struct log *log)
{
	if (start->size == 0 || start->marked <= feed->next)
		return;
	log_line(log, LOG_AT_WARNING, "history %s: lines were said that could not be written, "
		"numbers go on at %llu", path, (unsigned long long)start->marked);
	history_go_on_at(feed, start->marked);
}

int history_open(struct history *h, const char *path, struct feed *feed, struct log *log,
	struct error *error)
{
	struct history_start start;
	int fd = take(path, &h->room, &start, log, error);

	if (fd < 0)
		return -1;
	if (start.size < 2 * (off_t)feed->size)
		history_fill_before(path, fd, &h->room, feed, log);
	if (start.size > 0 && history_fill(path, fd, start.size, feed, log) < 0) {
		history_refuse(error, path, "cannot be read", errno);
		close(fd);
		return -1;
	}
	pass_over(&start, feed, path, log);
	h->path = path;
	h->log = log;
	h->next = h->synced = feed->next;
	use(h, fd, &start);
	return 0;
}

int history_check(const char *path, const struct history_room *room, struct error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct history_start start;

	if (fd < 0 && errno == ENOENT && path_can_make(path) == 0)
		return 0;
	if (fd < 0)
		return history_refuse(error, path, "cannot be opened", errno);
	int rc = history_recognise(path, fd, room, &start, error);
	close(fd);
	if (rc == 0 && access(path, W_OK) < 0)
		return history_refuse(error, path, "cannot be written", errno);
	return rc;
}

/* What has become of the file that is written. */
enum file_state {
	FILE_SAME,
	FILE_MOVED, /* the path leads to none or another, but it has a name still */
	FILE_GONE,  /* it was removed or replaced */
	FILE_CUT,   /* it is shorter than what was written */
};

static enum file_state look(const struct history *h)
{
	struct stat ours, other;

	if (fstat(h->fd, &ours) < 0 || S_ISCHR(ours.st_mode))
		return FILE_SAME;
	if (ours.st_nlink == 0)
		return FILE_GONE;
	if (ours.st_size < h->size)
		return FILE_CUT;
	if (stat(h->path, &other) == 0)
		return other.st_dev == ours.st_dev && other.st_ino == ours.st_ino ? FILE_SAME
										  : FILE_MOVED;
	return errno == ENOENT || errno == ENOTDIR ? FILE_MOVED : FILE_SAME;
}

/*
 * Goes on in the file that is at the path now, with all of the feed that it lacks; after it was
 * moved and chatd was told of that, with the next line. 0, or -1 with *error.
 */
static int go_on(struct history *h, const struct feed *feed, enum file_state state,
	struct error *error)
{
	bool whole = state != FILE_MOVED;
	struct history_start start;
	uint64_t last = 0;
	int fd;

	/* A file that was only cut is the same one, and its lock would be in the way. */
	(void)flock(h->fd, LOCK_UN);
	fd = take(h->path, &h->room, &start, h->log, error);
	if (fd < 0 && errno == EACCES) /* what the sandbox says of other folders */
		history_refuse(error, h->path, "cannot be opened (another folder needs a restart)",
			EACCES);
	/* A file that was cut has only what was said since: it is begun again. */
	if (fd >= 0 && state == FILE_CUT && history_first(fd) > feed->first &&
		ftruncate(fd, 0) == 0)
		start = (struct history_start){ .size = 0 };
	if (fd >= 0 && start.size > 0 && whole)
		last = history_last(h->path, fd, start.size, h->log);
	if (last > feed->next) {
		close(fd);
		fd = history_refuse(error, h->path, "is another history, with higher numbers", 0);
	}
	if (fd < 0) {
		(void)flock(h->fd, LOCK_EX | LOCK_NB);
		return -1;
	}
	use(h, fd, &start);
	if (whole)
		h->next = last > feed->first ? last : feed->first;
	h->header = h->empty || last < h->next;
	return 0;
}

int history_open_late(struct history *h, const char *path, const struct feed *feed, struct log *log,
	struct error *error)
{
	h->path = path;
	h->log = log;
	if (go_on(h, feed, FILE_GONE, error) < 0)
		return -1;
	h->synced = feed->next; /* all of that has been seen */
	return 0;
}

int history_reopen(struct history *h, const struct feed *feed, struct error *error)
{
	enum file_state state;

	if (h->fd < 0)
		return 0;
	h->retry_at = 0;
	state = look(h);
	if (state == FILE_SAME)
		return 0;
	if (h->dirty && h->sync != SYNC_NONE)
		(void)fdatasync(h->fd);
	return go_on(h, feed, state, error);
}

/*
 * Once in a while: whether what is written is what the path leads to, and if not, that is mended.
 */
static void look_after(struct history *h, const struct feed *feed, int64_t usec)
{
	struct error error = { .text = "" };
	enum file_state state;

	if (usec < h->look_at)
		return;
	h->look_at = INT64_MAX;
	state = look(h);
	if (state == FILE_SAME)
		return;
	if (go_on(h, feed, state == FILE_CUT ? FILE_CUT : FILE_GONE, &error) == 0)
		log_line(h->log, LOG_AT_WARNING, "history %s is not the file any more that was "
			"written: it gets all that it lacks from line %llu on", h->path,
			(unsigned long long)h->next);
	else if (!h->strayed)
		log_line(h->log, LOG_AT_ERROR, "%s; the old file goes on, which the path does not "
			"lead to", error.text);
	h->strayed = error.text[0] != '\0';
}

/*
 * Before anything is written: whether the file has been cut, which is mended first, or ends within
 * a line of somebody else's. To append there would make one line of two.
 */
static bool ends_within_line(struct history *h, int64_t usec)
{
	struct stat st;
	char last = '\n';

	if (fstat(h->fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size == h->size)
		return false;
	if (st.st_size < h->size) {
		h->look_at = usec;
		return false;
	}
	h->size = st.st_size;
	return pread(h->fd, &last, 1, st.st_size - 1) == 1 && last != '\n';
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
	h->size += (off_t)done;
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
		ftruncate(h->fd, st.st_size - (off_t)h->torn) == 0) {
		h->size -= (off_t)h->torn;
		h->torn = 0;
	}
	errno = saved;
}

/* Writes a header, on a line of its own: 0, or -1 with errno. */
static int put_header(struct history *h, int64_t usec)
{
	char text[HISTORY_HEADER_MAX];
	const char *name = h->room.is_unnamed ? "" : h->room.name;
	size_t len = h->empty ? history_first_header(text, h->next, name)
				: history_header(text, h->next, name);
	size_t done = put(h, &(struct iovec){ text, len }, 1, usec);

	h->header = done < len;
	h->torn = done < len ? done : 0;
	if (done == len && h->empty) {
		h->empty = false;
		h->marked = h->begin = h->next;
	}
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
		/* Lost lines leave a gap in the numbers. */
		size_t tag_len =
			record->len > 0 ? message_tag(tags[count], id, record->time) : 0;

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
	if ((h->torn > 0 || h->unended) &&
		put(h, &(struct iovec){ (char[]){ '\n' }, 1 }, 1, usec) < 1)
		return -1;
	h->torn = 0;
	h->unended = false;
	while (status == 0 && (h->header || h->next < feed->next))
		status = h->header ? put_header(h, usec) : put_records(h, feed, usec);
	cut(h);
	return status;
}

/* A device has nothing to sync, and is on no disk. */
static bool cannot_sync(int number)
{
	return number == EINVAL || number == ENOTSUP;
}

/* What became of the sync that is under way, if it is over: 0, or -1 with errno. */
static int take_result(struct history *h, int64_t usec)
{
	uint64_t asked = h->asked;
	int number;
	enum disk_state state;

	if (asked == 0)
		return 0;
	state = disk_result(h->disk, h->job, &number);
	if (state == DISK_BUSY)
		return 0;
	h->asked = 0;
	if (state == DISK_DONE || cannot_sync(number)) {
		h->batch = h->next > h->synced ? h->next - h->synced : 0;
		h->gather_until = usec + (usec - h->asked_at) / GATHER_PART;
		h->synced = asked > h->synced ? asked : h->synced;
		return 0;
	}
	/* Without an answer it is asked for again. */
	h->dirty = true;
	h->sync_at = INT64_MIN;
	errno = number;
	return state == DISK_IDLE || number == ECHILD ? 0 : -1;
}

/*
 * After a sync those who have seen their lines say the next. To sync without them would make them
 * wait twice: as many as were under way are waited for, for a part of what a sync takes.
 */
static bool gathers(const struct history *h, int64_t usec)
{
	return h->sync == SYNC_ALWAYS && h->next - h->synced < h->batch && usec < h->gather_until;
}

/* Makes sure of what was written, or has that done. 0, or -1 with errno. */
static int sync_due(struct history *h, int64_t usec)
{
	if (take_result(h, usec) < 0)
		return -1;
	if (h->asked > 0 || !h->dirty || h->sync == SYNC_NONE || gathers(h, usec))
		return 0;
	if (h->sync == SYNC_INTERVAL && usec < h->sync_at)
		return 0;
	if (h->disk != NULL && h->twin >= 0 &&
		disk_sync(h->disk, h->job, h->twin, true) == 0) {
		h->asked = h->next;
		h->asked_at = usec;
	} else {
		if (fdatasync(h->fd) < 0 && !cannot_sync(errno))
			return -1;
		h->synced = h->next;
	}
	h->dirty = false;
	return 0;
}

/*
 * While lines can't be written: raises the number in the first line above what has been told, at
 * the end exactly, so that IDs are not used again. That overwrites what is there.
 */
static void raise_mark(struct history *h, uint64_t next)
{
	char digits[HISTORY_MARK_LEN];

	if (h->marked == 0 || h->marked == next || h->twin < 0)
		return;
	history_mark(digits, next);
	if (pwrite(h->twin, digits, sizeof(digits), HISTORY_MARK_AT) == (ssize_t)sizeof(digits))
		h->marked = next;
}

enum history_event history_append(struct history *h, const struct feed *feed, int64_t usec)
{
	bool failed_before = h->failing;
	uint64_t before = h->next;

	if (h->fd >= 0 && failed_before && feed->next > h->marked)
		raise_mark(h, feed->next + MARK_AHEAD);
	if (h->fd < 0 || (failed_before && usec < h->retry_at))
		return HISTORY_SAME;
	if (!failed_before)
		h->lost = 0;
	if (h->header || h->next < feed->next)
		h->unended = ends_within_line(h, usec) || h->unended;
	look_after(h, feed, usec);
	h->failing = catch_up(h, feed, usec) < 0 || sync_due(h, usec) < 0;
	h->error = h->failing ? errno : 0;
	if (h->failing) {
		h->retry_at = usec + HISTORY_RETRY_AFTER;
		raise_mark(h, feed->next + (h->last_try ? 0 : MARK_AHEAD));
	} else if (failed_before) {
		raise_mark(h, h->begin);
	}
	if (h->next != before && h->look_at == INT64_MAX)
		h->look_at = usec + HISTORY_LOOK_AFTER;
	if (h->failing && !failed_before)
		return HISTORY_FAILED;
	return !h->failing && (failed_before || h->lost > 0) ? HISTORY_WORKS : HISTORY_SAME;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t history_deadline(const struct history *h)
{
	int64_t next = h->look_at;

	if (h->fd < 0)
		return INT64_MAX;
	if (h->failing)
		return h->retry_at;
	if (h->dirty && h->sync == SYNC_INTERVAL && h->asked == 0)
		next = earlier(next, h->sync_at);
	if (h->dirty && h->sync == SYNC_ALWAYS && h->asked == 0)
		next = earlier(next, h->gather_until);
	return next;
}

uint64_t history_durable(const struct history *h)
{
	if (h->fd < 0 || h->sync != SYNC_ALWAYS || h->failing)
		return UINT64_MAX;
	return h->synced;
}

bool history_is_settled(const struct history *h)
{
	return h->asked == 0 && (!h->dirty || h->sync != SYNC_ALWAYS || h->failing);
}

void history_settle(struct history *h)
{
	if (h->fd < 0 || h->sync == SYNC_NONE || (h->asked == 0 && !h->dirty))
		return;
	if (fdatasync(h->fd) == 0 || cannot_sync(errno)) {
		h->dirty = false;
		h->synced = h->next;
	} else {
		h->dirty = true;
	}
	h->asked = 0;
}

void history_adopt(struct history *h, struct log *log)
{
	struct history_start start;
	struct error error;

	h->log = log;
	if (h->fd < 0)
		return;
	h->twin = open_twin(h->fd);
	h->synced = h->dirty ? 0 : h->next;
	h->look_at = 0;
	if (history_recognise(h->path, h->fd, &h->room, &start, &error) < 0)
		return; /* look_after() will see what has become of it */
	h->empty = start.size == 0;
	h->marked = h->begin = start.marked;
	/* A file that has been cut since is shorter; 1.0.0 does not say how long it was. */
	if (h->size == 0)
		h->size = start.size;
}

void history_hurry(struct history *h)
{
	h->retry_at = h->look_at = INT64_MIN;
	h->last_try = true;
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
	history_settle(h);
	if (h->twin >= 0)
		close(h->twin);
	close(h->fd);
	h->fd = h->twin = -1;
}
