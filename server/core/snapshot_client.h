/*
 * The part of a snapshot that is the table of clients.
 */
#ifndef SERVER_CORE_SNAPSHOT_CLIENT_H
#define SERVER_CORE_SNAPSHOT_CLIENT_H

#include "server/core/base/codec.h"
#include "server/core/room/context.h"

/* Both ways (codec.h); the rooms come before. Look at p->failed. */
void snapshot_clients(struct chat *chat, struct codec *p);

#endif
