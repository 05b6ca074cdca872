/*
 * What the keys do: the line that is being typed, with all that helps typing it. Keys come in;
 * what the person wants done comes out.
 */
#ifndef CLIENT_CORE_PROMPT_H
#define CLIENT_CORE_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

#include "client/core/buffer.h"
#include "client/core/edit.h"
#include "client/core/keys.h"
#include "client/core/recall.h"
#include "client/core/roster.h"

enum {
	/* Pastes beyond this are not taken. */
	PROMPT_PASTE_MAX = 1 << 20,
};

enum prompt_mode {
	PROMPT_TYPING,
	PROMPT_SEARCHING, /* Ctrl-R: what is typed is searched for */
	PROMPT_PASTING,   /* inside a bracketed paste */
	PROMPT_ASKING,    /* several lines were pasted: send them? */
};

enum prompt_action {
	PROMPT_NOTHING,
	PROMPT_SEND,    /* the line; prompt_sent() when that is done */
	PROMPT_PASTE,   /* the lines of paste, each with LF; prompt_sent() when that is done */
	PROMPT_LEAVE,
	PROMPT_DROPPED, /* what was typed, which undo brings back */
	PROMPT_SUSPEND,
	PROMPT_REDRAW,
	PROMPT_ROOM,    /* to the one whose number is in room */
	PROMPT_ASK_ROOMS, /* their list should be of now */
	PROMPT_BELL,    /* it can't be done */
};

struct prompt {
	enum prompt_mode mode;
	bool secret;            /* a password is typed: nothing of it is shown or kept */
	bool answered;          /* … the last one was sent, and it was not asked for again yet */
	struct edit line;
	struct recall recall;

	struct buffer search;   /* SEARCHING: the text */
	size_t found;           /* … and the place in recall where it was found */
	bool failing;           /* … it was not */
	struct buffer before;   /* … the line as it was before */

	struct buffer paste;    /* PASTING: what came of it. ASKING: the lines, each with LF */
	size_t paste_lines;
	bool paste_too_large;
	size_t paste_left_out;  /* bytes of the last paste that did not fit; 0: all did */
	size_t paste_too_long;  /* ASKING: the number of the first line over the limit; 0: none */

	struct buffer query;    /* whom what is typed is for; empty: the room */
	struct buffer answer;   /* whom "/r " stands for; empty: nobody has written */
	struct buffer place;    /* the room; empty: there is only one */
	struct buffer label;    /* in front of the line */
	unsigned room;          /* that was asked for by its number, from 1 */
	const struct roster *rooms; /* what TAB offers after /join; NULL for none */

	bool completing;        /* the last key was TAB */
	struct buffer stem;     /* … the word that it completes */
	size_t stem_start;
	size_t candidate;
};

/* max: bytes that a line may have. */
void prompt_init(struct prompt *p, size_t max);
void prompt_finish(struct prompt *p);

/*
 * Another server may take longer lines, or only shorter ones. Text that was typed or pasted stays.
 */
void prompt_limit(struct prompt *p, size_t max);

/*
 * Begins or ends the typing of a password. asking: it is waited for. What was typed while the one
 * before it had no answer is dropped then, since nobody sees that it is there.
 */
void prompt_ask_password(struct prompt *p, bool secret, bool asking);

enum prompt_action prompt_key(struct prompt *p, const struct key *key, const struct roster *roster);

/* The line is for somebody from here on, or for the room again; who is safe text. */
void prompt_query(struct prompt *p, const char *who, size_t len);

/* The room that is named in front of the line, or none; name is safe text. */
void prompt_in_room(struct prompt *p, const char *name, size_t len);

/* Somebody has written: "/r " stands for them. */
void prompt_answer_to(struct prompt *p, const char *who, size_t len);

/* Puts the line as it is to be said: with the command that makes it private, where it is. */
void prompt_put_line(const struct prompt *p, struct buffer *out);

/* The line has been sent: it is empty again. */
void prompt_sent(struct prompt *p);

#endif
