/*
 * The tick: what happens because time has passed.
 */
#ifndef SERVER_CORE_TICK_H
#define SERVER_CORE_TICK_H

#include "server/core/room/context.h"

/* Once a turn, after the sends: deadlines, and backpressure. Sets when the next one is needed. */
void tick_run(struct chat *chat);

/* If the end has been announced and that is applied: all leave. */
void tick_close(struct chat *chat);

#endif
