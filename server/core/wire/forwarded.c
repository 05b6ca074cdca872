/*
 * X-Forwarded-For. Each front end appends the address of its own peer, over one line or several:
 * what the last one that is not trusted was given may be forged, what it is called is not. The
 * last address of all that is not trusted is therefore the one.
 *
 * No standard; the practice that RFC 7239, https://www.rfc-editor.org/rfc/rfc7239, describes.
 */
#include "server/core/wire/forwarded.h"

#include <string.h>

#include "server/core/wire/authority.h"
#include "server/core/wire/http_field.h"

static bool parse_address(struct address *a, struct slice text)
{
	struct authority authority;
	struct prefix prefix;

	/* IPv4 or "[V6]", either with a port; else IPv6 by itself. */
	if (authority_parse(&authority, text))
		text = authority.host;
	if (memchr(text.bytes, '/', text.len) != NULL ||
		!prefix_parse(&prefix, text.bytes, text.len))
		return false;
	*a = (struct address){ .family = prefix.family };
	memcpy(a->bytes, prefix.bytes, sizeof(a->bytes));
	return true;
}

static bool is_trusted(const struct address *a, const struct prefix *trusted, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (prefix_covers(&trusted[i], a))
			return true;
	return false;
}

enum forwarded_status forwarded_parse(struct address *from, struct slice fields,
	const struct prefix *trusted, size_t count)
{
	enum forwarded_status status = FORWARDED_NONE;
	struct http_list list = { 0 };
	struct slice word;
	struct address a;

	while (http_next_element(fields, HTTP_FORWARDED_FOR, &list, &word)) {
		if (!parse_address(&a, word)) {
			status = FORWARDED_BAD;
		} else if (!is_trusted(&a, trusted, count)) {
			status = FORWARDED_FROM;
			*from = a;
		}
	}
	return status;
}
