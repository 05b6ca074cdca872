/*
 * Commands: one const table says for each its name, its arguments, who may use it and what it
 * does; arity and permission are checked here, in one place.
 */
#ifndef SERVER_CORE_COMMAND_COMMAND_H
#define SERVER_CORE_COMMAND_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "server/core/room/context.h"

struct args;

/* Whether a line is for the room: a message, or an action. The beginning of it is enough. */
bool command_is_said(const char *line, size_t len);

/* Whether a line only asks for what is here. */
bool command_asks(const char *line, size_t len);

/* Whether one who came where nothing can be said may use this line. */
bool command_is_for_readers(const char *line, size_t len);

/* Whether a line is /resume, with arguments that it may have; they lie in the line. */
bool command_is_resume(const char *line, size_t len, struct args *args);

/* Acts on a line that is not blank: says it, or carries it out. */
void command_line(struct chat *chat, struct client *client, const char *line, size_t len);

/* Goes on with a long answer (enum client_listing), as far as the client's outbox has room. */
void command_go_on(struct chat *chat, struct client *client);

#endif
