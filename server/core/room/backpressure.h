/*
 * Backpressure: senders are read no faster than the readers who are alive can take. A reader is
 * alive as long as it takes BACKPRESSURE_BYTES within each second for which the room waits for it.
 */
#ifndef SERVER_CORE_ROOM_BACKPRESSURE_H
#define SERVER_CORE_ROOM_BACKPRESSURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/core/room/context.h"

enum {
	BACKPRESSURE_BYTES = 16 * 1024, /* what a reader has to take for another grace */
	BACKPRESSURE_GRACE = 1000,      /* ms for which a reader may hold the room back */
	BACKPRESSURE_CHECK = 50,        /* ms between two checks of those who hold it back */
};

/* Whether the slowest live reader leaves room for more to be said. */
bool backpressure_is_open(const struct room *room);

/*
 * Once a turn, after the sends: how much more may be said before the slowest live reader must
 * catch up; those who held the room back since the last check use up their grace.
 */
void backpressure_update(struct chat *chat);

/* Whether the room waits for this client, or is about to. */
bool backpressure_holds(const struct client *client);

/* The kernel has this number of bytes of the client's for which its peer has made no room yet. */
void backpressure_unsent(struct client *client, size_t bytes);

#endif
