/*
 * What is known of each code point that is not an ordinary one of one column, and on which of
 * them terminals agree. For width.c only; the tables are written by width.py.
 */
#ifndef PROTO_WIDTH_H
#define PROTO_WIDTH_H

#include <stddef.h>
#include <stdint.h>

/* The classes of Grapheme_Cluster_Break (UAX #29), with what GB9c and GB11 need beside them. */
enum cluster_break {
	CB_OTHER,
	CB_CONTROL,
	CB_EXTEND,
	CB_ZWJ,
	CB_SPACING, /* SpacingMark */
	CB_PREPEND,
	CB_CONSONANT, /* of an Indic conjunct */
	CB_LINKER,    /* EXTEND that joins two consonants to one conjunct */
	CB_PICTOGRAPH,
	CB_REGIONAL, /* Regional_Indicator */
	CB_L,        /* Hangul: leading consonants, vowels, trailing consonants */
	CB_V,
	CB_T,
	CB_SYLLABLE, /* only in the table: LV or LVT */
	CB_LV,
	CB_LVT,
};

struct width_range {
	uint32_t first : 24;
	uint32_t last : 24;
	uint32_t kind : 8; /* enum cluster_break */
	uint32_t columns : 8;
};

/*
 * In the order of their code points. Any that is in none of them is CB_OTHER and one column wide.
 */
extern const struct width_range width_ranges[];
extern const size_t width_range_count;

struct code_range {
	uint32_t first, last;
};

/* In order: as wide on every terminal as width_ranges says, alone or as a mark on a letter. */
extern const struct code_range width_sure[];
extern const size_t width_sure_count;

/* In order: one column in width_ranges, but a terminal may take two. */
extern const struct code_range width_may_be_wide[];
extern const size_t width_may_be_wide_count;

#endif
