/*
 * The rooms of the server: their list, as /rooms has it, and how far each was read. The list is
 * asked for unseen as well, so that there are names to complete and to go to by number.
 */
#ifndef CLIENT_CORE_ROOMS_H
#define CLIENT_CORE_ROOMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/core/buffer.h"
#include "client/core/piece.h"
#include "client/core/roster.h"
#include "proto/limits.h"

enum {
	/* Rooms of which it is remembered how far they were read. */
	ROOMS_READ_MAX = 64,
};

/* A line of the feed of a room. */
struct room_place {
	uint64_t id;   /* 0: none is known */
	int64_t epoch; /* when it was said; 0: not known */
};

struct room_read {
	char name[WHO_MAX];
	size_t len;
	struct room_place place; /* the last line that was seen */
};

/* All zero is a server of which nothing is known. */
struct rooms {
	struct roster list;  /* in the order of /rooms */
	struct room_read read[ROOMS_READ_MAX]; /* a ring, the next at read_count */
	size_t read_count;
	unsigned asked;      /* lists that were asked for unseen and have not begun */
	bool hidden;         /* the list that is coming is one of these */
	uint64_t left;       /* lines of it that are still to come */
	struct name here;    /* the room where one is, as the last list had it; len 0: not known */
};

/* What a line of the server's own is. */
enum rooms_line {
	ROOMS_OTHER,
	ROOMS_HIDDEN, /* of a list that was asked for unseen */
	ROOMS_SHOWN,  /* of a list, and to be shown */
};

/* Puts the command that asks for the list. */
void rooms_ask(struct rooms *r, struct buffer *out);

/* The connection is lost: no list will come. */
void rooms_lost(struct rooms *r);

/*
 * Reads a line of the server's own. shown: what is to be shown of ROOMS_SHOWN, with what is unread
 * and the key that leads there; here: how far the room was read that the person is in.
 */
enum rooms_line rooms_heard(struct rooms *r, struct piece text, uint64_t here,
	struct buffer *shown);

/* An error. True: it is the answer of a server that has no rooms to what was asked unseen. */
bool rooms_refused(struct rooms *r, struct piece text);

/* A room is left, or looked up, which was read so far; 0 if one was not there. */
void rooms_set_read(struct rooms *r, struct piece room, struct room_place place);
struct room_place rooms_read(const struct rooms *r, struct piece room);

#endif
