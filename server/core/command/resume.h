/*
 * The second half of /resume: the answer comes when all that had come on the old connection of the
 * user has been dealt with.
 */
#ifndef SERVER_CORE_COMMAND_RESUME_H
#define SERVER_CORE_COMMAND_RESUME_H

#include "server/core/command/args.h"

/* Goes on with a client's resumption, as far as the room may be told more. */
void resume_continue(struct chat *chat, struct client *client);

/* The same to its end, at once. */
void resume_finish(struct chat *chat, struct client *client);

#endif
