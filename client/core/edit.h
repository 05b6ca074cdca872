/*
 * The line editor: one line of safe UTF-8 and a cursor, which always stands between two grapheme
 * clusters. Killed text can be yanked, and everything undone.
 */
#ifndef CLIENT_CORE_EDIT_H
#define CLIENT_CORE_EDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "client/core/buffer.h"

enum { EDIT_UNDO_MAX = 64 };

/* A state that undo goes back to. */
struct edit_state {
	char *text;
	size_t len;
	size_t cursor;
};

enum edit_op {
	EDIT_OTHER,
	EDIT_TYPED,  /* a run of these is undone at once */
	EDIT_KILLED, /* a run of these is yanked at once */
};

/* All zero, with max set, is an empty line. */
struct edit {
	struct buffer text;
	size_t cursor; /* in bytes */
	size_t max;    /* bytes that the line may have */
	struct buffer killed;
	struct edit_state undo[EDIT_UNDO_MAX];
	size_t undo_count;
	enum edit_op last;
};

void edit_finish(struct edit *e);

/* The line: never NULL, not terminated. */
const char *edit_text(const struct edit *e);

/* Puts another line in place of this one, with the cursor at its end; what is over max is cut. */
void edit_set(struct edit *e, const char *text, size_t len);

/* Empties the line and forgets how it came about: after it was sent. */
void edit_reset(struct edit *e);

/*
 * Inserts what is safe of text at the cursor, as much as fits, and returns how many bytes of it
 * did not. typed: a single character of the keyboard.
 */
size_t edit_insert(struct edit *e, const char *text, size_t len, bool typed);

/* Puts safe text, as much as fits, in place of what stands between a place and the cursor. */
void edit_replace_left(struct edit *e, size_t from, const char *text, size_t len);

/* Cursor movements. False: it was there already. */
bool edit_left(struct edit *e);
bool edit_right(struct edit *e);
bool edit_word_left(struct edit *e);
bool edit_word_right(struct edit *e);
bool edit_home(struct edit *e);
bool edit_end(struct edit *e);

/* Each returns false if there was nothing to do. */
bool edit_erase_left(struct edit *e);
bool edit_erase_right(struct edit *e);
bool edit_kill_word_left(struct edit *e);
bool edit_kill_blank_word_left(struct edit *e); /* up to a blank, as Ctrl-W does */
bool edit_kill_word_right(struct edit *e);
bool edit_kill_left(struct edit *e);
bool edit_kill_right(struct edit *e);
bool edit_yank(struct edit *e);
bool edit_transpose(struct edit *e);

/* Also false while a longer line would come back than fits now; it is kept until it does. */
bool edit_undo(struct edit *e);

#endif
