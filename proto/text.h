/*
 * UTF-8 (RFC 3629), text that is safe to show on a terminal, and how wide it is there.
 */
#ifndef PROTO_TEXT_H
#define PROTO_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TEXT_INVALID = 0xfffd, /* REPLACEMENT CHARACTER */

	/* text_clean() writes at most this many bytes for each byte it reads. */
	TEXT_GROWTH = 4,

	TEXT_DIGITS_MAX = 20, /* of UINT64_MAX */
};

/*
 * Decodes the code point at s (len > 0) and returns the bytes it takes. A bad sequence yields
 * TEXT_INVALID for its maximal subpart (Unicode 15, section 3.9, table 3-8); *valid (may be
 * NULL) tells the two kinds of U+FFFD apart.
 */
size_t text_decode(const char *s, size_t len, uint32_t *code, bool *valid);

/* Writes code as UTF-8 to out (4 bytes of room) and returns its length. */
size_t text_encode(char *out, uint32_t code);

/*
 * Writes to out what is safe to show of len bytes at in, and returns its length, at most
 * TEXT_GROWTH * len. A TAB becomes four spaces, U+2028 and U+2029 one, bad sequences U+FFFD;
 * control sequences are dropped whole, as far as they stand in the text, and so are other controls,
 * DEL and bidirectional overrides and isolates. out must not overlap in: text may grow.
 * Cleaning what is clean changes nothing.
 */
size_t text_clean(char *out, const char *in, size_t len);

/* Whether text_clean() would change nothing. */
bool text_is_clean(const char *s, size_t len);

/* What the next function does where the first byte does not show something by itself. */
size_t text_skip_invisible(const char *s, size_t len);

/*
 * Where the first character stands that shows something once the text is clean, after blanks,
 * control sequences and other invisible code points; len if there is none.
 */
static inline size_t text_first_visible(const char *s, size_t len)
{
	/* Nearly every line begins with a letter, and each is asked for several times. */
	return len > 0 && s[0] > ' ' && s[0] < 0x7f ? 0 : text_skip_invisible(s, len);
}

/* Whether there is nothing to be seen. */
static inline bool text_is_blank(const char *s, size_t len)
{
	return text_first_visible(s, len) == len;
}

/* Whether a code point shows nothing of itself: controls, format characters, blanks of any kind. */
bool text_is_invisible(uint32_t code);

/* Columns that a code point takes on a terminal: 0, 1 or 2. */
int text_width(uint32_t code);

/* How a cluster looks on a terminal. */
struct text_shape {
	int columns; /* the most that any terminal takes for it */
	bool sure;   /* every terminal takes just as many */
	bool joins;  /* not sure, but only because it may be joined with the letter after it */
};

/*
 * The grapheme cluster (UAX #29, extended) at s (len > 0), which is what a cursor moves over or
 * erases at once: returns its length in bytes and puts how it looks into *result.
 */
size_t text_shape(const char *s, size_t len, struct text_shape *result);

/* The same, with the columns only (may be NULL). */
size_t text_cluster(const char *s, size_t len, int *columns);

/* The columns of a whole string, cluster by cluster. */
size_t text_columns(const char *s, size_t len);

/* Compares without regard to ASCII case, as nicks and command words are: <0, 0, >0. */
int text_compare(const char *a, size_t a_len, const char *b, size_t b_len);

/*
 * A decimal number of digits only, no sign, no blanks: false if there is anything else, nothing,
 * or more than max.
 */
bool text_number(const char *s, size_t len, uint64_t max, uint64_t *number);

/* Bytes as two small hexadecimal digits each, from s: false if anything else stands there. */
bool text_hex(uint8_t *bytes, size_t count, const char *s);

/* Writes a number, at most TEXT_DIGITS_MAX bytes without a NUL; returns its length. */
size_t text_put_number(char *out, uint64_t number);

#endif
