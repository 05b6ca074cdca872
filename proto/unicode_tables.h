/*
 * What is known of code points, for unicode.c only; the tables are written by unicode.py.
 */
#ifndef PROTO_UNICODE_TABLES_H
#define PROTO_UNICODE_TABLES_H

#include <stddef.h>
#include <stdint.h>

#include "proto/unicode.h"

/*
 * Canonical decompositions, code << 42 | first << 21 | second in the order of the codes: second is
 * 0 where there is only one. Those of Hangul are computed.
 */
extern const uint64_t unicode_canonical[];
extern const size_t unicode_canonical_count;

/* Those that composition undoes, as indices of unicode_canonical in the order of first, second. */
extern const uint16_t unicode_composed[];
extern const size_t unicode_composed_count;

/* code << 8 | class: from this code on, up to the next, the combining class is this. */
extern const uint32_t unicode_class_starts[];
extern const size_t unicode_class_start_count;

/* Where marks (general category M) begin and end, by turns. */
extern const uint32_t unicode_mark_edges[];
extern const size_t unicode_mark_edge_count;

/* Every stride-th code point from first to last folds to itself plus delta. */
struct unicode_fold_run {
	uint32_t first : 24;
	uint32_t last : 24;
	uint32_t stride : 8;
	int32_t delta;
};
extern const struct unicode_fold_run unicode_fold_runs[];
extern const size_t unicode_fold_run_count;

/* One that folds to two or three; 0 ends them. */
struct unicode_fold_full {
	uint32_t code;
	uint32_t to[3];
};
extern const struct unicode_fold_full unicode_fold_fulls[];
extern const size_t unicode_fold_full_count;

#endif
