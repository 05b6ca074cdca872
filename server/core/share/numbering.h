/*
 * Which ID a line of the shared log gets: its number and an offset, which stands in the
 * log's state. It is 0 until a log is made again, or is one that had fewer lines than a
 * node: IDs never restart.
 */
#ifndef SERVER_CORE_SHARE_NUMBERING_H
#define SERVER_CORE_SHARE_NUMBERING_H

#include <stdbool.h>
#include <stdint.h>

#include "server/core/share/share.h"

/* A key of the state was set: true if it is the offset of a room. */
bool numbering_follow(struct chat *chat, struct slice key, uint64_t seq, struct slice payload);

/* A room's log is another one than before, and begins at 1. */
void numbering_replaced(struct chat *chat, uint32_t index);

#endif
