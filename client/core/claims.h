/*
 * The keys of nicks that were claimed at one server (docs/protocol.md).
 */
#ifndef CLIENT_CORE_CLAIMS_H
#define CLIENT_CORE_CLAIMS_H

#include <stdbool.h>
#include <stddef.h>

#include "client/core/buffer.h"
#include "client/core/piece.h"

enum { CLAIMS_KEY_LEN = 26 };

/* All zero is none. */
struct claims {
	struct buffer lines; /* "NICK KEY", each with LF; the last one counts */
	bool changed;        /* a key came that is to be kept */
};

void claims_finish(struct claims *c);

void claims_add(struct claims *c, struct piece nick, struct piece key);

/* The key of a nick, without regard to ASCII case; valid until the next claim. len 0: none. */
struct piece claims_find(const struct claims *c, struct piece nick);

/* A line of the server's own: if it is "claimed NICK KEY" the key is added. */
void claims_heard(struct claims *c, struct piece text);

#endif
