/*
 * SHA-1: the function of a block, and where it begins.
 *
 * FIPS 180-4, https://csrc.nist.gov/pubs/fips/180-4/upd1/final; RFC 3174,
 * https://www.rfc-editor.org/rfc/rfc3174
 */
#include "server/core/base/sha1.h"

#include <string.h>

#include "server/core/base/sha_blocks.h"

enum { WORDS = 5, ROUNDS = 80 };

static uint32_t rotate(uint32_t x, unsigned n)
{
	return x << n | x >> (32 - n);
}

/* The function and the constant of a round (4.1.1 and 4.2.1), as one sum. */
static uint32_t mix(int round, uint32_t b, uint32_t c, uint32_t d)
{
	if (round < 20)
		return ((b & c) ^ (~b & d)) + 0x5a827999;
	if (round < 40)
		return (b ^ c ^ d) + 0x6ed9eba1;
	if (round < 60)
		return ((b & c) ^ (b & d) ^ (c & d)) + 0x8f1bbcdc;
	return (b ^ c ^ d) + 0xca62c1d6;
}

static void add_block(uint32_t *state, const uint32_t block[SHA_WORDS])
{
	uint32_t w[ROUNDS];
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];

	memcpy(w, block, SHA_BLOCK);
	for (int t = SHA_WORDS; t < ROUNDS; t++)
		w[t] = rotate(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
	for (int t = 0; t < ROUNDS; t++) {
		uint32_t next = rotate(a, 5) + mix(t, b, c, d) + e + w[t];

		e = d;
		d = c;
		c = rotate(b, 30);
		b = a;
		a = next;
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
	state[4] += e;
}

void sha1(uint8_t out[SHA1_SIZE], const void *bytes, size_t len)
{
	uint32_t state[WORDS] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 };
	const struct sha sha = { add_block, state, WORDS };

	sha_hash(&sha, out, bytes, len);
}
