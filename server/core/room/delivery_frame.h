/*
 * What goes out to a browser: the pieces of a plan in one WebSocket frame, and between frames what
 * is none of its lines.
 */
#ifndef SERVER_CORE_ROOM_DELIVERY_FRAME_H
#define SERVER_CORE_ROOM_DELIVERY_FRAME_H

#include "server/core/room/delivery_plan.h"

/*
 * A plan of one piece as a frame in one piece: two cost the system more than a copy, which is made
 * once for all who get the same. False: it is too long, or a pong goes out first.
 */
bool delivery_frame_whole(const struct client *client, struct delivery_plan *plan);

/* Whether what goes out first is no line: the handshake, a control frame, the rest of a frame. */
bool delivery_frame_is_raw(const struct client *client);

/* Adds that. False: there is none. */
bool delivery_frame_raw(struct client *client, struct delivery_plan *plan);

/* The close frame: the last that goes out. It takes no memory, which may be its reason. */
void delivery_frame_close(const struct client *client, struct delivery_plan *plan);

/* The bytes of a planned frame from there on; heap. NULL: no memory. */
char *delivery_frame_rest(const struct delivery_plan *plan, size_t from);

#endif
