/*
 * Whether bytes are UTF-8, wherever they are cut.
 */
#ifndef SERVER_CORE_BASE_UTF8_H
#define SERVER_CORE_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Which bytes may come next. All zero: a code point begins. */
struct utf8 {
	uint8_t need;      /* bytes of a code point that are still to come */
	uint8_t low, high; /* the range of the first of them */
};

/* Takes more bytes; false as soon as they can't be UTF-8 (RFC 3629), whatever follows. */
bool utf8_take(struct utf8 *u, const uint8_t *bytes, size_t len);

/* Whether they may end here. */
bool utf8_is_whole(const struct utf8 *u);

#endif
