/*
 * Comparing secrets (secret.h). The rule: the time it takes depends on the guess alone.
 */
#include "server/core/base/secret.h"

bool secret_equal(const char *secret, size_t secret_len, const char *guess, size_t guess_len)
{
	volatile unsigned char difference = secret_len != guess_len;

	/* As many steps as the guess is long: its length is no secret to the one who guesses. */
	for (size_t i = 0; i < guess_len; i++) {
		char expected = secret_len > 0 ? secret[i % secret_len] : 0;

		difference |= (unsigned char)(guess[i] ^ expected);
	}
	return difference == 0;
}
