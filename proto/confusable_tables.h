/*
 * What code points look like, for confusable.c only; the tables are written by unicode.py.
 */
#ifndef PROTO_CONFUSABLE_TABLES_H
#define PROTO_CONFUSABLE_TABLES_H

#include <stddef.h>
#include <stdint.h>

/*
 * The code points that have the same bits above the lowest eight: where they begin in the two
 * tables below. The last block has none, and tells where the one before it ends.
 */
struct confusable_block {
	uint16_t high;
	uint16_t start;
};
extern const struct confusable_block confusable_blocks[];
extern const size_t confusable_block_count;

/* The lowest eight bits, and where the look begins in confusable_text. */
extern const uint8_t confusable_codes[];
extern const uint16_t confusable_looks[];

/* Code points in UTF-8; each look ends with a NUL. */
extern const char confusable_text[];

#endif
