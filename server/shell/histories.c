/*
 * The histories of the rooms (histories.h). The rule: a history goes on for as long as its room
 * does; of one whose room has ended the file is closed.
 */
#include "server/shell/histories.h"

#include <stdlib.h>
#include <string.h>

/* The path of a room's history; NULL: it has none. i: 0 for the first, then the others. */
static const char *path_of(const struct options *o, size_t i)
{
	return i == 0 ? o->history : o->rooms.items[i - 1].history;
}

static const char *name_of(const struct options *o, size_t i)
{
	if (i > 0)
		return o->rooms.items[i - 1].name;
	return o->lobby != NULL ? o->lobby : SETTINGS_LOBBY;
}

/* As the file names it. A single room that was given no name has a file as it was before rooms. */
static struct history_room room_of(const struct options *o, size_t i)
{
	return (struct history_room){ .name = name_of(o, i), .is_first = i == 0,
		.is_unnamed = i == 0 && o->lobby == NULL && o->rooms.count == 0 };
}

struct room_history *histories_of(const struct histories *all, const char *name)
{
	for (size_t i = 0; i < all->count; i++)
		if (strcmp(all->items[i].name, name) == 0)
			return &all->items[i];
	return NULL;
}

size_t histories_wanted(const struct options *o)
{
	size_t count = 0;

	for (size_t i = 0; i <= o->rooms.count; i++)
		count += path_of(o, i) != NULL;
	return count;
}

struct room_history *histories_adopt(struct histories *all, const char *path, const char *name)
{
	struct room_history *more = realloc(all->items, (all->count + 1) * sizeof(*more)), *h;

	if (more == NULL)
		return NULL;
	all->items = more;
	h = &more[all->count];
	*h = (struct room_history){ .path = strdup(path), .name = strdup(name) };
	if (h->path == NULL || h->name == NULL) {
		free(h->path);
		free(h->name);
		return NULL;
	}
	history_init(&h->history, (struct history_room){ .name = h->name });
	h->history.job = DISK_HISTORY + all->jobs++;
	h->history.path = h->path;
	h->history.disk = all->disk;
	h->history.log = all->log;
	h->history.sync = all->sync;
	all->count++;
	return h;
}

static void remove_at(struct histories *all, size_t i)
{
	struct room_history *h = &all->items[i];

	history_finish(&h->history);
	free(h->path);
	free(h->name);
	all->count--;
	memmove(h, h + 1, (all->count - i) * sizeof(*h));
}

/* Puts the option before the reason why a history can't be had. Returns -1. */
static int blame(struct error *error, const struct history_room *room)
{
	struct error reason = *error;

	if (room->is_first)
		return error_set(error, ERROR_START, "--history: %s", reason.text);
	return error_set(error, ERROR_START, "room %s: history: %s", room->name, reason.text);
}

/* As the options have it now; the name is the history's own. */
static void set_room(struct room_history *h, const struct history_room *room)
{
	h->history.room = *room;
	h->history.room.name = h->name;
}

/* Of a room where something has been said the feed stays as it is. 0, or -1 with *error. */
static int open_file(struct room_history *h, struct feed *feed, struct log *log,
	struct error *error)
{
	if (feed->next > 1)
		return history_open_late(&h->history, h->path, feed, log, error);
	return history_open(&h->history, h->path, feed, log, error);
}

/* A new one. 0, or -1 with *error. */
static int open_new(struct histories *all, const char *path, const struct history_room *room,
	struct chat *chat, struct error *error)
{
	struct room_history *h = histories_adopt(all, path, room->name);

	if (h == NULL)
		return error_set(error, ERROR_START, "out of memory");
	h->room = (uint32_t)chat_find_room(chat, room->name);
	set_room(h, room);
	if (open_file(h, chat_feed(chat, h->room), all->log, error) == 0)
		return 0;
	remove_at(all, all->count - 1);
	return blame(error, room);
}

/* One whose path may have changed: it goes on there. 0, or -1 with *error. */
static int open_again(struct room_history *h, const char *path, struct chat *chat,
	struct error *error)
{
	char *copy, *old = h->path;

	if (strcmp(h->path, path) == 0)
		return 0;
	copy = strdup(path);
	if (copy == NULL)
		return error_set(error, ERROR_START, "out of memory");
	h->history.path = copy;
	if (history_reopen(&h->history, chat_feed(chat, h->room), error) < 0) {
		h->history.path = old;
		free(copy);
		return blame(error, &h->history.room);
	}
	h->path = copy;
	free(old);
	return 0;
}

