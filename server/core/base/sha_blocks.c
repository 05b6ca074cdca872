/*
 * The blocks of a message (sha_blocks.h). It is in memory as a whole: full blocks are read where
 * they lie, and only the rest is copied to be padded (5.1.1).
 *
 * FIPS 180-4, https://csrc.nist.gov/pubs/fips/180-4/upd1/final
 */
#include "server/core/base/sha_blocks.h"

#include <string.h>

enum { LENGTH = 8 };

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

static void add_block(const struct sha *sha, const uint8_t *bytes)
{
	uint32_t block[SHA_WORDS];

	for (int i = 0; i < SHA_WORDS; i++)
		block[i] = get_32(bytes + 4 * i);
	sha->add_block(sha->state, block);
}

/* The rest, less than a block, of a message of len bytes: one block or two. */
static void add_rest(const struct sha *sha, const uint8_t *rest, uint64_t len)
{
	uint8_t blocks[2 * SHA_BLOCK] = { 0 };
	size_t rest_len = len % SHA_BLOCK;
	size_t size = rest_len + 1 + LENGTH <= SHA_BLOCK ? SHA_BLOCK : 2 * SHA_BLOCK;

	if (rest_len > 0)
		memcpy(blocks, rest, rest_len);
	blocks[rest_len] = 0x80;
	put_32(blocks + size - LENGTH, (uint32_t)(len >> 29));
	put_32(blocks + size - LENGTH / 2, (uint32_t)(len << 3));
	for (size_t at = 0; at < size; at += SHA_BLOCK)
		add_block(sha, blocks + at);
}

void sha_hash(const struct sha *sha, uint8_t *digest, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;

	for (size_t left = len; left >= SHA_BLOCK; left -= SHA_BLOCK, at += SHA_BLOCK)
		add_block(sha, at);
	add_rest(sha, at, len);
	for (size_t i = 0; i < sha->words; i++)
		put_32(digest + 4 * i, sha->state[i]);
}
