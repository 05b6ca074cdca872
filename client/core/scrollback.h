/*
 * What has been shown of late: the model behind the screen, kept so that it can be drawn again
 * at another width. Everything in it is safe for a terminal: it is made so here, in one place.
 */
#ifndef CLIENT_CORE_SCROLLBACK_H
#define CLIENT_CORE_SCROLLBACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/message.h"

enum {
	/* Kept at most, beside what has not been drawn yet. */
	SCROLLBACK_ITEMS = 512,
	SCROLLBACK_BYTES = 256 * 1024,
};

/* A time as people want it shown, and its NUL. */
enum { ITEM_TIME_MAX = 32 };

/* A line of the conversation. */
struct item {
	enum message_kind kind;
	bool own;                  /* said by the person at this keyboard */
	bool echo;                 /* … and typed just now */
	bool mention;              /* their nick is said in it, or it is for them alone */
	bool found;                /* … by a search; it was said before */
	bool elsewhere;            /* in a room that was left since */
	bool notice;               /* chatc's own words; the kind is OTHER */
	uint64_t id;               /* of the feed; 0: it is not there, or not known */
	size_t drawn_width;        /* of the screen that it was drawn on; 0: it was not yet */
	size_t drawn_from;         /* where in its text what of it was drawn last begins */
	char stamp[STAMP_LEN + 1]; /* when, in local time; "" where that means nothing */
	char time[ITEM_TIME_MAX];  /* … as it is shown in front; "" for what the stamp says */
	size_t who_len;
	size_t text_len;
	char bytes[];              /* the who, then the text */
};

/* All zero is an empty one. */
struct scrollback {
	struct item **items; /* a ring, heap */
	size_t size;         /* its number of places */
	size_t first;
	size_t count;
	size_t bytes;
	size_t fresh; /* how many of the last have not been drawn yet; they are never dropped */
	uint64_t added; /* how many there ever were */
	bool keeps;   /* nothing is dropped, for one who looks back */
	bool failed;  /* one could not be kept for want of memory */
};

void scrollback_finish(struct scrollback *s);

/* Drops what has been drawn; what has not is for the screen that is empty now. */
void scrollback_clear(struct scrollback *s);

/*
 * Whether there is room for more before what is fresh is drawn. Nothing is lost where there is
 * none: what comes all the same takes memory, so that one should read no more then.
 */
bool scrollback_has_room(const struct scrollback *s);

/*
 * Adds a line: the kind, who and text of m, the last two made safe. stamp: STAMP_LEN bytes or NULL.
 * The item is there to have its flags set; NULL if there was no memory.
 */
struct item *scrollback_add(struct scrollback *s, const struct message *m, const char *stamp);

/* The same of chatc's own words, or of others that came as no message. */
struct item *scrollback_add_text(struct scrollback *s, enum message_kind kind, const char *text,
	size_t len);

/*
 * Adds a line before all others of this room; it counts as drawn. For one who looks back: see
 * keeps.
 */
struct item *scrollback_add_older(struct scrollback *s, const struct message *m,
	const char *stamp);

/* The place of the first line of this room: how many were said elsewhere. */
size_t scrollback_here(const struct scrollback *s);

/* All that is shown from here on was said elsewhere than all before. */
void scrollback_move_on(struct scrollback *s);

/* The item at a place, 0 being the oldest. */
const struct item *scrollback_at(const struct scrollback *s, size_t place);

/* It has been drawn from a place in its text on, for a screen of that width. */
void scrollback_drawn(struct scrollback *s, size_t place, size_t width, size_t from);

const char *item_who(const struct item *item);
const char *item_text(const struct item *item);

#endif
