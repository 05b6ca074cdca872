/*
 * The list of who is in the room. People who were there before us and say nothing are known from it
 * alone, so it is asked for once on each connection, with /who, and kept from the person's eyes.
 */
#ifndef CLIENT_CORE_WHO_LIST_H
#define CLIENT_CORE_WHO_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include "client/core/buffer.h"
#include "client/core/piece.h"

enum who_list_state {
	WHO_LIST_UNASKED,
	WHO_LIST_ASKED,
	WHO_LIST_COMING, /* its head has come; its end is not told */
	WHO_LIST_OVER,   /* another list has begun, or none is wanted */
};

/* All zero is a new connection. */
struct who_list {
	enum who_list_state state;
	uint64_t left; /* people who are still to come, unless somebody leaves meanwhile */
};

/* What a line of the server's own is. */
enum who_list_line {
	WHO_LIST_OTHER,
	WHO_LIST_HEAD,
	WHO_LIST_PERSON,
	WHO_LIST_SELF,
};

/* Puts the command that asks for it, if it was not asked for yet. */
void who_list_ask(struct who_list *r, struct buffer *out);

/* It is not to be asked for any more: nothing can be sent after the words to leave with. */
void who_list_decline(struct who_list *r);

/* Reads a line of any such list; who is whom it tells of. */
enum who_list_line who_list_parse(struct piece text, struct piece *who);

/*
 * A line of the server's own, as it was read. True: it is of the list that was asked for. If the
 * person asks, too, the first list to come is taken for that one: it is the same by then.
 */
bool who_list_takes(struct who_list *r, enum who_list_line line, struct piece text);

#endif
