/*
 * The descriptors at the places of the core: reading, sending, what poll() is to wait for at each,
 * and closing.
 */
#ifndef SERVER_SHELL_PLACES_H
#define SERVER_SHELL_PLACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/core/base/place_set.h"
#include "server/core/base/time.h"
#include "server/core/chat.h"
#include "server/shell/connection.h"
#include "server/shell/polls.h"

struct places {
	struct chat *chat;
	struct connection *connections; /* of each place; heap */
	struct polls *polls;            /* the caller's */
	uint32_t top;     /* no place from here on has a connection */
	struct place_set sent; /* something went out there that the peer may not have taken yet */
	int64_t check_at; /* when to look for peers in it that are gone, in usec */
	uint8_t input[CHAT_READ_MAX];
};

/* chat and polls, with room for chat_places(), outlive it. 0, or -1 for no memory. */
int places_init(struct places *p, struct chat *chat, struct polls *polls);
void places_finish(struct places *p); /* closes the connections */

/* Puts a connection into a place that the core has given. */
void places_seat(struct places *p, uint32_t place, int fd);

/*
 * After the core has taken bytes from a place or seen that they were sent: moves connections that
 * the core has moved. Returns the place where that one is now.
 */
uint32_t places_follow(struct places *p, uint32_t place);

/* Asks the core what a place wants now, and has poll() wait for just that. Returns it. */
unsigned places_watch(struct places *p, uint32_t place);

/* Reads once from every place that had an event; returns how many there were. */
uint32_t places_read(struct places *p);

/*
 * Sends once to one place, or to every place that may be owed something and is not blocked. Returns
 * how many sends that took.
 */
uint32_t places_send_one(struct places *p, uint32_t place, struct time now);
uint32_t places_send(struct places *p, struct time now);

/* Ends the places whose peers have not answered for too long, if it is time to look for them. */
void places_check(struct places *p, struct time now);

enum {
	PLACES_AGAIN = 1,  /* something can be sent that no event will announce */
	PLACES_CLOSED = 2, /* a descriptor has become free */
};

/* After chat_tick(): closes what the core has given up, watches what has changed. Bits as above. */
unsigned places_settle(struct places *p);

/* Whether some connection has not yet taken all that it is owed, or is still to close. */
bool places_are_owed(struct places *p);

#endif
