/*
 * Unicode normalization (UAX #15), case folding and marks.
 *
 * Text is taken through these as a row of code points: unicode_read(), then what is wanted, then
 * unicode_write(). The rows are the caller's, and no function keeps one.
 */
#ifndef PROTO_UNICODE_H
#define PROTO_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	UNICODE_TEXT_MAX = 256,    /* code points in a row */
	UNICODE_CANONICAL_MAX = 4, /* that one decomposes to, at most */
	UNICODE_FOLDED_MAX = 3,    /* that one folds to, at most */
};

/* A row of code points; is_cut if there were more than fit. */
struct unicode_text {
	size_t count;
	bool is_cut;
	uint32_t codes[UNICODE_TEXT_MAX];
};

/* The version of Unicode that names are compared by: "15.0.0". */
extern const char unicode_version[];

/* Reads UTF-8; a bad sequence becomes U+FFFD. */
void unicode_read(struct unicode_text *text, const char *s, size_t len);

/* Writes UTF-8, and how many bytes to *len; false if it needs more than room. */
bool unicode_write(const struct unicode_text *text, char *out, size_t room, size_t *len);

/* Adds a code point, or notes that there is no place for it. */
void unicode_append(struct unicode_text *text, uint32_t code);

/* Writes to what from is in NFD. They must not be the same. */
void unicode_decompose(struct unicode_text *to, const struct unicode_text *from);

/* Makes NFC of NFD. */
void unicode_compose(struct unicode_text *text);

/* Writes to what from is in full case folding (not for Turkic). They must not be the same. */
void unicode_fold(struct unicode_text *to, const struct unicode_text *from);

/* Writes what a code point folds to and returns how many code points that is: 1 to 3. */
size_t unicode_fold_code(uint32_t code, uint32_t out[UNICODE_FOLDED_MAX]);

/* The letter without its marks, by canonical decomposition: e for é, itself if it has none. */
uint32_t unicode_base(uint32_t code);

/* Whether it joins the character before it: general category M. */
bool unicode_is_mark(uint32_t code);

/*
 * How many bytes of s are word, without regard to case, and to marks unless with_marks: 0 if s does
 * not begin with it. Marks that follow are counted in. Both should be in the same form, NFC or NFD.
 */
size_t unicode_match(const char *s, size_t s_len, const char *word, size_t word_len,
	bool with_marks);

#endif
