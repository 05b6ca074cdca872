/*
 * Compressed bytes, unpacked.
 */
#ifndef SERVER_CORE_BASE_INFLATE_H
#define SERVER_CORE_BASE_INFLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/slice.h"

/*
 * Unpacks a deflate stream (RFC 1951) to out, which has len bytes. True if the stream is whole and
 * unpacks to exactly that; else out holds rubbish. Bytes after the stream are not looked at.
 */
bool inflate(struct slice packed, char *out, size_t len);

/*
 * The same for a gzip file (RFC 1952) of one member without optional fields. Its checksum is not
 * compared.
 */
bool inflate_gzip(struct slice packed, char *out, size_t len);

#endif
