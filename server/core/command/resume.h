/*
 * /resume: a user goes on at another client. Lines that had come on the old connection come first.
 */
#ifndef SERVER_CORE_COMMAND_RESUME_H
#define SERVER_CORE_COMMAND_RESUME_H

#include "server/core/command/args.h"

/*
 * Begins a resumption, which resume_continue() goes on with once the client is in a room. False,
 * and the client has been told, if an argument is not what it should be.
 */
bool resume_begin(struct chat *chat, struct client *client, const struct args *args);

/* The client that still holds the token of these arguments; NULL: there is none. */
struct client *resume_holder(const struct chat *chat, const struct args *args);

/* Goes on with a client's resumption, as far as what waited may be said. */
void resume_continue(struct chat *chat, struct client *client);

/* Whether it can go on now. If it is only a matter of time, a tick comes then. */
bool resume_is_due(struct chat *chat, struct client *client);

#endif
