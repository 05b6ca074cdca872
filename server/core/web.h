/*
 * Connections that speak HTTP: what they ask for is answered, and who asks for the
 * room over WebSocket becomes a client. Until then they have places of their own,
 * and of clients' slots none.
 */
#ifndef SERVER_CORE_WEB_H
#define SERVER_CORE_WEB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "server/core/base/web_profile.h"
#include "server/core/room/context.h"

enum {
	WEB_MAX = 64,             /* connections at the same time */
	WEB_HEAD_MS = 10000,      /* a request comes within this time, or another one */
};

/*
 * A newcomer: returns its place; NULL when there is none. Where there are WEB_MAX, the one that has
 * been idle for the longest makes room; if none is, the newcomer is told so.
 */
struct client *web_connect(struct chat *chat, const struct address *from,
	const struct web_profile *profile);

/* As chat_receive() and so on, for one that is in the state HTTP. */
void web_receive(struct chat *chat, struct client *client, const uint8_t *bytes, size_t len);
void web_end(struct client *client);
bool web_is_answering(const struct client *client);
int web_output(struct client *client, struct iovec *iov);
void web_sent(struct chat *chat, struct client *client, size_t len);
void web_tick(struct chat *chat, struct client *client);

/* The server shuts down: it ends as soon as it has been answered. In any other state: nothing. */
void web_close(struct chat *chat, struct client *client);

#endif
