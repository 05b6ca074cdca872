/*
 * Lines that bots say over HTTP: POST /say.
 */
#ifndef SERVER_CORE_SAY_H
#define SERVER_CORE_SAY_H

#include <stddef.h>

#include "server/core/room/context.h"

/* The head of a request has come: its body is taken, or it is refused. */
void say_begin(struct chat *chat, struct client *client);

/* More of its body. */
void say_receive(struct chat *chat, struct client *client, const char *bytes, size_t len);

#endif
