/*
 * Bytes to lines. Only LF ends a line; a CR before it is dropped. However the bytes are cut into
 * pieces, the lines are the same.
 *
 * A line that came whole in one piece is handed on where it lies, uncopied; memory is held only
 * while a line is unfinished, and never more of it than the limit. BS and DEL erase the code
 * point before them. What is past the limit is counted but not kept. It can still be erased
 * again: a run of ASCII at its end, and 64 bytes before that. A line that would need more stays
 * too long.
 */
#ifndef CHAT_LINE_H
#define CHAT_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero is an empty line. */
struct line {
	char *held;      /* what came of the unfinished line, heap; NULL while there is nothing */
	uint32_t len;    /* bytes held */
	uint32_t size;   /* allocated */
	uint32_t over;   /* bytes past the limit: counted, not held */
	uint32_t ascii;  /* how many of those, at their end, are ASCII */
	uint64_t starts; /* of those before: bit 0 is the last, set where a code point begins */
	uint8_t known;   /* how many bits of starts count */
	bool cr;         /* the last byte was a CR, held back until we know whether LF follows */
};

enum line_status {
	LINE_MORE,  /* the input is used up, the line goes on */
	LINE_WHOLE, /* a line */
	LINE_LONG,  /* a line over the limit: its length and how it begins is known */
	LINE_NOMEM, /* no memory to hold the unfinished line */
};

struct line_view {
	const char *text; /* in the input or in the line; valid until the next call */
	size_t len;       /* bytes, without the line's end */
	size_t kept;      /* how many of them are at text: all; of a LONG line at most max */
	bool crlf;        /* it ended with CR LF */
};

/*
 * Takes bytes from *in, short of end, up to and with the next line end, and moves *in behind
 * them. max: the longest line in bytes. After WHOLE or LONG the line is empty again; what it held
 * is freed at the next call, or by line_release().
 */
enum line_status line_next(struct line *l, size_t max, const uint8_t **in, const uint8_t *end,
	struct line_view *view);

/*
 * Ends the line without LF, as at the end of the input or at telnet's CR NUL: WHOLE or LONG
 * for what there is, MORE when there is nothing. A CR at its end is taken for half a line end.
 */
enum line_status line_end(struct line *l, size_t max, struct line_view *view);

/* The line that ended last is not looked at any more: frees what it held. */
void line_release(struct line *l);

/* Erases the last code point, or everything. */
void line_erase_character(struct line *l);
void line_erase(struct line *l);

/* Frees what is held; the line is empty again. */
void line_finish(struct line *l);

#endif
