/*
 * Commands: one const table says for each its name, its arguments, who may use it and what it
 * does; arity and permission are checked here, in one place.
 */
#ifndef CHAT_COMMAND_H
#define CHAT_COMMAND_H

#include <stddef.h>

#include "server/core/room.h"

/* Runs a line that began with '/', without it. */
void command_run(struct room *room, struct slot *slot, const char *line, size_t len);

/* Goes on with a long answer (enum slot_list), as far as the slot's replies have room. */
void command_go_on(struct room *room, struct slot *slot);

#endif
