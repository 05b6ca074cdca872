/*
 * One who comes back to a server that has no place for it, while its old connection still holds
 * one. It is told that the server is full, as anybody is, and may then show its token and take that
 * place.
 */
#ifndef SERVER_CORE_READMISSION_H
#define SERVER_CORE_READMISSION_H

#include <stddef.h>
#include <stdint.h>

#include "server/core/room/context.h"

/* Input of one who has been refused, and may still show a token. */
void readmission_receive(struct chat *chat, struct client *client, const uint8_t *bytes,
	size_t len);

/* Nothing is waited for any more: it ends in good order, as others do that were refused. */
void readmission_end(struct chat *chat, struct client *client);

#endif
