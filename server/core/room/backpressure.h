/*
 * Who may speak now: the rate of each client, and the room's flow. Senders are read no faster
 * than the readers who are alive can take. A reader is alive as long as it takes BACKPRESSURE_BYTES
 * within each second for which the room waits for it.
 */
#ifndef SERVER_CORE_ROOM_BACKPRESSURE_H
#define SERVER_CORE_ROOM_BACKPRESSURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/core/room/room.h"

enum {
	BACKPRESSURE_BYTES = 16 * 1024, /* what a reader has to take for another grace */
	BACKPRESSURE_GRACE = 1000,  /* ms for which a reader may hold the room back */
	BACKPRESSURE_LOOK = 50,         /* ms between two extra_polls at those who hold it back */
};

/* Whether a client is within its rate now; else *when says when it will be, in usec. */
bool rate_allows(const struct room *room, const struct client *client, int64_t *when);

/* It has said a line. */
void rate_charge(struct room *room, struct client *client);

/* The rate is another one: what it has said before delays it by a line of the new rate at most. */
void rate_reset(const struct room *room, struct client *client);

/* Whether the slowest live reader leaves room for more to be said. */
bool backpressure_is_open(const struct room *room);

/*
 * Once a turn, behind the sends: how much more may be said before the slowest live reader must
 * catch up; those who held the room back since the last look use up their grace.
 */
void backpressure_update(struct room *room);

/* Whether the room waits for this client, or is about to. */
bool backpressure_holds(const struct room *room, const struct client *client);

/* The kernel has so many bytes of this client's for which its peer has made no room yet. */
void backpressure_unsent(struct client *client, size_t bytes);

#endif
