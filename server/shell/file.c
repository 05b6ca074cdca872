/*
 * The small files of text that chatd reads (file.h).
 */
#include "server/shell/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/text.h"
#include "server/core/room/bots.h"
#include "server/core/base/settings.h"

/* The patience for a pipe, as in --motd <(fortune): a running server must not be held up. */
enum { PIPE_WAIT_MS = 1000 };

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

/* Reads up to size bytes or to the end of the file: their number, or -1 with errno. */
static ssize_t read_all(int fd, char *bytes, size_t size)
{
	struct pollfd pipe = { .fd = fd, .events = POLLIN };
	size_t len = 0;

	while (len < size) {
		ssize_t n = read(fd, bytes + len, size - len);

		if (n == 0)
			break;
		if (n > 0)
			len += (size_t)n;
		else if (errno != EINTR && (errno != EAGAIN || poll(&pipe, 1, PIPE_WAIT_MS) == 0))
			return -1;
	}
	return (ssize_t)len;
}

/* O_NONBLOCK: opening a FIFO that nobody writes to would wait for ever. */
static int open_text(const char *path, bool *readable)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0) {
		if (readable != NULL)
			*readable = S_ISREG(st.st_mode) && (st.st_mode & S_IROTH);
		if (!S_ISDIR(st.st_mode))
			return fd;
		errno = EISDIR;
	}
	close(fd);
	return -1;
}

/* Some editors put U+FEFF before UTF-8 text: it is not part of it. */
static void drop_mark(char *text)
{
	if (strncmp(text, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0)
		memmove(text, text + strlen(BYTE_ORDER_MARK),
			strlen(text) - strlen(BYTE_ORDER_MARK) + 1);
}

char *file_read(const char *path, size_t max, const char *label, bool *readable,
	struct error *error)
{
	int fd = open_text(path, readable);
	char *bytes = fd < 0 ? NULL : malloc(max + 2);
	/* One byte more than may be there, to see that it is not. */
	ssize_t len = bytes == NULL ? -1 : read_all(fd, bytes, max + 1);

	if (len < 0) {
		error_set(error, ERROR_START, "%s: cannot read %s: %s", label, path,
			strerror(errno));
	} else if ((size_t)len > max) {
		error_set(error, ERROR_START, "%s: %s is too long, at most %zu bytes are read",
			label, path, max);
	} else if (memchr(bytes, '\0', (size_t)len) != NULL) {
		error_set(error, ERROR_START, "%s: %s is not a text file", label, path);
	} else {
		close(fd);
		bytes[len] = '\0';
		drop_mark(bytes);
		return bytes;
	}
	free(bytes);
	if (fd >= 0)
		close(fd);
	return NULL;
}

/* Whether the last character of a text is a blank of any kind (White_Space of Unicode). */
static bool ends_with_blank(const char *text, size_t len)
{
	size_t at = len;
	uint32_t code;

	if (len == 0)
		return false;
	do
		at--;
	while (at > 0 && ((unsigned char)text[at] & 0xc0) == 0x80);
	text_decode(text + at, len - at, &code, NULL);
	return code == ' ' || code == '\t' || code == 0xa0 || code == 0x1680 ||
		(code >= 0x2000 && code <= 0x200a) || code == 0x202f || code == 0x205f ||
		code == 0x3000;
}

char *file_password(const char *path, size_t max, const char *label, bool *readable,
	struct error *error)
{
	char *text = file_read(path, PASSWORD_FILE_MAX, label, readable, error);
	size_t len;

	if (text == NULL)
		return NULL;
	len = strcspn(text, "\n");
	if (len > 0 && text[len - 1] == '\r')
		len--;
	text[len] = '\0';
	if (ends_with_blank(text, len))
		error_set(error, ERROR_START,
			"%s: the password in %s ends with a blank, which nobody would type", label,
			path);
	else if (len == 0)
		error_set(error, ERROR_START, "%s: the first line of %s is empty", label, path);
	else if (len > max)
		error_set(error, ERROR_START,
			"%s: the password in %s has %zu bytes, nobody could send more than %zu",
			label, path, len, max);
	else if (!text_is_clean(text, len))
		error_set(error, ERROR_START,
			"%s: the password in %s is not plain UTF-8 text, nobody could type it",
			label, path);
	else
		return text;
	free(text);
	return NULL;
}

char *file_motd(const char *path, const char *label, struct error *error)
{
	char *text = file_read(path, SETTINGS_MOTD_MAX, label, NULL, error);
	char *clean = text == NULL ? NULL : malloc(strlen(text) * TEXT_GROWTH + 1);
	unsigned lines = 0;
	size_t len = 0;

	if (clean == NULL) {
		if (text != NULL)
			error_set(error, ERROR_START, "%s: out of memory", label);
		free(text);
		return NULL;
	}
	for (const char *line = text; *line != '\0'; lines++) {
		size_t n = strcspn(line, "\n");

		if (lines > 0)
			clean[len++] = '\n';
		len += text_clean(clean + len, line, n);
		line += n + (line[n] == '\n');
	}
	clean[len] = '\0';
	free(text);
	if (lines <= MOTD_LINES_MAX && len <= SETTINGS_MOTD_MAX)
		return clean;
	error_set(error, ERROR_START, "%s: %s is too long: %u lines, %zu bytes; at most %d and %d",
		label, path, lines, len, MOTD_LINES_MAX, SETTINGS_MOTD_MAX);
	free(clean);
	return NULL;
}

char *file_bots(const char *path, const char *label, bool *readable, struct error *error)
{
	char *text = file_read(path, BOT_FILE_MAX, label, readable, error);
	unsigned number;
	const char *why = text != NULL ? bots_check(text, &number) : NULL;

	if (why == NULL)
		return text;
	error_set(error, ERROR_START, "%s: %s:%u: %s", label, path, number, why);
	free(text);
	return NULL;
}
