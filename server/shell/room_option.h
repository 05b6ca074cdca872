/*
 * A room as --room names it: NAME [KEY=VALUE]..., in words. Text only.
 */
#ifndef SERVER_SHELL_ROOM_OPTION_H
#define SERVER_SHELL_ROOM_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/shell/error.h"

/* Strings are heap, or NULL where the key was not given. */
struct room_option {
	char *name; /* as room_name_read() makes it */
	char *history;
	char *password_file;
	char *password; /* what that file holds, once it is loaded */
	uint64_t feed;  /* bytes; 0: not given */
	uint64_t replay;
	uint64_t slow;
	bool has_replay;
	bool is_hidden;
	bool is_for_operators;
	bool topic_is_open;
};

struct room_list {
	struct room_option *items; /* heap */
	size_t count;
};

/* The name of a room, on the heap; label as below. NULL with *error. */
char *room_option_name(const char *text, size_t len, const char *label, struct error *error);

/*
 * Parses text; label names the option or the line of a file in the error. 0, or -1 with *error and
 * nothing to finish.
 */
int room_option_parse(struct room_option *r, const char *text, const char *label,
	struct error *error);
void room_option_finish(struct room_option *r);

#endif
