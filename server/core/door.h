/*
 * The door of a room that has a password: nothing of the room is seen before it is given. Wrong
 * ones are answered after a growing pause, which costs nobody else anything.
 */
#ifndef CHAT_DOOR_H
#define CHAT_DOOR_H

#include <stdbool.h>
#include <stddef.h>

#include "server/core/room.h"

enum {
	DOOR_TRIES = 3,
	DOOR_PAUSE_MS = 1000, /* after the first wrong one; doubled with each */
};

/* Whether a line is listened to now. */
bool door_is_open(const struct slot *slot);

/* The line of one who is at the door. */
void door_knock(struct room *room, struct slot *slot, const char *line, size_t len);

/* The peer speaks telnet: if it is at the door, what it types should not be seen. */
void door_hide(struct room *room, struct slot *slot);

/* The slot's time has come: a pause is over, or its patience. */
void door_tick(struct room *room, struct slot *slot);

#endif
