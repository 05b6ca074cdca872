/*
 * The file in which the typed lines are kept: $XDG_STATE_HOME/chatc/history, readable to its
 * owner only. It is a help, so nothing that goes wrong with it is worth a word.
 */
#ifndef CLIENT_SHELL_HISTORY_FILE_H
#define CLIENT_SHELL_HISTORY_FILE_H

#include <stddef.h>

#include "client/core/recall.h"

struct history_file {
	int fd; /* to append to; -1: lines are not kept */
};

/* Reads what is there into recall, shortens the file if it has grown long, and opens it. */
void history_file_open(struct history_file *h, struct recall *recall);
void history_file_close(struct history_file *h);

/* Appends a line, without its end, unless it is of those that must not be kept. */
void history_file_add(const struct history_file *h, const char *line, size_t len);

#endif
