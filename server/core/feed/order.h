/*
 * The order: who decides in which sequence events stand in a feed. A local order applies each as it
 * is proposed. An external one keeps proposals until somebody takes them, to a log elsewhere, and
 * they are applied when that log gives them back, perhaps later and perhaps twice.
 */
#ifndef SERVER_CORE_FEED_ORDER_H
#define SERVER_CORE_FEED_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/core/feed/event.h"

struct proposal {
	struct proposal *next;
	uint32_t room; /* index */
	struct event event; /* its texts lie in bytes */
	char bytes[];
};

/* All zero is a local order. */
struct order {
	bool external;
	uint32_t proposed; /* number of the server's own last event */
	uint32_t applied;
	struct proposal *first, **end; /* heap: what nobody has taken yet */
};

/* Keeps a copy of an event, after all others. 0, or -1 when there is no memory. */
int order_push(struct order *order, uint32_t room, const struct event *event);

/* Takes out the oldest: the caller frees it. NULL when there is none. */
struct proposal *order_take(struct order *order);

/* The same for the one that *at points to: order->first, or the next of another. */
struct proposal *order_take_at(struct order *order, struct proposal **at);

/*
 * Whether an event with this number is new to an author whose last applied one is *applied, which
 * is moved on if so. Numbers of one author come in order, each once or more.
 */
bool order_is_new(uint32_t *applied, uint32_t number);

void order_finish(struct order *order);

#endif
