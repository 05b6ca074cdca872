/*
 * What goes out to a client, and what follows when it has: a long answer goes on, a /join is due, a
 * reader who has kept up is waited for again.
 */
#ifndef SERVER_CORE_OUTPUT_H
#define SERVER_CORE_OUTPUT_H

#include <stddef.h>
#include <sys/uio.h>

#include "server/core/chat.h"

struct client;

/* As chat_output(), chat_sent() and chat_hangup(), for the client at the place. */
int output_next(struct chat *chat, struct client *client, struct iovec iov[CHAT_IOV]);
void output_sent(struct chat *chat, struct client *client, size_t len);
void output_hangup(struct chat *chat, struct client *client);

#endif
