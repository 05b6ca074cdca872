/*
 * The store on disk (store_file.h). What must hold: at every moment the path leads to a whole
 * store, the one before or the one after a change. rename() does that (POSIX.1-2008), if what it
 * renames is on disk before.
 */
#include "server/shell/store_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/shell/host.h"
#include "server/shell/path.h"

enum { PATH_ROOM = 4096 + 8 };

void store_file_init(struct store_file *f, struct log *log)
{
	*f = (struct store_file){ .fd = -1, .write_at = INT64_MAX, .log = log };
}

void store_file_finish(struct store_file *f)
{
	store_file_settle(f);
	free(f->path);
	f->path = NULL;
}

static int refuse(struct error *error, const char *path, const char *what, int number)
{
	return error_set(error, ERROR_START, "--store: %s %s%s%s", path, what,
		number != 0 ? ": " : "", number != 0 ? strerror(number) : "");
}

/* Where the new file is written; out has PATH_ROOM bytes. */
static const char *new_path(char *out, const char *path)
{
	snprintf(out, PATH_ROOM, "%s.new", path);
	return out;
}

/* All of an open file: its length, or -1 with errno; *bytes is heap. */
static ssize_t read_all(int fd, size_t size, char **bytes)
{
	size_t len = 0;

	*bytes = malloc(size + 1);
	while (*bytes != NULL && len < size) {
		ssize_t n = read(fd, *bytes + len, size - len);

		if (n == 0)
			break;
		if (n < 0 && errno != EINTR)
			return -1;
		len += n > 0 ? (size_t)n : 0;
	}
	return *bytes != NULL ? (ssize_t)len : -1;
}

/* The file as bytes on the heap, *len of them; NULL with *error, or where there is none. */
static char *load(const char *path, size_t *len, struct error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	char *bytes = NULL;
	ssize_t n = -1;

	*len = 0;
	error->text[0] = '\0';
	if (fd < 0 && errno == ENOENT)
		return NULL;
	if (fd < 0) {
		refuse(error, path, "cannot be opened", errno);
		return NULL;
	}
	if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode))
		refuse(error, path, "is not a regular file", 0);
	else if (fstat(fd, &st) == 0 && st.st_size > STORE_BYTES_MAX)
		refuse(error, path, "is too long for a store", 0);
	else if (fstat(fd, &st) < 0 || (n = read_all(fd, (size_t)st.st_size, &bytes)) < 0)
		refuse(error, path, "cannot be read", errno);
	close(fd);
	if (n < 0) {
		free(bytes);
		return NULL;
	}
	*len = (size_t)n;
	return bytes;
}

static int judge(const char *path, const char *bytes, size_t len, struct error *error)
{
	switch (store_origin(bytes, len)) {
	case STORE_OURS:
	case STORE_EMPTY:
		return 0;
	case STORE_NEWER:
		return refuse(error, path, "is a store of a newer chatd: left as it is", 0);
	case STORE_FOREIGN:
		break;
	}
	return refuse(error, path, "is not a chatd store: left as it is", 0);
}

int store_file_check(const char *path, struct error *error)
{
	size_t len;
	char *bytes = load(path, &len, error);
	int rc = error->text[0] != '\0' ? -1 : judge(path, bytes, len, error);

	free(bytes);
	if (rc == 0 && path_can_make(path) < 0)
		return refuse(error, path, "cannot be written", errno);
	return rc;
}

int store_file_open(struct store_file *f, const char *path, struct store *store,
	struct error *error)
{
	struct store_skipped skipped = { 0 };
	struct slice text = { 0 };
	char *bytes = load(path, &text.len, error);
	int rc = error->text[0] != '\0' ? -1 : judge(path, bytes, text.len, error);

	text.bytes = bytes;
	if (rc == 0 && path_can_make(path) < 0)
		rc = refuse(error, path, "cannot be written", errno);
	if (rc == 0 && (f->path = strdup(path)) == NULL)
		rc = refuse(error, path, "cannot be read: out of memory", 0);
	if (rc == 0 && store_read(store, text, host_now(), &skipped) < 0)
		rc = refuse(error, path, "cannot be read: out of memory", 0);
	free(bytes);
	if (rc == 0 && skipped.count > 0)
		log_line(f->log, LOG_AT_WARNING,
			"store %s: skipped %zu line%s that cannot be read, first line %zu", path,
			skipped.count, skipped.count == 1 ? "" : "s", skipped.first);
	return rc;
}

