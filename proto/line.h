/*
 * Bytes to lines. LF, CR LF, CR NUL or a CR by itself ends a line; a CR ends it at once, and an LF
 * or NUL right after it belongs to it whenever it comes. However the bytes are cut into pieces, the
 * lines are the same. A byte-order mark at the very beginning is dropped.
 *
 * A line that came whole in one piece is handed on where it lies, uncopied; memory is held only
 * while a line is unfinished, and never more of it than the limit. BS and DEL erase the code point
 * before them (a bad sequence counts as one), ETB the word, NAK the line. Of what is past the
 * limit only the kinds of the last LINE_BEYOND_MAX bytes are remembered, in four bits each, so
 * that erasing back over the limit is exact. A line of which more would have to be erased stays
 * too long.
 */
#ifndef PROTO_LINE_H
#define PROTO_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LINE_BEYOND_MAX = 16384 }; /* bytes past the limit that can be erased again */

/* What came of an unfinished line. */
struct line_held {
	char *bytes;          /* heap, or NULL */
	uint8_t *beyond;      /* heap: the kinds of bytes past the limit, a ring, two a byte */
	uint32_t len;         /* of bytes */
	uint32_t size;        /* allocated */
	uint32_t beyond_size; /* allocated, bytes */
	uint32_t over;        /* bytes past the limit: counted, not held */
	uint32_t known;       /* of how many of those, at their end, the kind is known */
};

/* All zero is an empty line, before the first. */
struct line {
	struct line_held *held; /* heap; NULL while there is nothing */
	bool begun; /* a line has ended: a byte-order mark is text from now on */
	bool cr;    /* the last line ended with a CR: an LF or NUL may belong to it */
	bool crlf;  /* a line has ended with CR LF */
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
};

/*
 * Takes bytes from *in, short of end, up to and with the next line end, and moves *in past them.
 * max: the longest line in bytes. After WHOLE or LONG the line is empty again; what it held is
 * freed at the next call, or by line_release().
 */
enum line_status line_next(struct line *l, size_t max, const uint8_t **in, const uint8_t *end,
	struct line_view *view);

/* Ends the line at the end of the input: WHOLE or LONG for what there is, MORE if it is empty. */
enum line_status line_end(struct line *l, size_t max, struct line_view *view);

/* The line that ended last is not looked at any more: frees what it held. */
void line_release(struct line *l);

/* Erases the last code point, or everything. */
void line_erase_character(struct line *l);
void line_erase(struct line *l);

/* Memory to hold an unfinished line; NULL when there is none. */
struct line_held *line_hold(struct line *l);

/* Frees what is held; the line is as at the very beginning. */
void line_finish(struct line *l);

#endif
