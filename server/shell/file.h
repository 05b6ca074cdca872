/*
 * The small files of text that chatd reads: configuration, passwords, the message of the day.
 */
#ifndef SERVER_SHELL_FILE_H
#define SERVER_SHELL_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "server/shell/error.h"

enum {
	CONFIG_FILE_MAX = 65536,
	PASSWORD_FILE_MAX = 4096,
	MOTD_LINES_MAX = 64,
	BOT_FILE_MAX = 65536,
};

/*
 * Each returns what a file holds as a string on the heap, or NULL with *error. label: the option
 * that names the file.
 */

/*
 * All of it, a byte-order mark at its beginning aside: text without NUL, at most max bytes.
 * *readable (may be NULL): by everybody.
 */
char *file_read(const char *path, size_t max, const char *label, bool *readable,
	struct error *error);

/* Its first line, which must be plain text of 1 to max bytes that ends with no blank. */
char *file_password(const char *path, size_t max, const char *label, bool *readable,
	struct error *error);

/* Its lines made safe to show, without the end of the last one. */
char *file_motd(const char *path, const char *label, struct error *error);

/* Its lines, each the name and the token of a bot. */
char *file_bots(const char *path, const char *label, bool *readable, struct error *error);

#endif
