/*
 * SHA-1, which RFC 6455 asks of a WebSocket handshake. It guards no secret.
 */
#ifndef SERVER_CORE_BASE_SHA1_H
#define SERVER_CORE_BASE_SHA1_H

#include <stddef.h>
#include <stdint.h>

enum { SHA1_SIZE = 20 }; /* bytes of a digest */

/* Writes the digest of len bytes to out (FIPS 180-4, 6.1). bytes may be NULL if len is 0. */
void sha1(uint8_t out[SHA1_SIZE], const void *bytes, size_t len);

#endif
