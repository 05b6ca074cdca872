/*
 * What the shared log says becomes what is so here: lines become events that are applied, keys
 * become people and nicks.
 */
#ifndef SERVER_CORE_SHARE_FOLLOW_H
#define SERVER_CORE_SHARE_FOLLOW_H

#include "server/core/share/share.h"

/* A line of a room, in order; one that comes twice counts once. */
void follow_line(struct chat *chat, uint32_t index, uint64_t seq, int64_t ns, struct slice payload);

/* A key was set, to nothing if it was deleted. */
void follow_state(struct chat *chat, struct slice key, uint64_t seq, struct slice payload);

/* Another node had applied this line last: whether it was the same here. */
void follow_compare(struct chat *chat, uint32_t room, struct slice name, struct mark mark);

#endif
