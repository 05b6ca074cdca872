/*
 * Tells servers by how they begin. The rule: only what no chat would ever begin with is taken for
 * another protocol. A TLS server begins with a record that is an alert or a handshake (RFC 8446,
 * section 5.1, https://www.rfc-editor.org/rfc/rfc8446), an ssh server with its version (RFC 4253,
 * section 4.2), one of mail or FTP with the code 220 (RFC 5321, RFC 959).
 */
#include "client/core/greeting.h"

#include <string.h>

enum { CHATD_BEGIN = 4 };

static const struct alien {
	const char *begin;
	const char *what;
} aliens[] = {
	{ "HTTP/", "this is a web server: open it in a browser" },
	{ "<!DOCTYPE", "this is a web server: open it in a browser" },
	{ "<html", "this is a web server: open it in a browser" },
	{ "SSH-", "this is an ssh server: go to the chatd of that machine with ssh:HOST" },
	{ "\x15\x03", "this server speaks TLS: go there with tls:HOST:PORT" },
	{ "\x16\x03", "this server speaks TLS: go there with tls:HOST:PORT" },
	{ "220 ", "this is a server of mail or files" },
	{ "220-", "this is a server of mail or files" },
};

bool greeting_is_chatd(struct piece begin, bool *decided)
{
	static const char *const begins[] = { "=== ", "!!! " };
	size_t len = begin.len < CHATD_BEGIN ? begin.len : CHATD_BEGIN;

	for (size_t i = 0; i < sizeof(begins) / sizeof(*begins); i++) {
		if (memcmp(begin.s, begins[i], len) != 0)
			continue;
		*decided = len == CHATD_BEGIN;
		return true;
	}
	*decided = true;
	return false;
}

const char *greeting_find_alien(struct piece begin)
{
	for (size_t i = 0; i < sizeof(aliens) / sizeof(*aliens); i++)
		if (piece_begins(begin, aliens[i].begin))
			return aliens[i].what;
	return NULL;
}
