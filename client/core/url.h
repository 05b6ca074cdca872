/*
 * URLs in a text (RFC 3986): where one begins and ends.
 */
#ifndef CLIENT_CORE_URL_H
#define CLIENT_CORE_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "client/core/piece.h"

/* What a link may have: longer ones are not marked as links. */
enum { URL_MAX = 2048 };

/*
 * The first URL of a text: http, https, of printable ASCII. Punctuation that ends a sentence is not
 * part of it, nor is a bracket that was opened before it. False: there is none.
 */
bool url_find(struct piece text, struct piece *url);

/*
 * Whether a terminal may wrap it: from a column on, in rows of a width. It may not if one of them
 * could be taken for a line of somebody else's.
 */
bool url_may_wrap(struct piece url, size_t column, size_t width);

#endif
