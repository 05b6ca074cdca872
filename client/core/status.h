/*
 * The status line: who one is, where, with how many, what was missed, and the connection.
 */
#ifndef CLIENT_CORE_STATUS_H
#define CLIENT_CORE_STATUS_H

#include <stddef.h>
#include <stdint.h>

#include "client/core/buffer.h"
#include "client/core/piece.h"
#include "proto/limits.h"

enum { PLACE_SERVER_MAX = 64 };

/* The room, as the server says. All zero is one that nothing is known of. */
struct place_info {
	char server[PLACE_SERVER_MAX]; /* its name, unless that says nothing */
	size_t server_len;
	char room[NICK_MAX];
	size_t room_len; /* 0: there is only one, or it is not known */
	uint64_t online; /* 0: not known */
};

/* Reads an answer of the server: the greeting, a change of rooms, the head of a list. */
void place_answered(struct place_info *p, struct piece text);

/* The room is another. */
void place_set_room(struct place_info *p, struct piece name);

/* Reads an event that says how many are online. */
void place_changed(struct place_info *p, struct piece text);

/*
 * Puts the status line. who: "" while there is no nick. connection: what there is to say of it, ""
 * while all is well.
 */
void status_put(struct buffer *out, struct piece who, const struct place_info *place,
	uint64_t mentions, const char *connection);

#endif
