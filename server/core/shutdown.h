/*
 * The end of the server, as its people see it.
 */
#ifndef SERVER_CORE_SHUTDOWN_H
#define SERVER_CORE_SHUTDOWN_H

#include "proto/slice.h"

struct chat;

/* Says so in every room, with a reason unless that has no length, and begins to close all. */
void shutdown_begin(struct chat *chat, struct slice text);

#endif
