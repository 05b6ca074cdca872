/*
 * Bytes that nobody can guess: tokens, keys, invitations.
 */
#ifndef SERVER_SHELL_RANDOM_H
#define SERVER_SHELL_RANDOM_H

#include <stddef.h>

#include "server/shell/error.h"

/*
 * Once, before random_fill(): finds a source. 0, or -1 with *error where the system has none; a
 * token that can be guessed lets somebody else in, so chatd must not start then.
 */
int random_open(struct error *error);

/* Fills a buffer. It cannot fail: if the system refuses later on, a generator goes on. */
void random_fill(void *buffer, size_t len);

#endif
