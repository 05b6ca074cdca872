/*
 * What somebody may know of a room, and whether it is open to them. A hidden room is, to those
 * outside, a room that there is not; of one with a password there is a name and nothing else.
 */
#ifndef SERVER_CORE_ROOM_LOOKUP_H
#define SERVER_CORE_ROOM_LOOKUP_H

#include <stdbool.h>

#include "server/core/room/context.h"

enum entry {
	ENTRY_FREE,
	ENTRY_BY_PASSWORD,
	ENTRY_FOR_OPERATORS,
	ENTRY_NONE, /* as if there were no such room */
};

/* How a client may go into a room, NULL for none, without an invitation. */
enum entry lookup_entry(const struct client *client, const struct room *room);

/*
 * The room of that name that a client may go into, or be told why not; and the one that it may know
 * of. NULL: none. It takes as long whether there is another of that name or not.
 */
struct room *lookup_enterable(const struct chat *chat, const struct client *client,
	struct slice text);
struct room *lookup_known(const struct chat *chat, const struct client *client, struct slice text);

/* Whether a client may know that there is the room; whether it may see who is in it, and more. */
bool lookup_knows(const struct client *client, const struct room *room);
bool lookup_sees(const struct client *client, const struct room *room);

/*
 * How many are in a room, with the client that asks: it is there, whether the room knows or not;
 * but one that can only read is not counted.
 */
uint32_t lookup_online(const struct client *client, const struct room *room);

/* How many rooms a client may know of. */
uint32_t lookup_count(const struct chat *chat, const struct client *client);

#endif
