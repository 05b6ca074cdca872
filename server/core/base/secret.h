/*
 * Comparing what must not be guessed.
 */
#ifndef SERVER_CORE_BASE_SECRET_H
#define SERVER_CORE_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

/* Whether a guess is the secret, in a time that tells nothing about the secret. */
bool secret_equal(const char *secret, size_t secret_len, const char *guess, size_t guess_len);

#endif
