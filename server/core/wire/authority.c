/*
 * A host and perhaps a port. Nothing that could be read as two hosts, or as a host with a user's
 * name before it, is taken for one: a front end may have read it the other way.
 *
 * RFC 3986, 3.2, https://www.rfc-editor.org/rfc/rfc3986#section-3.2
 */
#include "server/core/wire/authority.h"

#include <string.h>

#include "proto/text.h"
#include "server/core/base/address.h"

/* Less than RFC 3986 lets a name hold: nothing that separates or stands for anything elsewhere. */
static bool is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		(c != '\0' && strchr("-._~%", c) != NULL);
}

static bool is_name(struct slice host)
{
	for (size_t i = 0; i < host.len; i++)
		if (!is_name_byte(host.bytes[i]))
			return false;
	return host.len > 0;
}

static bool is_address(struct slice host, bool bracketed)
{
	struct prefix prefix;

	return host.len > 0 && memchr(host.bytes, '/', host.len) == NULL &&
		(memchr(host.bytes, ':', host.len) != NULL) == bracketed &&
		prefix_parse(&prefix, host.bytes, host.len);
}

/* The part after the host: nothing, or a colon and perhaps digits. */
static bool parse_port(struct authority *a, struct slice rest)
{
	uint64_t port;

	if (rest.len == 0)
		return true;
	if (rest.bytes[0] != ':')
		return false;
	if (rest.len == 1)
		return true;
	if (!text_number(rest.bytes + 1, rest.len - 1, UINT16_MAX, &port))
		return false;
	a->has_port = true;
	a->port = (uint16_t)port;
	return true;
}

bool authority_parse(struct authority *a, struct slice text)
{
	bool bracketed = text.len > 0 && text.bytes[0] == '[';
	const char *stop;

	if (text.len == 0)
		return false;
	stop = memchr(text.bytes, bracketed ? ']' : ':', text.len);
	if (stop == NULL && bracketed)
		return false;
	if (stop == NULL)
		stop = text.bytes + text.len;
	*a = (struct authority){ .host.bytes = text.bytes + bracketed };
	a->host.len = (size_t)(stop - a->host.bytes);
	a->is_address = is_address(a->host, bracketed);
	stop += bracketed;
	text.len -= (size_t)(stop - text.bytes);
	return (bracketed ? a->is_address : is_name(a->host)) &&
		parse_port(a, (struct slice){ stop, text.len });
}

bool authority_same_host(const struct authority *a, const struct authority *b)
{
	return text_compare(a->host.bytes, a->host.len, b->host.bytes, b->host.len) == 0;
}
