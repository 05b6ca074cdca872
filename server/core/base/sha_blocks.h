/*
 * What SHA-1 and SHA-256 share: a message cut into blocks of 64 bytes, and its padding.
 */
#ifndef SERVER_CORE_BASE_SHA_BLOCKS_H
#define SERVER_CORE_BASE_SHA_BLOCKS_H

#include <stddef.h>
#include <stdint.h>

enum { SHA_BLOCK = 64, SHA_WORDS = SHA_BLOCK / 4 };

/* Adds one block, as big-endian words, to the state of a hash. */
typedef void sha_add_block(uint32_t *state, const uint32_t block[SHA_WORDS]);

struct sha {
	sha_add_block *add_block;
	uint32_t *state; /* begins as the hash defines it */
	size_t words;    /* of the state, and of the digest */
};

/* Writes the digest of a whole message, len bytes. bytes may be NULL if len is 0. */
void sha_hash(const struct sha *sha, uint8_t *digest, const void *bytes, size_t len);

#endif
