/*
 * What becomes of rows on the screen when a terminal changes its width: some cut what does not fit,
 * others wrap it, and one wraps all but the line that the cursor is in.
 */
#ifndef CLIENT_CORE_REFLOW_H
#define CLIENT_CORE_REFLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum reflow {
	REFLOW_CUT,    /* xterm, urxvt, st, mlterm, mosh, the Linux console: also what is unknown */
	REFLOW_WRAP,   /* screen, VTE, kitty, alacritty, foot */
	REFLOW_TMUX,   /* as these do, but the cursor may be left some rows above its line */
	REFLOW_OTHERS, /* konsole: all rows but the one with the cursor */
};

/* What a line takes on the screen, from one line end that was sent to the next. */
struct extent {
	size_t rows;   /* when it was drawn */
	size_t fewest; /* columns, all its rows together, at least and at most */
	size_t most;
	bool wide;     /* some of it takes two columns, and may leave one free at a margin */
};

/* A number that is not known for sure. */
struct bounds {
	size_t fewest, most;
};

void bounds_add(struct bounds *sum, struct bounds more);

/* The rows of a line on a screen that has become this wide. */
struct bounds reflow_rows(enum reflow how, const struct extent *line, size_t width);

/*
 * How many rows below the beginning of its line the cursor is on a screen that has become this
 * wide; column: where it was in its row.
 */
struct bounds reflow_cursor(enum reflow how, const struct extent *line, size_t column,
	size_t width);

/*
 * What the terminal is, as it says itself (DA2, CSI > c): its answer's first two parameters. False:
 * that tells nothing.
 */
bool reflow_of_answer(unsigned type, unsigned version, enum reflow *how);

/* The same by the name of its type, before it has answered. */
enum reflow reflow_of_term(const char *term);

#endif