void store_file_change(struct store_file *f, int64_t usec)
{
	if (f->path != NULL && f->write_at == INT64_MAX)
		f->write_at = usec + STORE_WRITE_AFTER;
}

bool store_file_is_changed(const struct store_file *f)
{
	return f->path != NULL && f->write_at != INT64_MAX;
}

bool store_file_is_due(const struct store_file *f, int64_t usec)
{
	return f->path != NULL && f->step == STORE_RESTS && usec >= f->write_at;
}

/* It did not work: said once, and tried again. */
static void fail(struct store_file *f, int64_t usec, int number)
{
	char path[PATH_ROOM];

	if (!f->failing)
		log_line(f->log, LOG_AT_ERROR, "store %s cannot be written: %s", f->path,
			strerror(number));
	f->failing = true;
	f->step = STORE_RESTS;
	f->write_at = usec + STORE_RETRY_AFTER;
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
	(void)unlink(new_path(path, f->path)); /* it may fill a disk that is full */
}

/* Has fd synced: 1 when that is under way, 0 when it is done already, -1 with errno. */
static int start_sync(struct store_file *f, enum store_step step)
{
	f->step = step;
	if (f->disk != NULL && disk_sync(f->disk, DISK_STORE, f->fd, false) == 0)
		return 1;
	/* Not every file system can sync a folder, or has to. */
	return fsync(f->fd) < 0 && step == STORE_SYNCS_FILE ? -1 : 0;
}

/* The new file is on disk: it gets the name of the old one. As start_sync(), of the folder. */
static int put_in_place(struct store_file *f)
{
	char path[PATH_ROOM];
	char *folder;

	close(f->fd);
	f->fd = -1;
	if (rename(new_path(path, f->path), f->path) < 0)
		return -1;
	folder = path_folder(f->path);
	f->fd = folder != NULL ? open(folder, O_RDONLY | O_CLOEXEC) : -1;
	free(folder);
	return f->fd < 0 ? 0 : start_sync(f, STORE_SYNCS_FOLDER);
}

/* The text that was to be synced is on disk. */
static void finish_step(struct store_file *f, int64_t usec)
{
	int rc = f->step == STORE_SYNCS_FILE ? put_in_place(f) : 0;

	if (rc < 0)
		fail(f, usec, errno);
	if (rc != 0)
		return;
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
	f->step = STORE_RESTS;
	if (f->failing)
		log_line(f->log, LOG_AT_NOTICE, "store %s is written again", f->path);
	f->failing = false;
}

static int write_all(int fd, const char *bytes, size_t len)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = write(fd, bytes + done, len - done);

		if (n < 0 && errno != EINTR)
			return -1;
		done += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

void store_file_write(struct store_file *f, struct slice text, int64_t usec)
{
	char path[PATH_ROOM];
	int number = ENOMEM;

	f->write_at = INT64_MAX;
	if (text.bytes != NULL) {
		f->fd = open(new_path(path, f->path),
			O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW, 0600);
		number = f->fd < 0 || write_all(f->fd, text.bytes, text.len) < 0 ? errno : 0;
	}
	if (number == 0) {
		int rc = start_sync(f, STORE_SYNCS_FILE);

		if (rc == 0)
			finish_step(f, usec);
		number = rc < 0 ? errno : 0;
	}
	if (number != 0)
		fail(f, usec, number);
}

int64_t store_file_deadline(const struct store_file *f)
{
	return f->path != NULL && f->step == STORE_RESTS ? f->write_at : INT64_MAX;
}

void store_file_tick(struct store_file *f, int64_t usec)
{
	enum disk_state state;
	int number;

	if (f->path == NULL || f->step == STORE_RESTS || f->disk == NULL)
		return;
	state = disk_result(f->disk, DISK_STORE, &number);
	if (state == DISK_BUSY)
		return;
	/* Without an answer it is done here. */
	if (state == DISK_IDLE || number == ECHILD) {
		store_file_settle(f);
		return;
	}
	if (state == DISK_FAILED && f->step == STORE_SYNCS_FILE)
		fail(f, usec, number);
	else
		finish_step(f, usec);
}

void store_file_settle(struct store_file *f)
{
	struct disk *disk = f->disk;

	if (f->path == NULL || f->step == STORE_RESTS)
		return;
	f->disk = NULL;
	if (fsync(f->fd) < 0 && f->step == STORE_SYNCS_FILE)
		fail(f, 0, errno);
	else
		finish_step(f, 0);
	f->disk = disk;
}
