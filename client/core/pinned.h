/*
 * --pinned: somebody whose nick was given to them stays who they are.
 */
#ifndef CLIENT_CORE_PINNED_H
#define CLIENT_CORE_PINNED_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether a line that is safe text may be said: it is not a command, or one that is known to change
 * nobody's name.
 */
bool pinned_allows(const char *line, size_t len);

#endif
