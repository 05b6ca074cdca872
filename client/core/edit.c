/*
 * The line editor. The rule: the cursor and every change stand between grapheme clusters (UAX #29,
 * https://www.unicode.org/reports/tr29/), so nothing that looks like one character is ever cut.
 */
#include "client/core/edit.h"

#include <stdlib.h>
#include <string.h>

#include "proto/text.h"

static void forget_undo(struct edit *e)
{
	while (e->undo_count)
		free(e->undo[--e->undo_count].text);
}

void edit_finish(struct edit *e)
{
	forget_undo(e);
	buffer_wipe(&e->text);
	buffer_wipe(&e->killed);
	*e = (struct edit){ 0 };
}

const char *edit_text(const struct edit *e)
{
	return e->text.data ? e->text.data : "";
}

void edit_reset(struct edit *e)
{
	forget_undo(e);
	e->text.len = 0;
	e->cursor = 0;
	e->last = EDIT_OTHER;
}

/* The end of the cluster that begins at a place. */
static size_t next_cluster(const struct edit *e, size_t at)
{
	return at < e->text.len ? at + text_cluster(e->text.data + at, e->text.len - at, NULL) : at;
}

/* The beginning of the cluster that ends at a place: found from the front, as clusters are. */
static size_t previous_cluster(const struct edit *e, size_t at)
{
	size_t start = 0, next;

	while ((next = next_cluster(e, start)) < at)
		start = next;
	return at ? start : 0;
}

/* Moves the cursor past the cluster that it may have come to stand in. */
static void snap(struct edit *e)
{
	size_t at = 0;

	while (at < e->cursor)
		at = next_cluster(e, at);
	e->cursor = at;
}

/* Remembers the line before a change, once for a run of typing. Without memory there is no undo. */
static void remember(struct edit *e, enum edit_op op)
{
	struct edit_state state = { .len = e->text.len, .cursor = e->cursor };

	if (op == EDIT_TYPED && e->last == EDIT_TYPED)
		return;
	state.text = malloc(state.len + 1);
	if (!state.text)
		return;
	if (state.len)
		memcpy(state.text, e->text.data, state.len);
	if (e->undo_count == EDIT_UNDO_MAX) {
		free(e->undo[0].text);
		memmove(e->undo, e->undo + 1, (EDIT_UNDO_MAX - 1) * sizeof(*e->undo));
		e->undo_count--;
	}
	e->undo[e->undo_count++] = state;
}

/* Puts text, which is safe and fits, in place of len bytes at a place; the cursor goes after it. */
static void replace(struct edit *e, size_t at, size_t len, const char *text, size_t text_len)
{
	size_t tail = e->text.len - at - len;

	if (text_len > len && !buffer_reserve(&e->text, text_len - len))
		return;
	if (tail)
		memmove(e->text.data + at + text_len, e->text.data + at + len, tail);
	if (text_len)
		memcpy(e->text.data + at, text, text_len);
	e->text.len = e->text.len - len + text_len;
	e->cursor = at + text_len;
}

/* How much of a text fits into room bytes, in whole clusters. */
static size_t fitting(const char *text, size_t len, size_t room)
{
	size_t at = 0;

	if (len <= room)
		return len;
	for (;;) {
		size_t cluster = text_cluster(text + at, len - at, NULL);

		if (at + cluster > room)
			return at;
		at += cluster;
	}
}

size_t edit_insert(struct edit *e, const char *text, size_t len, bool typed)
{
	enum edit_op op = typed ? EDIT_TYPED : EDIT_OTHER;
	size_t room = e->max > e->text.len ? e->max - e->text.len : 0;
	char *clean = malloc(TEXT_GROWTH * len + 1);
	size_t clean_len, fits;

	if (!clean) {
		e->text.failed = true;
		return len;
	}
	clean_len = text_clean(clean, text, len);
	fits = fitting(clean, clean_len, room);
	if (fits) {
		remember(e, op);
		replace(e, e->cursor, 0, clean, fits);
		snap(e);
		e->last = op;
	}
	free(clean);
	return clean_len - fits;
}

void edit_set(struct edit *e, const char *text, size_t len)
{
	remember(e, EDIT_OTHER);
	e->text.len = 0;
	e->cursor = 0;
	replace(e, 0, 0, text, fitting(text, len, e->max));
	e->last = EDIT_OTHER;
}

void edit_replace_left(struct edit *e, size_t from, const char *text, size_t len)
{
	size_t others = e->text.len - (e->cursor - from);
	size_t room = e->max > others ? e->max - others : 0;

	remember(e, EDIT_OTHER);
	replace(e, from, e->cursor - from, text, fitting(text, len, room));
	snap(e);
	e->last = EDIT_OTHER;
}

static bool move(struct edit *e, size_t to)
{
	bool moved = e->cursor != to;

	e->cursor = to;
	e->last = EDIT_OTHER;
	return moved;
}

