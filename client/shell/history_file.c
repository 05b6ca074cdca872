#include "client/shell/history_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/core/buffer.h"

enum {
	HISTORY_FILE_PATH_MAX = 4096,

	/* A file longer than this is rewritten with the lines that are still of use. */
	HISTORY_FILE_BYTES_MAX = 256 * 1024,
};

/* Makes the directories on the way to a path, as far as they are missing. */
static void make_directories(char *path)
{
	for (char *p = path + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		(void)mkdir(path, 0700);
		*p = '/';
	}
}

/* 0, or -1: there is no place for it. */
static int find_path(char path[HISTORY_FILE_PATH_MAX])
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	int len = -1;

	/* A relative path there is to be ignored (XDG Base Directory Specification). */
	if (state && *state == '/')
		len = snprintf(path, HISTORY_FILE_PATH_MAX, "%s/chatc/history", state);
	else if (home && *home == '/')
		len = snprintf(path, HISTORY_FILE_PATH_MAX, "%s/.local/state/chatc/history", home);
	return len > 0 && len < HISTORY_FILE_PATH_MAX ? 0 : -1;
}

static int read_all(int fd, struct buffer *to)
{
	ssize_t n;

	do {
		char *room = buffer_reserve(to, 16384);

		n = room ? read(fd, room, 16384) : -1;
		if (n > 0)
			to->len += (size_t)n;
	} while (n > 0 || (n < 0 && errno == EINTR));
	return n < 0 ? -1 : 0;
}

static int write_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno != EINTR)
			return -1;
		bytes += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}

/* Puts a new file in place of the long one: another chatc never sees half of it. */
static void shorten(const char *path, const struct recall *recall)
{
	char other[HISTORY_FILE_PATH_MAX + 8];
	struct buffer text = { 0 };
	int fd;

	snprintf(other, sizeof(other), "%s.XXXXXX", path);
	for (size_t i = 0; i < recall->count; i++) {
		const struct recall_line *line = recall_at(recall, i);

		buffer_append(&text, line->text, line->len);
		buffer_text(&text, "\n");
	}
	fd = text.failed ? -1 : mkstemp(other);
	if (fd >= 0) {
		bool whole = write_all(fd, text.data, text.len) == 0;

		if (close(fd) < 0 || !whole || rename(other, path) < 0)
			unlink(other);
	}
	buffer_finish(&text);
}

void history_file_open(struct history_file *s, struct recall *recall)
{
	char path[HISTORY_FILE_PATH_MAX];
	struct buffer text = { 0 };
	int fd;

	s->fd = -1;
	if (find_path(path) < 0)
		return;
	make_directories(path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		bool whole = read_all(fd, &text) == 0;

		close(fd);
		recall_load(recall, text.data, text.len);
		if (whole && text.len > HISTORY_FILE_BYTES_MAX)
			shorten(path, recall);
	}
	buffer_finish(&text);
	s->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

void history_file_close(struct history_file *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

void history_file_add(const struct history_file *s, const char *line, size_t len)
{
	struct buffer text = { 0 };

	if (s->fd < 0 || recall_keeping(line, len) != RECALL_FILE)
		return;
	buffer_append(&text, line, len);
	buffer_text(&text, "\n");
	if (!text.failed)
		(void)write_all(s->fd, text.data, text.len);
	buffer_finish(&text);
}
