/*
 * /join: a client goes from one room into another. It gets what it was owed before it goes, so that
 * may take some turns; a room with a password asks for it meanwhile.
 */
#ifndef SERVER_CORE_COMMAND_JOIN_H
#define SERVER_CORE_COMMAND_JOIN_H

#include <stdbool.h>
#include <stddef.h>

#include "server/core/room/context.h"

/* Goes on with a move (client_move()), if it is due. */
void join_continue(struct chat *chat, struct client *client);
bool join_is_due(struct chat *chat, const struct client *client);

/* The line of one who is asked for a password. */
void join_try_password(struct chat *chat, struct client *client, const char *line, size_t len);

/* Its time has come: a pause is over, or patience. */
void join_tick(struct chat *chat, struct client *client);

#endif
