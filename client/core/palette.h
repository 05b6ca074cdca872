/*
 * A colour for each person: the same one each time, legible on dark and on light backgrounds.
 */
#ifndef CLIENT_CORE_PALETTE_H
#define CLIENT_CORE_PALETTE_H

#include <stddef.h>

enum palette {
	PALETTE_NONE, /* no colours at all */
	PALETTE_8,    /* those that every terminal with colours has */
	PALETTE_256,
};

/* The parameters of the SGR sequence for a name; NULL without colours. */
const char *palette_of(enum palette palette, const char *who, size_t len);

/* Any other parameters, or NULL without colours. */
const char *palette_style(enum palette palette, const char *style);

#endif
