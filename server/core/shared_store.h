/*
 * What operators and people have set (store.h) is the same on all nodes: each change goes to the
 * shared log's state, and comes from there.
 */
#ifndef SERVER_CORE_SHARED_STORE_H
#define SERVER_CORE_SHARED_STORE_H

#include "server/core/room/context.h"

/* Once a turn: puts what has changed here, and takes over what has changed elsewhere. */
void shared_store_update(struct chat *chat);

#endif
