/*
 * What goes out to a client in one call: pieces of the feed and of its outbox, each with the
 * position before and after it, so that what the system does not take can be found again.
 */
#ifndef SERVER_CORE_ROOM_DELIVERY_PLAN_H
#define SERVER_CORE_ROOM_DELIVERY_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "server/core/room/position.h"
#include "server/core/wire/websocket.h"

enum {
	DELIVERY_PIECES = 8,
	/* bytes of lines in a frame, unless it is one longer line */
	DELIVERY_FRAME_MAX = 16 * 1024,
	DELIVERY_HEAD_MAX = WEBSOCKET_PUT_CONTROL_MAX,
};

/* A frame that many clients get in the same turn. */
struct delivery_frame {
	const struct room *room; /* NULL: none yet in this turn */
	uint64_t from, to; /* IDs */
	size_t len;
	char bytes[WEBSOCKET_PUT_HEAD_MAX + DELIVERY_FRAME_MAX];
};

/* The pieces, in order. One plan serves all clients, one after the other. */
struct delivery_plan {
	uint8_t head[DELIVERY_HEAD_MAX]; /* of the frame that holds all pieces; or a close frame */
	size_t head_len; /* 0: there is no frame */
	struct iovec iov[DELIVERY_PIECES];
	struct position before[DELIVERY_PIECES]; /* each piece */
	struct position after[DELIVERY_PIECES];
	bool of_feed[DELIVERY_PIECES]; /* else a private line */
	int count;
	bool is_whole;      /* head and pieces lie together, in frame */
	struct delivery_frame frame;

	/* While it is made: what comes next. */
	struct position position;
	size_t bytes;       /* of the pieces */
	uint32_t outbox_at; /* where the next private line lies */
	bool rendered;  /* one run has been: the next would overwrite it */
};

/* Begins with no pieces, at a position. */
void delivery_plan_begin(struct delivery_plan *plan, struct position start);

/* Adds a piece that begins at before, and after which the plan's position is now. */
void delivery_plan_add(struct delivery_plan *plan, bool of_feed, struct iovec iov,
	struct position before);

#endif
