/*
 * Where a client stands in its stream: the feed from its cursor on, after a replay that it may have
 * asked for, and up to an end beyond which nothing is its business yet.
 */
#ifndef SERVER_CORE_ROOM_POSITION_H
#define SERVER_CORE_ROOM_POSITION_H

#include <stdint.h>

#include "server/core/client/client.h"
#include "server/core/wire/framing.h"

/* What of a member moves as it is sent lines (member.h). */
struct position {
	uint64_t cursor;
	uint64_t replay_end;
	uint32_t replay_back;
};

struct position position_of(const struct client *client);
void position_set(struct client *client, struct position position);

/* Records from this ID on are not (yet) the client's business. */
uint64_t position_end(const struct client *client);

/* The same, or where the records begin that nobody may see before they are on disk. */
uint64_t position_visible_end(const struct client *client);

/* At the end of what was there when a replay was asked for: back to its first line, or on. */
void position_turn(const struct feed *f, struct position *position);

/* How the record at a position goes out to a client. */
struct framing position_framing(const struct client *client, const struct position *position);

/* Sets the cursor back so that the last count messages come before what follows. */
void position_replay(struct client *client, uint32_t count);

#endif
