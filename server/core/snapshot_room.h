/*
 * The part of a snapshot that is the rooms: what they are, and what was said in them.
 */
#ifndef SERVER_CORE_SNAPSHOT_ROOM_H
#define SERVER_CORE_SNAPSHOT_ROOM_H

#include "server/core/base/codec.h"
#include "server/core/room/context.h"

/* Far above every real one: only damage is larger. */
#define SNAPSHOT_FEED_MAX UINT32_MAX

/*
 * Both ways (codec.h); look at p->failed. The room that somebody is in, by its index; version 4 had
 * one.
 */
struct room *snapshot_where(const struct chat *chat, const struct room *room, struct codec *p);

/* Why the history of a room can't be written, and its feed. */
void snapshot_fault(struct room *room, struct codec *p);
void snapshot_feed(struct feed *f, struct codec *p);

/* The rooms, the first of which is there already. */
void snapshot_rooms(struct chat *chat, struct codec *p);

#endif
