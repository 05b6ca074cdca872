/*
 * When a message was said, in the time zone of the person who reads it, and where days begin.
 */
#ifndef CLIENT_CORE_TIMES_H
#define CLIENT_CORE_TIMES_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/message.h"
#include "proto/stamp.h"

/* "Wed Oct 19 2022" and its NUL. */
enum { TIMES_DAY_SIZE = 16 };

/* All zero is one that has seen no message. */
struct times {
	struct stamp cache;
	char day[TIMES_DAY_SIZE]; /* of the last message; "" before the first */
};

/*
 * Puts the stamp of a message; false if it has none. A tag tells the time; private lines are
 * always of now; the rest have only what the server's clock says.
 */
bool times_stamp(struct times *t, const struct message *m, int64_t now, char stamp[STAMP_LEN]);

/* Whether a message is of another day than the one before it (the first: than now); see day. */
bool times_new_day(struct times *t, const char stamp[STAMP_LEN], int64_t now);

#endif
