/*
 * Delivery: all that a client is owed, in order: the feed from its cursor on, its private lines in
 * their places between, a replay where it asked for one, and a word about what it missed.
 */
#ifndef SERVER_CORE_ROOM_DELIVERY_H
#define SERVER_CORE_ROOM_DELIVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "server/core/client/client.h"

struct chat;

enum {
	DELIVERY_PIECES = 8,
	/* bytes of lines in a frame, unless it is one longer line */
	DELIVERY_FRAME_MAX = 16 * 1024,
	DELIVERY_HEAD_MAX = WEBSOCKET_PUT_CONTROL_MAX,
};

/* Where a client stands in its stream. */
struct delivery_point {
	uint64_t cursor;
	uint64_t replay_end;
	uint32_t replay_back;
};

/* A frame that many clients get in the same turn. */
struct delivery_frame {
	const struct room *room; /* NULL: none yet in this turn */
	uint64_t from, to; /* IDs */
	size_t len;
	char bytes[WEBSOCKET_PUT_HEAD_MAX + DELIVERY_FRAME_MAX];
};

/* What delivery_next() offered last, so that delivery_done() knows what has gone out. */
struct delivery {
	uint8_t head[DELIVERY_HEAD_MAX]; /* of the frame that holds all pieces; or a close frame */
	size_t head_len; /* 0: there is no frame */
	struct iovec iov[DELIVERY_PIECES];
	struct delivery_point before[DELIVERY_PIECES]; /* each piece */
	struct delivery_point after[DELIVERY_PIECES];
	bool of_feed[DELIVERY_PIECES]; /* else a private line */
	int count;
	bool is_whole;      /* head and pieces lie together, in frame */
	struct delivery_frame frame;

	/* While it is made: what comes next. */
	struct delivery_point point;
	size_t bytes;       /* of the pieces */
	uint32_t outbox_at; /* where the next private line lies */
	bool rendered;  /* one run has been: the next would overwrite it */
};

/* Whether there is anything that the client is to get, now or when it may be seen. */
bool delivery_is_owing(const struct client *client);

/* Whether there is anything to send. */
bool delivery_is_pending(const struct client *client);

/*
 * Fills the plan with what comes next, as much as goes in one call; false when there is nothing.
 * Valid until the feed or the client's outbox changes.
 */
bool delivery_next(struct chat *chat, struct client *client, struct delivery *plan);

/*
 * The first len bytes of the plan have been sent. What is left of a line that was cut in two is
 * copied to the front of the client's outbox: cursors stand only between lines.
 */
void delivery_done(struct chat *chat, struct client *client, const struct delivery *plan,
	size_t len);

/* A new turn: what was made for many may not be what it was. */
void delivery_turn(struct delivery *plan);

/* WebSocket: answers a ping, with its bytes. Of several that wait the latest is. */
void delivery_pong(struct chat *chat, struct client *client, const uint8_t *bytes, size_t len);

/* Sets the cursor back so that the last count messages come before what follows. */
void delivery_replay(struct client *client, uint32_t count);

#endif
