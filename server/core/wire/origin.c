/*
 * Origins. A browser says which page opens a WebSocket and lets any page do so: the Origin is all
 * that keeps a stranger's page from talking as its reader. An origin that can't be parsed matches
 * nothing.
 *
 * RFC 6454, 7, https://www.rfc-editor.org/rfc/rfc6454#section-7; RFC 6455, 10.2
 */
#include "server/core/wire/origin.h"

#include <string.h>

#include "proto/text.h"

struct origin {
	struct slice scheme;
	struct authority authority; /* its port is the scheme's where none is named */
};

static bool is_word(struct slice s, const char *word)
{
	return text_compare(s.bytes, s.len, word, strlen(word)) == 0;
}

static void set_default_port(struct origin *o)
{
	static const struct {
		const char *scheme;
		uint16_t port;
	} defaults[] = { { "http", 80 }, { "https", 443 }, { "ws", 80 }, { "wss", 443 } };

	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
		if (!o->authority.has_port && is_word(o->scheme, defaults[i].scheme)) {
			o->authority.has_port = true;
			o->authority.port = defaults[i].port;
		}
}

/* "scheme://host[:port]", without anything after it. */
static bool parse(struct origin *o, struct slice text)
{
	const char *colon = text.len > 0 ? memchr(text.bytes, ':', text.len) : NULL;

	if (colon == NULL || colon == text.bytes)
		return false;
	o->scheme = (struct slice){ text.bytes, (size_t)(colon - text.bytes) };
	struct slice rest = { colon, text.len - o->scheme.len };

	if (rest.len < 3 || memcmp(rest.bytes, "://", 3) != 0 ||
		!authority_parse(&o->authority, (struct slice){ rest.bytes + 3, rest.len - 3 }))
		return false;
	set_default_port(o);
	return true;
}

static bool same_port(const struct authority *a, const struct authority *b)
{
	return a->has_port == b->has_port && (!a->has_port || a->port == b->port);
}

static bool is_from_host(const struct origin *o, const struct authority *host)
{
	return authority_same_host(&o->authority, host) &&
		(!host->has_port || same_port(&o->authority, host));
}

static bool same_origin(const struct origin *a, const struct origin *b)
{
	return text_compare(a->scheme.bytes, a->scheme.len, b->scheme.bytes, b->scheme.len) == 0 &&
		authority_same_host(&a->authority, &b->authority) &&
		same_port(&a->authority, &b->authority);
}

bool origin_is_allowed(struct slice origin, const struct authority *host,
	const struct origin_list *list)
{
	struct origin from, listed;
	bool parsed = parse(&from, origin), is_null = is_word(origin, "null");

	if (parsed && host != NULL && is_from_host(&from, host))
		return true;
	for (size_t i = 0; i < list->count; i++) {
		if (is_word(list->items[i], "*") && !is_null)
			return true;
		if (is_word(list->items[i], "null") && is_null)
			return true;
		if (parsed && parse(&listed, list->items[i]) && same_origin(&from, &listed))
			return true;
	}
	return false;
}

bool origin_is_valid(struct slice word)
{
	struct origin o;

	return is_word(word, "*") || is_word(word, "null") || parse(&o, word);
}

static bool is_below_localhost(struct slice host)
{
	static const char suffix[] = ".localhost";
	size_t len = sizeof(suffix) - 1;

	return host.len > len &&
		text_compare(host.bytes + host.len - len, len, suffix, len) == 0;
}

bool origin_is_local_host(const struct authority *host, const struct origin_list *list)
{
	struct authority listed;

	if (host->is_address || is_word(host->host, "localhost") ||
		is_below_localhost(host->host))
		return true;
	for (size_t i = 0; i < list->count; i++)
		if (authority_parse(&listed, list->items[i]) && authority_same_host(&listed, host))
			return true;
	return false;
}