bool edit_left(struct edit *e)
{
	return move(e, previous_cluster(e, e->cursor));
}

bool edit_right(struct edit *e)
{
	return move(e, next_cluster(e, e->cursor));
}

bool edit_home(struct edit *e)
{
	return move(e, 0);
}

bool edit_end(struct edit *e)
{
	return move(e, e->text.len);
}

/* Words are of letters and digits; outside ASCII everything counts as one. */
static bool is_word(const struct edit *e, size_t at)
{
	unsigned char c = (unsigned char)e->text.data[at];

	return c >= 0x80 || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static bool is_no_blank(const struct edit *e, size_t at)
{
	return e->text.data[at] != ' ';
}

typedef bool word_test(const struct edit *e, size_t at);

/* The beginning of the last word before the cursor. */
static size_t word_start(const struct edit *e, word_test *is_part)
{
	size_t start = 0;
	bool inside = false;

	for (size_t at = 0; at < e->cursor; at = next_cluster(e, at)) {
		if (is_part(e, at) && !inside)
			start = at;
		inside = is_part(e, at);
	}
	return start;
}

static size_t word_end(const struct edit *e)
{
	size_t at = e->cursor;

	while (at < e->text.len && !is_word(e, at))
		at = next_cluster(e, at);
	while (at < e->text.len && is_word(e, at))
		at = next_cluster(e, at);
	return at;
}

bool edit_word_left(struct edit *e)
{
	return move(e, word_start(e, is_word));
}

bool edit_word_right(struct edit *e)
{
	return move(e, word_end(e));
}

static bool erase(struct edit *e, size_t from, size_t to)
{
	if (from == to)
		return false;
	remember(e, EDIT_OTHER);
	replace(e, from, to - from, NULL, 0);
	snap(e);
	e->last = EDIT_OTHER;
	return true;
}

/* Erases, and keeps for yanking what was erased, before or after what a run of kills has kept. */
static bool kill(struct edit *e, size_t from, size_t to)
{
	bool to_the_left = to == e->cursor;
	size_t len = to - from, kept;

	if (!len)
		return false;
	if (e->last != EDIT_KILLED)
		e->killed.len = 0;
	kept = e->killed.len;
	buffer_append(&e->killed, e->text.data + from, len);
	if (to_the_left && kept && e->killed.len == kept + len) {
		memmove(e->killed.data + len, e->killed.data, kept);
		memcpy(e->killed.data, e->text.data + from, len);
	}
	erase(e, from, to);
	e->last = EDIT_KILLED;
	return true;
}

bool edit_erase_left(struct edit *e)
{
	return erase(e, previous_cluster(e, e->cursor), e->cursor);
}

bool edit_erase_right(struct edit *e)
{
	return erase(e, e->cursor, next_cluster(e, e->cursor));
}

bool edit_kill_word_left(struct edit *e)
{
	return kill(e, word_start(e, is_word), e->cursor);
}

bool edit_kill_blank_word_left(struct edit *e)
{
	return kill(e, word_start(e, is_no_blank), e->cursor);
}

bool edit_kill_word_right(struct edit *e)
{
	return kill(e, e->cursor, word_end(e));
}

bool edit_kill_left(struct edit *e)
{
	return kill(e, 0, e->cursor);
}

bool edit_kill_right(struct edit *e)
{
	return kill(e, e->cursor, e->text.len);
}

bool edit_yank(struct edit *e)
{
	if (!e->killed.len)
		return false;
	return edit_insert(e, e->killed.data, e->killed.len, false) == 0;
}

/* Swaps the two clusters before the cursor at the end of the line, else those around it. */
bool edit_transpose(struct edit *e)
{
	size_t middle = e->cursor < e->text.len ? e->cursor : previous_cluster(e, e->cursor);
	size_t start = previous_cluster(e, middle), end = next_cluster(e, middle);
	char *text;

	if (start == middle || middle == end || !(text = malloc(end - start)))
		return false;
	remember(e, EDIT_OTHER);
	memcpy(text, e->text.data + middle, end - middle);
	memcpy(text + (end - middle), e->text.data + start, middle - start);
	replace(e, start, end - start, text, end - start);
	snap(e);
	free(text);
	e->last = EDIT_OTHER;
	return true;
}

bool edit_undo(struct edit *e)
{
	struct edit_state state;

	if (!e->undo_count)
		return false;
	state = e->undo[e->undo_count - 1];
	if (state.len > e->max && state.len > e->text.len)
		return false;
	e->undo_count--;
	e->text.len = 0;
	replace(e, 0, 0, state.text, state.len);
	e->cursor = state.cursor < e->text.len ? state.cursor : e->text.len;
	e->last = EDIT_OTHER;
	free(state.text);
	return true;
}
