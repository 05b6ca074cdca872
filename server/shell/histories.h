/*
 * The history files of all rooms that have one.
 */
#ifndef SERVER_SHELL_HISTORIES_H
#define SERVER_SHELL_HISTORIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/core/chat.h"
#include "server/shell/history.h"
#include "server/shell/option_values.h"

/* The history of one room. */
struct room_history {
	struct history history;
	char *path;    /* heap: the history's */
	char *name;    /* of the room, heap */
	uint32_t room; /* its index */
};

/* All zero has none. */
struct histories {
	struct room_history *items; /* heap */
	size_t count;
	struct disk *disk; /* to be set at the beginning; NULL: this process syncs itself */
	struct log *log;
	enum sync sync;
	unsigned jobs; /* of the disk that have been given out */
};

/* How many the options name. */
size_t histories_wanted(const struct options *o);

/*
 * Opens those of the options that are not open yet, and fills the feeds from them; one whose path
 * has changed goes on in the new file. 0, or -1 with *error, for the first that has one.
 */
int histories_open(struct histories *all, const struct options *o, struct chat *chat,
	struct error *error);

/* The one of a room, or NULL. */
struct room_history *histories_of(const struct histories *all, const char *name);

/*
 * Adds one as another program has had it, without a file yet; the texts are copied. NULL: no
 * memory. Others may move.
 */
struct room_history *histories_adopt(struct histories *all, const char *path, const char *name);

/* After an upgrade, when all are in place. */
void histories_adopted(struct histories *all, const struct options *o, struct chat *chat);

/* Whether those of the options could be opened. 0, or -1 with *error. */
int histories_check(const struct options *o, struct error *error);

/*
 * Once a turn, as history_append(); the chat is told of what nobody may see yet, and of failures.
 */
void histories_append(struct histories *all, struct chat *chat, int64_t usec);

/* As the functions of one history (history.h), for all. */
int64_t histories_deadline(const struct histories *all);
bool histories_are_settled(const struct histories *all);
void histories_settle(struct histories *all);
void histories_hurry(struct histories *all);
uint64_t histories_left(const struct histories *all, struct chat *chat);
void histories_set_sync(struct histories *all, enum sync sync);

/* Opens all paths again; what goes wrong is said in the log. */
void histories_reopen(struct histories *all, struct chat *chat);

void histories_finish(struct histories *all);

#endif
