/*
 * Delivery: all that a client is owed, in order: the feed from its cursor on, its private lines in
 * their places between, a replay where it asked for one, and a word about what it missed.
 */
#ifndef SERVER_CORE_ROOM_DELIVERY_H
#define SERVER_CORE_ROOM_DELIVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/core/client/client.h"
#include "server/core/room/delivery_plan.h"

struct chat;

/* Whether there is anything that the client is to get, now or when it may be seen. */
bool delivery_is_owing(const struct client *client);

/* Whether there is anything to send. */
bool delivery_is_pending(const struct client *client);

/*
 * Fills the plan with what comes next, as much as goes in one call; false when there is nothing.
 * Valid until the feed or the client's outbox changes.
 */
bool delivery_next(struct chat *chat, struct client *client, struct delivery_plan *plan);

/*
 * The first len bytes of the plan have been sent. The rest of a line that was cut in two is
 * copied to the front of the client's outbox: cursors stand only between lines.
 */
void delivery_done(struct chat *chat, struct client *client, const struct delivery_plan *plan,
	size_t len);

/* A new turn: what was made for many may not be what it was. */
void delivery_turn(struct delivery_plan *plan);

/* WebSocket: answers a ping, with its bytes. Of several that wait the latest is. */
void delivery_pong(struct chat *chat, struct client *client, const uint8_t *bytes, size_t len);

#endif
