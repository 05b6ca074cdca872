/*
 * The handshake that makes a WebSocket of an HTTP connection (RFC 6455, 4.2).
 */
#ifndef SERVER_CORE_WIRE_WEBSOCKET_HANDSHAKE_H
#define SERVER_CORE_WIRE_WEBSOCKET_HANDSHAKE_H

#include <stddef.h>

#include "proto/slice.h"
#include "server/core/wire/http.h"

enum websocket_handshake {
	WEBSOCKET_HANDSHAKE_GOOD,
	WEBSOCKET_HANDSHAKE_ABSENT,      /* a plain request for the WebSocket's path */
	WEBSOCKET_HANDSHAKE_NO_UPGRADE,  /* a key alone: a front end has taken the rest away */
	WEBSOCKET_HANDSHAKE_BAD_VERSION, /* not 13, or none */
	WEBSOCKET_HANDSHAKE_BAD_KEY,     /* none, or not base64 of 16 bytes */
	WEBSOCKET_HANDSHAKES,
};

/* What a GET request asks for. Its Origin and Host are the caller's to check. */
enum websocket_handshake websocket_handshake_check(const struct http_request *r);

/* The status with which one that is not good is answered, and the line that says why. */
enum http_status websocket_handshake_status(enum websocket_handshake handshake);
const char *websocket_handshake_reason(enum websocket_handshake handshake);

enum {
	WEBSOCKET_ACCEPT_LEN = 28, /* characters */
	WEBSOCKET_HANDSHAKE_MAX = 160,
};

/* The Sec-WebSocket-Accept for a key. */
void websocket_accept(char out[WEBSOCKET_ACCEPT_LEN], struct slice key);

/* Writes the answer to a good handshake, status 101; returns its length. Frames follow it. */
size_t websocket_put_handshake(char out[WEBSOCKET_HANDSHAKE_MAX], const struct http_request *r);

#endif
