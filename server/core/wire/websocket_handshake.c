/*
 * The WebSocket handshake. The answer is four lines and nothing else: one browser or another
 * gives up at an extension or a protocol that it did not ask for, or at an interim answer.
 *
 * RFC 6455, 4.2, https://www.rfc-editor.org/rfc/rfc6455#section-4.2
 */
#include "server/core/wire/websocket_handshake.h"

#include <stdio.h>
#include <string.h>

#include "server/core/base/base64.h"
#include "server/core/base/sha1.h"

enum { KEY_BYTES = 16, KEY_LEN = BASE64_LENGTH(KEY_BYTES) };

static bool is_good_key(struct slice key)
{
	uint8_t bytes[KEY_LEN];
	size_t len;

	return key.len == KEY_LEN && base64_decode(bytes, &len, key.bytes, key.len) &&
		len == KEY_BYTES;
}

enum websocket_handshake websocket_handshake_check(const struct http_request *r)
{
	struct slice key = r->single[HTTP_WEBSOCKET_KEY];
	struct slice version = r->single[HTTP_WEBSOCKET_VERSION];

	/* HTTP/1.0 knows no upgrade (RFC 9110, 7.8). */
	if (r->is_http_1_0 || !http_has_token(r->fields, HTTP_UPGRADE, "websocket") ||
		!http_has_token(r->fields, HTTP_CONNECTION, "upgrade"))
		return key.bytes != NULL ? WEBSOCKET_HANDSHAKE_NO_UPGRADE :
			WEBSOCKET_HANDSHAKE_ABSENT;
	if (version.len != 2 || memcmp(version.bytes, "13", 2) != 0)
		return WEBSOCKET_HANDSHAKE_BAD_VERSION;
	return is_good_key(key) ? WEBSOCKET_HANDSHAKE_GOOD : WEBSOCKET_HANDSHAKE_BAD_KEY;
}

enum http_status websocket_handshake_status(enum websocket_handshake handshake)
{
	return handshake == WEBSOCKET_HANDSHAKE_BAD_KEY ? HTTP_BAD_REQUEST : HTTP_UPGRADE_REQUIRED;
}

const char *websocket_handshake_reason(enum websocket_handshake handshake)
{
	static const char *const reasons[WEBSOCKET_HANDSHAKES] = {
		[WEBSOCKET_HANDSHAKE_GOOD] = "",
		[WEBSOCKET_HANDSHAKE_ABSENT] = "this is a WebSocket: connect with ws:// or wss://",
		[WEBSOCKET_HANDSHAKE_NO_UPGRADE] = ("the request came without Upgrade: websocket "
			"and Connection: upgrade: a front end has to pass them on"),
		[WEBSOCKET_HANDSHAKE_BAD_VERSION] = "WebSocket version 13 is spoken here",
		[WEBSOCKET_HANDSHAKE_BAD_KEY] = "Sec-WebSocket-Key is not 16 bytes in base64",
	};

	return reasons[handshake];
}

void websocket_accept(char out[WEBSOCKET_ACCEPT_LEN], struct slice key)
{
	static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
	char text[KEY_LEN + sizeof(guid) - 1];
	uint8_t digest[SHA1_SIZE];

	memcpy(text, key.bytes, KEY_LEN);
	memcpy(text + KEY_LEN, guid, sizeof(guid) - 1);
	sha1(digest, text, sizeof(text));
	base64_encode(out, digest, sizeof(digest));
}

size_t websocket_put_handshake(char out[WEBSOCKET_HANDSHAKE_MAX], const struct http_request *r)
{
	char accept[WEBSOCKET_ACCEPT_LEN];

	websocket_accept(accept, r->single[HTTP_WEBSOCKET_KEY]);
	return (size_t)snprintf(out, WEBSOCKET_HANDSHAKE_MAX,
		"HTTP/1.1 101 Switching Protocols\r\n"
		"Upgrade: websocket\r\n"
		"Connection: Upgrade\r\n"
		"Sec-WebSocket-Accept: %.*s\r\n"
		"\r\n",
		WEBSOCKET_ACCEPT_LEN, accept);
}
