/*
 * Coming in without anybody there to look on: what is sent before the first line is said, so that
 * none is said as somebody else, in another room, or in answer to the question for a password.
 */
#ifndef CLIENT_CORE_ENTRY_H
#define CLIENT_CORE_ENTRY_H

#include <stdbool.h>
#include <stddef.h>

#include "client/core/buffer.h"
#include "client/core/piece.h"

enum entry_state {
	ENTRY_WAITING, /* for the server to say what it is */
	ENTRY_PASSWORD, /* for what it says to the password */
	ENTRY_JOINING, /* for the room */
	ENTRY_NAMING,  /* for the nick, or for the end of what newcomers are told */
	ENTRY_IN,
	ENTRY_PLAIN,   /* it is not a chatd */
	ENTRY_REFUSED, /* why is set, unless it is what the server's last error says */
};

/* Begin with the first four, whatever is absent all zero. */
struct entry {
	struct piece nick;
	struct piece key;      /* of a claimed nick */
	struct piece room;
	struct piece password;
	enum entry_state state;
	bool offered;          /* the password was sent, and was not asked for again */
	const char *why;       /* constant; NULL: the server has said it */
	struct buffer out;     /* for the server */
};

/* A line came, without its end. False: it is the answer to what only we have asked. */
bool entry_line(struct entry *e, const char *line, size_t len);

/* Nothing has come for a long time: stop waiting. */
void entry_give_up(struct entry *e);

#endif
