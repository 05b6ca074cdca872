/*
 * Who may speak now: the rate of each client, and the room's flow. Senders are read no faster
 * than the readers who are alive can take. A reader is alive as long as it takes FLOW_BYTES
 * within each second for which the room waits for it.
 */
#ifndef CHAT_FLOW_H
#define CHAT_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/core/room.h"

enum {
	FLOW_BYTES = 16 * 1024, /* what a reader has to take for another allowance */
	FLOW_ALLOWANCE = 1000,  /* ms for which a reader may hold the room back */
	FLOW_LOOK = 50,         /* ms between two looks at those who hold it back */
};

/* Whether a client is within its rate now; else *when says when it will be, in ticks. */
bool flow_may_speak(const struct room *room, const struct slot *slot, int64_t *when);

/* It has said a line. */
void flow_spoken(struct room *room, struct slot *slot);

/* The rate is another one: what it has said before delays it by a line of the new rate at most. */
void flow_new_rate(const struct room *room, struct slot *slot);

/* Whether the slowest live reader leaves room for more to be said. */
bool flow_is_open(const struct room *room);

/*
 * Once a turn, behind the sends: how much more may be said before the slowest live reader must
 * catch up; those who held the room back since the last look use up their allowance.
 */
void flow_update(struct room *room);

/* Whether the room waits for this slot, or is about to. */
bool flow_holds(const struct room *room, const struct slot *slot);

/* The kernel has so many bytes of this slot's for which its peer has made no room yet. */
void flow_unsent(struct slot *slot, size_t bytes);

#endif
