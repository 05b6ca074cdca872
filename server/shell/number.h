/*
 * Numbers as options have them: in decimal, and sizes with K or M.
 */
#ifndef SERVER_SHELL_NUMBER_H
#define SERVER_SHELL_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "server/shell/error.h"

enum {
	NUMBER_TEXT_MAX = 24,

	/* The most that some options take. */
	OPTION_LINES_MAX = 1000000, /* --rate, --burst, --replay */
	OPTION_FEED_MAX = 1024 * 1024 * 1024,
};

struct number_range {
	bool is_size;
	uint32_t min, max;
};

/* Writes a number, which is "64K" or "1M" where that is a size; returns out. */
const char *number_text(char out[NUMBER_TEXT_MAX], uint64_t number, bool is_size);

/* Reads one. label: what the error calls it. 0, or -1 with *error. */
int number_read(const struct number_range *range, const char *value, const char *label,
	uint64_t *number, struct error *error);

#endif
