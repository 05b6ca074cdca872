/*
 * /search: the feed is looked through in pieces, over as many turns as it takes.
 */
#ifndef SERVER_CORE_COMMAND_SEARCH_H
#define SERVER_CORE_COMMAND_SEARCH_H

#include "server/core/command/args.h"

/* Goes on with a search, as far as this turn and the client's outbox allow. */
void search_go_on(struct chat *chat, struct client *client);

/* Whether there is more to look through. */
bool search_is_due(const struct client *client);

#endif
