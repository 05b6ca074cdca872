/*
 * What the shell says of a room's history: which lines are on disk, and that it can't be written.
 */
#ifndef SERVER_CORE_ROOM_DURABILITY_H
#define SERVER_CORE_ROOM_DURABILITY_H

#include <stdint.h>

struct chat;
struct room;

/* Records from this ID on may not be seen yet; 0: all may be. */
void durability_set(struct chat *chat, struct room *room, uint64_t id);

/* It can't be written, for a reason, or can again, without some lines: operators are told. */
void durability_failed(struct chat *chat, struct room *room, const char *reason);
void durability_works(struct chat *chat, struct room *room, uint64_t lost);

#endif
