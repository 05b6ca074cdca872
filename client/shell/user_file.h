/*
 * Files of the person's own, and where they lie: the XDG Base Directory Specification,
 * https://specifications.freedesktop.org/basedir-spec/latest/.
 */
#ifndef CLIENT_SHELL_USER_FILE_H
#define CLIENT_SHELL_USER_FILE_H

#include <stddef.h>

#include "client/core/buffer.h"

enum { USER_FILE_PATH_MAX = 4096 };

/* $XDG_CONFIG_HOME/chatc/NAME. 0, or -1: there is no place for it. */
int user_file_config(char path[USER_FILE_PATH_MAX], const char *name);

/* $XDG_STATE_HOME/chatc/NAME, likewise. */
int user_file_state(char path[USER_FILE_PATH_MAX], const char *name);

/* Appends what is in the file. 0, or -1 with errno set. */
int user_file_read(const char *path, struct buffer *to);

/* The text of a file, heap, without a byte-order mark; NULL with errno set. */
char *user_file_text(const char *path);

/* Opens the file to append to, readable to its owner only. A descriptor, or -1 with errno set. */
int user_file_append(const char *path);

/* The same for a file of user_file_state(); the directories on the way are made. */
int user_file_append_state(const char *path);

/* Writes all of it. 0, or -1 with errno set. */
int user_file_write(int fd, const char *bytes, size_t len);

/*
 * Puts a new file in place of the one at path, readable to its owner only: nobody ever sees half of
 * it. 0, or -1: the file is as it was.
 */
int user_file_replace(const char *path, const char *bytes, size_t len);

#endif