/* Makes one history what the options say. 0, or -1 with *error. */
static int open_one(struct histories *all, const struct options *o, size_t i, struct chat *chat,
	struct error *error)
{
	struct history_room room = room_of(o, i);
	const char *path = path_of(o, i);
	struct room_history *h = histories_of(all, room.name);

	if (h != NULL)
		set_room(h, &room);
	if (path != NULL && h == NULL)
		return open_new(all, path, &room, chat, error);
	if (path != NULL)
		return open_again(h, path, chat, error);
	if (h != NULL)
		remove_at(all, (size_t)(h - all->items));
	return 0;
}

/* Closes those whose rooms have ended. */
static void drop_ended(struct histories *all, struct chat *chat)
{
	for (size_t i = all->count; i-- > 0;) {
		const char *name = chat_room_name(chat, all->items[i].room);

		if (name == NULL || strcmp(name, all->items[i].name) != 0)
			remove_at(all, i);
	}
}

int histories_open(struct histories *all, const struct options *o, struct chat *chat,
	struct error *error)
{
	struct error later;
	int rc = 0;

	all->sync = o->sync;
	drop_ended(all, chat);
	for (size_t i = 0; i <= o->rooms.count; i++)
		if (open_one(all, o, i, chat, rc < 0 ? &later : error) < 0)
			rc = -1;
	return rc;
}

void histories_adopted(struct histories *all, const struct options *o, struct chat *chat)
{
	for (size_t i = 0; i < all->count; i++) {
		int room = chat_find_room(chat, all->items[i].name);

		all->items[i].room = room >= 0 ? (uint32_t)room : UINT32_MAX;
	}
	drop_ended(all, chat);
	for (size_t i = 0; i <= o->rooms.count; i++) {
		struct history_room room = room_of(o, i);
		struct room_history *h = histories_of(all, room.name);

		if (h != NULL)
			set_room(h, &room);
	}
	histories_set_sync(all, o->sync);
	for (size_t i = 0; i < all->count; i++)
		history_adopt(&all->items[i].history, all->log);
}

int histories_check(const struct options *o, struct error *error)
{
	for (size_t i = 0; i <= o->rooms.count; i++) {
		struct history_room room = room_of(o, i);

		if (path_of(o, i) != NULL && history_check(path_of(o, i), &room, error) < 0)
			return blame(error, &room);
	}
	return 0;
}

void histories_append(struct histories *all, struct chat *chat, int64_t usec)
{
	for (size_t i = 0; i < all->count; i++) {
		struct history *h = &all->items[i].history;
		uint32_t room = all->items[i].room;

		switch (history_append(h, chat_feed(chat, room), usec)) {
		case HISTORY_SAME:
			break;
		case HISTORY_FAILED:
			chat_history_failed(chat, room, strerror(h->error));
			break;
		case HISTORY_WORKS:
			chat_history_works(chat, room, h->lost);
			break;
		}
		chat_set_durable(chat, room, history_durable(h));
	}
}

int64_t histories_deadline(const struct histories *all)
{
	int64_t first = INT64_MAX;

	for (size_t i = 0; i < all->count; i++) {
		int64_t next = history_deadline(&all->items[i].history);

		first = next < first ? next : first;
	}
	return first;
}

bool histories_are_settled(const struct histories *all)
{
	for (size_t i = 0; i < all->count; i++)
		if (!history_is_settled(&all->items[i].history))
			return false;
	return true;
}

void histories_settle(struct histories *all)
{
	for (size_t i = 0; i < all->count; i++)
		history_settle(&all->items[i].history);
}

void histories_hurry(struct histories *all)
{
	for (size_t i = 0; i < all->count; i++)
		history_hurry(&all->items[i].history);
}

uint64_t histories_left(const struct histories *all, struct chat *chat)
{
	uint64_t left = 0;

	for (size_t i = 0; i < all->count; i++)
		left += history_left(&all->items[i].history, chat_feed(chat, all->items[i].room));
	return left;
}

void histories_set_sync(struct histories *all, enum sync sync)
{
	all->sync = sync;
	for (size_t i = 0; i < all->count; i++)
		all->items[i].history.sync = sync;
}

void histories_reopen(struct histories *all, struct chat *chat)
{
	struct error error;

	for (size_t i = 0; i < all->count; i++)
		if (history_reopen(&all->items[i].history, chat_feed(chat, all->items[i].room),
			    &error) < 0) {
			blame(&error, &all->items[i].history.room);
			log_line(all->log, LOG_AT_ERROR, "%s; the old file goes on", error.text);
		}
}

void histories_finish(struct histories *all)
{
	while (all->count > 0)
		remove_at(all, all->count - 1);
	free(all->items);
	all->items = NULL;
}
