/*
 * Tells a server by its first bytes: a chatd, some other server of lines, or one of a
 * protocol in which nobody can talk.
 */
#ifndef CLIENT_CORE_GREETING_H
#define CLIENT_CORE_GREETING_H

#include <stdbool.h>
#include <stddef.h>

#include "client/core/piece.h"

/*
 * Whether what has come first, perhaps not a whole line yet, can be a chatd's. *decided: it is
 * clear.
 */
bool greeting_is_chatd(struct piece begin, bool *decided);

/*
 * Names the protocol of a server that is not a chat, for people: "this is a web server: ...". It is
 * told by how its first line begins. NULL: none that is known.
 */
const char *greeting_find_alien(struct piece begin);

#endif
