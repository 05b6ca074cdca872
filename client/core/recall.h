/*
 * The lines that were typed, to come back to with the arrow keys and with Ctrl-R.
 */
#ifndef CLIENT_CORE_RECALL_H
#define CLIENT_CORE_RECALL_H

#include <stdbool.h>
#include <stddef.h>

enum { RECALL_MAX = 1000 };

struct recall_line {
	size_t len;
	char text[];
};

/* All zero is an empty one. */
struct recall {
	struct recall_line *lines[RECALL_MAX]; /* a ring */
	size_t first;
	size_t count;
	size_t at;                 /* the line being shown; count: none, what is typed is */
	struct recall_line *draft; /* what was typed when the browsing began; may be NULL */
};

void recall_finish(struct recall *r);

/* Adds a line as the newest, unless the newest is the same or it is secret; ends the browsing. */
void recall_add(struct recall *r, const char *text, size_t len);

/* Adds all the lines of a file, but for those that are not safe to show. */
void recall_load(struct recall *r, const char *bytes, size_t len);

/* A line, 0 being the oldest. */
const struct recall_line *recall_at(const struct recall *r, size_t place);

/*
 * Steps to an older or newer line; after the newest is what was being typed, which is passed
 * as typed. NULL: there is none. The result is valid until the next call.
 */
const struct recall_line *recall_older(struct recall *r, const char *typed, size_t len);
const struct recall_line *recall_newer(struct recall *r);

/* Ends the browsing. */
void recall_rest(struct recall *r);

/*
 * The newest line older than place (count for all) in which a text stands; *place is set to
 * where it is. NULL: there is none.
 */
const struct recall_line *recall_search(const struct recall *r, const char *text, size_t len,
	size_t *place);

/* Where a line may be kept: secrets and what could be one never leave this program. */
enum recall_keeping {
	RECALL_NOWHERE, /* passwords, tokens */
	RECALL_MEMORY,  /* private messages, and commands that are not known */
	RECALL_FILE,    /* what the whole room may read */
};

enum recall_keeping recall_keeping(const char *text, size_t len);

#endif
