/*
 * The password of a room: nothing of the room is seen before it is given. Wrong ones are answered
 * after a growing pause, which costs nobody else anything.
 */
#ifndef SERVER_CORE_ROOM_AUTH_H
#define SERVER_CORE_ROOM_AUTH_H

#include <stdbool.h>
#include <stddef.h>

#include "server/core/room/context.h"

enum {
	AUTH_TRIES = 3,
	AUTH_PAUSE_MS = 1000, /* after the first wrong one; doubled with each */
};

/* Whether a line is listened to now. */
bool auth_is_ready(const struct client *client);

/* Lets a client in that is asked for a password which its room has no more. */
void auth_open(struct chat *chat, struct client *client);

/* The line of a client that is asked for a password. */
void auth_try(struct chat *chat, struct client *client, const char *line, size_t len);

/* The client's time has come: a pause is over, or its patience. */
void auth_tick(struct chat *chat, struct client *client);

#endif
