/*
 * Finds, reads and writes the person's own files. A relative path in a variable is ignored, as the
 * specification demands; what is written here can be read by its owner only.
 */
#include "client/shell/user_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 16384 };

static int find(char path[USER_FILE_PATH_MAX], const char *variable, const char *usual,
	const char *name)
{
	const char *base = getenv(variable), *home = getenv("HOME");
	int len = -1;

	if (base && *base == '/')
		len = snprintf(path, USER_FILE_PATH_MAX, "%s/chatc/%s", base, name);
	else if (home && *home == '/')
		len = snprintf(path, USER_FILE_PATH_MAX, "%s/%s/chatc/%s", home, usual, name);
	return len > 0 && len < USER_FILE_PATH_MAX ? 0 : -1;
}

int user_file_config(char path[USER_FILE_PATH_MAX], const char *name)
{
	return find(path, "XDG_CONFIG_HOME", ".config", name);
}

int user_file_state(char path[USER_FILE_PATH_MAX], const char *name)
{
	return find(path, "XDG_STATE_HOME", ".local/state", name);
}

int user_file_read(const char *path, struct buffer *to)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), saved;
	ssize_t n;

	if (fd < 0)
		return -1;
	do {
		char *room = buffer_reserve(to, CHUNK);

		if (!room)
			errno = ENOMEM;
		n = room ? read(fd, room, CHUNK) : -1;
		if (n > 0)
			to->len += (size_t)n;
	} while (n > 0 || (n < 0 && errno == EINTR));
	saved = errno;
	close(fd);
	errno = saved;
	return n < 0 ? -1 : 0;
}

char *user_file_text(const char *path)
{
	static const char mark[] = "\xef\xbb\xbf";
	struct buffer text = { 0 };

	if (user_file_read(path, &text) < 0) {
		buffer_finish(&text);
		return NULL;
	}
	buffer_append(&text, "", 1);
	if (text.failed) {
		buffer_finish(&text);
		errno = ENOMEM;
	} else if (strncmp(text.data, mark, sizeof(mark) - 1) == 0) {
		memmove(text.data, text.data + sizeof(mark) - 1, text.len - (sizeof(mark) - 1));
	}
	return text.data;
}

/* Makes the directories on the way to a file. */
static void make_directories(const char *path)
{
	char way[USER_FILE_PATH_MAX];

	snprintf(way, sizeof(way), "%s", path);
	for (char *p = way + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		(void)mkdir(way, 0700);
		*p = '/';
	}
}

int user_file_append(const char *path)
{
	return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

int user_file_append_state(const char *path)
{
	int fd = user_file_append(path);

	if (fd >= 0 || errno != ENOENT)
		return fd;
	make_directories(path);
	return user_file_append(path);
}

int user_file_write(int fd, const char *bytes, size_t len)
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

int user_file_replace(const char *path, const char *bytes, size_t len)
{
	char other[USER_FILE_PATH_MAX + 8];
	int fd;
	bool whole;

	snprintf(other, sizeof(other), "%s.XXXXXX", path);
	fd = mkstemp(other);
	if (fd < 0)
		return -1;
	whole = user_file_write(fd, bytes, len) == 0;
	if (close(fd) == 0 && whole && rename(other, path) == 0)
		return 0;
	unlink(other);
	return -1;
}
