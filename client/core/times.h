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
	int64_t zone;             /* of the server, in seconds east of UTC */
	bool knows_zone;
};

/*
 * When a message was said, in seconds since 1970; false where that is not known. A tag tells it;
 * private lines are always of now; for the rest there is the server's clock, once its zone is known
 * from one of these.
 */
bool times_find(struct times *t, const struct message *m, int64_t now, int64_t *utc);

/* Puts the stamp of a message in local time, or as the server has it; false if it has none. */
bool times_stamp(struct times *t, const struct message *m, int64_t now, char stamp[STAMP_LEN]);

/* Whether a message is of another day than the one before it (the first: than now); see day. */
bool times_new_day(struct times *t, const char stamp[STAMP_LEN], int64_t now);

/* Whether two stamps are of one day; day is that of the first. */
bool times_same_day(const char a[STAMP_LEN], const char b[STAMP_LEN], char day[TIMES_DAY_SIZE]);

#endif
