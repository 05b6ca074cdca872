/*
 * What of a chat the store has (room/store_format.h): as text, and put back in place at the start.
 */
#ifndef SERVER_CORE_STORE_H
#define SERVER_CORE_STORE_H

#include <stddef.h>

#include "server/core/room/context.h"
#include "server/core/room/store_format.h"

/* The text of it, *len bytes on the heap; NULL: no memory. */
char *store_save(const struct chat *chat, size_t *len);

/* Puts what was read in place of nothing, before the first client; the store is empty then. */
void store_load(struct chat *chat, struct store *store);

#endif
