/*
 * SHA-256: keeps a key without keeping the key.
 */
#ifndef SERVER_CORE_BASE_SHA256_H
#define SERVER_CORE_BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { SHA256_SIZE = 32 }; /* bytes of a digest */

/* Writes the digest of len bytes to out (FIPS 180-4, 6.2). bytes may be NULL if len is 0. */
void sha256(uint8_t out[SHA256_SIZE], const void *bytes, size_t len);

#endif
