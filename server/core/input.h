/*
 * Input: the bytes a client sends become lines, and lines what they mean. Input that may not be
 * acted on yet (rate, unread answers, slow readers) waits in the client.
 */
#ifndef SERVER_CORE_INPUT_H
#define SERVER_CORE_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/core/room/context.h"

/* Takes all of it: what can't be acted on now waits. The client has nothing waiting yet. */
void input_receive(struct chat *chat, struct client *client, const uint8_t *bytes, size_t len);

/* Takes up what waits, as far as it may, and then the end. */
void input_resume(struct chat *chat, struct client *client);

/* Whether there is something to catch up with now. If it is only a matter of time, as below. */
bool input_is_due(struct chat *chat, struct client *client);

/*
 * Whether a line of this client may be acted on now. If it is only a matter of time, the room is
 * woken then.
 */
bool input_may_go_on(struct chat *chat, struct client *client);

/* Whether nothing waits of what has come whole, and nothing that was said is on its way. */
bool input_is_dealt_with(const struct client *client);

/*
 * The input has ended, and with it, once it has been answered, the client's presence. The rest
 * without LF is a last line, unless the connection was reset (the client is deaf).
 */
void input_end(struct chat *chat, struct client *client);

#endif
