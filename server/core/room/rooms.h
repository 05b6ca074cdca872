/*
 * The rooms of one chat. Each keeps its index as long as it exists; the first, of index 0, always
 * does. Nicks, slots and all that belongs to people is shared by them.
 */
#ifndef SERVER_CORE_ROOM_ROOMS_H
#define SERVER_CORE_ROOM_ROOMS_H

#include <stddef.h>
#include <stdint.h>

#include "proto/slice.h"
#include "server/core/base/settings.h"
#include "server/core/base/time.h"
#include "server/core/room/room.h"

enum { ROOMS_MAX = 4096 };

struct rooms {
	struct room **list; /* heap; NULL where an index is free */
	uint32_t top;       /* no index from here on is taken */
	uint32_t size;
	uint32_t count;
	uint32_t made;      /* how many there ever were */
	uint32_t places;    /* of clients, that can be in a room */
	int64_t ends_at;    /* no room ends before this, in usec */
	struct place_set stirred; /* by index: their budgets may have changed (backpressure.h) */
};

/* No room, for so many places of clients. 0, or -1 when there is no memory. */
int rooms_init(struct rooms *rooms, uint32_t places);

/*
 * The name in a text, without a leading '#', in the form that it is kept in: writes it to out.
 * NULL, or the rule that it breaks, as a clause to come after "the name of a room".
 */
const char *room_name_read(struct slice text, char out[NICK_MAX], size_t *len);

/*
 * Makes a room at the lowest free index, or at a certain one. NULL: no memory, it is
 * taken, or there are ROOMS_MAX.
 */
struct room *rooms_add(struct rooms *rooms, const struct room_settings *settings, struct time now);
struct room *rooms_add_at(struct rooms *rooms, uint32_t index, const struct room_settings *settings,
	struct time now);

/* Ends a room that nobody is in. */
void rooms_remove(struct rooms *rooms, struct room *room);

void rooms_finish(struct rooms *rooms);

/* Something was said in a room, or may be seen now: its readers are looked at in this turn. */
static inline void rooms_stir(struct rooms *rooms, const struct room *room)
{
	place_set_add(&rooms->stirred, room->index);
}

/* The first room. */
static inline struct room *rooms_first(const struct rooms *rooms)
{
	return rooms->list[0];
}

/* The room with an index, or NULL. */
struct room *rooms_at(const struct rooms *rooms, uint32_t index);

/* The next room after `after` (NULL: the first); NULL: none. */
struct room *rooms_next(const struct rooms *rooms, const struct room *after);

/* What a room is looked for by: a text without a leading '#', which it refers to. */
struct room_name {
	struct slice text;
	struct nick_hash hash;
};

struct room_name room_name(struct slice text);

/* Whether a room's name is the same, or looks like it (nick.h). */
bool room_is_called(const struct room *room, const struct room_name *name);

/* The room that is called so; NULL: none is. What people ask for is looked up with lookup.h. */
struct room *rooms_find(const struct rooms *rooms, struct slice text);

/* Bytes that a room with a feed of this size takes. */
size_t room_memory(size_t feed_bytes);

#endif
