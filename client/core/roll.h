/*
 * The list of who is in the room. Whoever was there before us and says nothing is known from it
 * alone, so it is asked for once on each connection, with /who, and kept from the person's eyes.
 */
#ifndef CHAT_ROLL_H
#define CHAT_ROLL_H

#include <stdbool.h>
#include <stdint.h>

#include "client/core/buffer.h"
#include "client/core/piece.h"

enum roll_state {
	ROLL_UNASKED,
	ROLL_ASKED,
	ROLL_COMING, /* its head has come; its end is not told */
	ROLL_OVER,   /* another list has begun, or none is wanted */
};

/* All zero is a new connection. */
struct roll {
	enum roll_state state;
	uint64_t left; /* people who are still to come, unless somebody leaves meanwhile */
};

/* What a line of the server's own is. */
enum roll_line {
	ROLL_OTHER,
	ROLL_HEAD,
	ROLL_PERSON,
	ROLL_SELF,
};

/* Puts the command that asks for it, if it was not asked for yet. */
void roll_ask(struct roll *r, struct buffer *out);

/* It is not to be asked for any more: nothing can be sent behind the words to leave with. */
void roll_decline(struct roll *r);

/* Reads a line of any such list; who is whom it tells of. */
enum roll_line roll_parse(struct piece text, struct piece *who);

/*
 * A line of the server's own, as it was read. True: it is of the list that was asked for. If the
 * person asks, too, the first list to come is taken for that one: it is the same by then.
 */
bool roll_takes(struct roll *r, enum roll_line line, struct piece text);

#endif
