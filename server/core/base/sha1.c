/*
 * SHA-1. The message is in memory as a whole: all its full blocks are hashed where they lie, and
 * only the rest is copied to be padded.
 *
 * FIPS 180-4, https://csrc.nist.gov/pubs/fips/180-4/upd1/final; RFC 3174,
 * https://www.rfc-editor.org/rfc/rfc3174
 */
#include "server/core/base/sha1.h"

#include <string.h>

enum { BLOCK = 64, LENGTH = 8, WORDS = 5, ROUNDS = 80 };

static uint32_t rotate(uint32_t x, unsigned n)
{
	return x << n | x >> (32 - n);
}

static uint32_t get_32(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
		bytes[3];
}

static void put_32(uint8_t *out, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		out[i] = (uint8_t)(value >> (24 - 8 * i));
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

static void hash_block(uint32_t state[WORDS], const uint8_t *block)
{
	uint32_t w[ROUNDS];
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];

	for (int t = 0; t < 16; t++)
		w[t] = get_32(block + 4 * t);
	for (int t = 16; t < ROUNDS; t++)
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

/* The rest of a message, less than a block, with its padding (5.1.1): one block or two. */
static void hash_rest(uint32_t state[WORDS], const uint8_t *rest, size_t rest_len, uint64_t len)
{
	uint8_t blocks[2 * BLOCK] = { 0 };
	size_t size = rest_len + 1 + LENGTH <= BLOCK ? BLOCK : 2 * BLOCK;

	if (rest_len > 0)
		memcpy(blocks, rest, rest_len);
	blocks[rest_len] = 0x80;
	put_32(blocks + size - LENGTH, (uint32_t)(len >> 29));
	put_32(blocks + size - LENGTH / 2, (uint32_t)(len << 3));
	for (size_t at = 0; at < size; at += BLOCK)
		hash_block(state, blocks + at);
}

void sha1(uint8_t out[SHA1_SIZE], const void *bytes, size_t len)
{
	uint32_t state[WORDS] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 };
	const uint8_t *at = bytes;
	size_t left = len;

	for (; left >= BLOCK; left -= BLOCK, at += BLOCK)
		hash_block(state, at);
	hash_rest(state, at, left, len);
	for (int i = 0; i < WORDS; i++)
		put_32(out + 4 * i, state[i]);
}
