/*
 * Invitations: words that open a room for a while, a number of times. They are kept in memory only.
 */
#ifndef SERVER_CORE_ROOM_INVITATION_H
#define SERVER_CORE_ROOM_INVITATION_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/slice.h"

struct room;

enum {
	INVITATIONS_MAX = 100,
	INVITATION_BYTES = 10,
	INVITATION_LEN = 16, /* of the word: five bits a letter */
};

struct invitation {
	struct room *room;
	int64_t until; /* usec */
	uint32_t uses; /* that are left */
	char word[INVITATION_LEN];
};

/* All zero is an empty list. */
struct invitations {
	struct invitation *list; /* heap */
	uint32_t count;
};

/* The word of random bytes: letters a to z and digits 2 to 7. */
void invitation_word(char out[INVITATION_LEN], const uint8_t random[INVITATION_BYTES]);

/* Adds one. 0, or -1 when there is no memory or there are INVITATIONS_MAX. */
int invitations_add(struct invitations *all, const struct invitation *one);

/* Takes out those whose time is over, and those of a room that ends. */
void invitations_expire(struct invitations *all, int64_t usec);
void invitations_forget(struct invitations *all, const struct room *room);

/* The one that has the word; NULL: none. How long this takes tells nothing of any word. */
struct invitation *invitations_find(struct invitations *all, struct slice word, int64_t usec);

/* It has one use less. */
void invitations_use(struct invitations *all, struct invitation *one);

void invitations_finish(struct invitations *all);

#endif
