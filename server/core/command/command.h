/*
 * Commands: one const table says for each its name, its arguments, who may use it and what it
 * does; arity and permission are checked here, in one place.
 */
#ifndef SERVER_CORE_COMMAND_COMMAND_H
#define SERVER_CORE_COMMAND_COMMAND_H

#include <stddef.h>

#include "server/core/room/room.h"

/* Runs a line that began with '/', without it. */
void command_run(struct room *room, struct client *client, const char *line, size_t len);

/* Goes on with a long answer (enum client_listing), as far as the client's replies have room. */
void command_go_on(struct room *room, struct client *client);

#endif
