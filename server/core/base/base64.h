/*
 * Bytes as text: base64 for the WebSocket handshake, base32 for keys that people copy by hand.
 */
#ifndef SERVER_CORE_BASE_BASE64_H
#define SERVER_CORE_BASE_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The characters that len bytes take as base64, padding included. */
#define BASE64_LENGTH(len) (((len) + 2) / 3 * 4)

/* Writes BASE64_LENGTH(len) characters to out, no NUL (RFC 4648, 4); returns their number. */
size_t base64_encode(char *out, const uint8_t *bytes, size_t len);

/*
 * Decodes text of len characters, padding included, to out, which has room for len / 4 * 3 bytes.
 * False if it is not base64; *out_len is the number of bytes. Bits that pad the last character
 * are not looked at, as RFC 4648, 3.5 permits.
 */
bool base64_decode(uint8_t *out, size_t *out_len, const char *text, size_t len);

/*
 * Writes the first 5 * count bits of bytes as count characters of a-z and 2-7, no NUL (RFC 4648,
 * 6, in lower case, without padding). bytes has at least (5 * count + 7) / 8 of them.
 */
void base32_encode(char *out, size_t count, const uint8_t *bytes);

#endif
