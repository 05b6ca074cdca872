/*
 * The file in which the typed lines are kept: $XDG_STATE_HOME/chatc/history, readable to its
 * owner only. It is a help, so nothing that goes wrong with it is worth a word.
 */
#ifndef CHAT_STORE_H
#define CHAT_STORE_H

#include <stddef.h>

#include "client/core/recall.h"

struct store {
	int fd; /* to append to; -1: lines are not kept */
};

/* Reads what is there into recall, shortens the file if it has grown long, and opens it. */
void store_open(struct store *s, struct recall *recall);
void store_close(struct store *s);

/* Appends a line, without its end, unless it is of those that must not be kept. */
void store_add(const struct store *s, const char *line, size_t len);

#endif
