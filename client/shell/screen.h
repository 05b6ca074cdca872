/*
 * What the person sees: the conversation and the line being typed, brought to the terminal and,
 * with --log, to a file. In plain mode lines are only printed one after the other.
 */
#ifndef CLIENT_SHELL_SCREEN_H
#define CLIENT_SHELL_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/core/footer.h"
#include "client/core/keys.h"
#include "client/core/lookback.h"
#include "client/core/prompt.h"
#include "client/core/session.h"
#include "client/core/view.h"
#include "client/shell/log.h"
#include "client/shell/options.h"
#include "client/shell/terminal.h"

struct screen {
	struct terminal terminal;
	struct view view;
	struct footer footer;
	struct lookback lookback;
	struct buffer waiting; /* lines of the person that are not seen to be said yet */
	struct log *log;
	uint64_t logged; /* lines of the conversation */
	bool plain;
	bool asked;      /* plain: a password is asked for */
	bool hidden;     /* … and the terminal does not show what is typed */
	int64_t margin_until; /* plain: nobody has begun to type another line before, in msec */
	bool may_ring;
	bool has_bar;    /* a status line */
	bool notifies;
	struct buffer bar;
	struct buffer title; /* of the window, as it is now */
	int64_t calm_at;    /* after a resize, in msec: another may follow at once */
	int64_t wait_until; /* for an answer of the terminal, in msec; INT64_MAX: none is due */
};

/* Standard input and output are a terminal. 0, or -1 with errno set. */
int screen_open(struct screen *s, const struct options *o, struct log *log);
void screen_finish(struct screen *s);

/* Takes the terminal over, also after somebody else has used it; gives it back. */
void screen_begin(struct screen *s);
void screen_end(struct screen *s);

/* The terminal has another size, perhaps. */
void screen_measure(struct screen *s);

/* Everything is to be redrawn. */
void screen_clear(struct screen *s);

/* Brings what is shown up to date, as far as the terminal takes it. bell: ring. */
void screen_paint(struct screen *s, struct session *session, const struct prompt *prompt,
	const char *status, bool bell);

/* Plain: a line was typed, so that the cursor is at the beginning of a row. */
void screen_line_typed(struct screen *s);

/* Painting is not put off any more from here on: it is over. */
void screen_hurry(struct screen *s);

/* Takes what the terminal says of itself, or a key to look back with. False: another key. */
bool screen_key(struct screen *s, struct session *session, const struct key *key);

/* When something is to be painted even if nothing happens, in msec. */
int64_t screen_deadline(const struct screen *s, const struct session *session);

/* Whether the terminal has taken all that it was owed. */
bool screen_is_idle(const struct screen *s);

#endif
