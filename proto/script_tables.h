/*
 * The scripts of code points, for script.c only; the tables are written by unicode.py.
 */
#ifndef PROTO_SCRIPT_TABLES_H
#define PROTO_SCRIPT_TABLES_H

#include <stddef.h>
#include <stdint.h>

enum { SCRIPT_WORDS = 3 };

/* A bit for each script; the first ones are named below. */
struct script_set {
	uint64_t words[SCRIPT_WORDS];
};

#define SCRIPT_LATIN (UINT64_C(1) << 0)
#define SCRIPT_HAN_WITH_BOPOMOFO (UINT64_C(1) << 1)
#define SCRIPT_JAPANESE (UINT64_C(1) << 2)
#define SCRIPT_KOREAN (UINT64_C(1) << 3)

/* The first is that of code points that are not assigned. */
extern const struct script_set script_sets[];

/* code << 10 | set: from this code on, up to the next, the set is this. */
extern const uint32_t script_starts[];
extern const size_t script_start_count;

#endif
