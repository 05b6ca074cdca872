/*
 * Fields of an HTTP request. The lines are those of a head that http.c let pass: each is a name, a
 * colon, a value and CR LF.
 *
 * RFC 9110, 5, https://www.rfc-editor.org/rfc/rfc9110#section-5
 */
#include "server/core/wire/http_field.h"

#include <string.h>

#include "proto/text.h"

static const char *const names[HTTP_UNKNOWN_FIELD] = {
	[HTTP_HOST] = "host",
	[HTTP_ORIGIN] = "origin",
	[HTTP_WEBSOCKET_KEY] = "sec-websocket-key",
	[HTTP_WEBSOCKET_VERSION] = "sec-websocket-version",
	[HTTP_AUTHORIZATION] = "authorization",
	[HTTP_CONTENT_TYPE] = "content-type",
	[HTTP_CONTENT_LENGTH] = "content-length",
	[HTTP_CONNECTION] = "connection",
	[HTTP_UPGRADE] = "upgrade",
	[HTTP_ACCEPT_ENCODING] = "accept-encoding",
	[HTTP_TRANSFER_ENCODING] = "transfer-encoding",
	[HTTP_FORWARDED_FOR] = "x-forwarded-for",
};

static bool is_word(struct slice s, const char *word)
{
	return text_compare(s.bytes, s.len, word, strlen(word)) == 0;
}

/* Takes what comes before a separator, trimmed, and the separator itself, from *rest. */
static struct slice take_until(struct slice *rest, char separator)
{
	const char *stop = rest->len > 0 ? memchr(rest->bytes, separator, rest->len) : NULL;
	struct slice taken = *rest;

	if (stop == NULL) {
		rest->len = 0;
		return slice_trim(taken);
	}
	taken.len = (size_t)(stop - taken.bytes);
	rest->bytes += taken.len + 1;
	rest->len -= taken.len + 1;
	return slice_trim(taken);
}

static enum http_field field_of(struct slice name)
{
	enum http_field field = 0;

	while (field < HTTP_UNKNOWN_FIELD && !is_word(name, names[field]))
		field++;
	return field;
}

bool http_next_field(struct slice lines, size_t *at, enum http_field *field, struct slice *value)
{
	struct slice line = { lines.bytes + *at, lines.len - *at };
	const char *lf = line.len > 0 ? memchr(line.bytes, '\n', line.len) : NULL;

	if (lf == NULL)
		return false;
	*at += (size_t)(lf + 1 - line.bytes);
	line.len = (size_t)(lf - 1 - line.bytes);
	*field = field_of(take_until(&line, ':'));
	*value = slice_trim(line);
	return true;
}

bool http_next_element(struct slice lines, enum http_field field, struct http_list *list,
	struct slice *element)
{
	enum http_field found;

	do {
		while (list->rest.len > 0) {
			*element = take_until(&list->rest, ',');
			if (element->len > 0)
				return true;
		}
		do {
			if (!http_next_field(lines, &list->line, &found, &list->rest))
				return false;
		} while (found != field);
	} while (true);
}

bool http_has_token(struct slice lines, enum http_field field, const char *token)
{
	struct http_list list = { 0 };
	struct slice element;

	while (http_next_element(lines, field, &list, &element))
		if (is_word(element, token))
			return true;
	return false;
}

/* Whether a weight, "q=0.5", is more than nothing; an element without one has all of it. */
static bool is_wanted(struct slice parameters)
{
	struct slice name = take_until(&parameters, '=');

	if (name.len == 0)
		return true;
	parameters = slice_trim(parameters);
	if (!is_word(name, "q") || parameters.len == 0)
		return false;
	if (parameters.bytes[0] == '1')
		return true;
	for (size_t i = 0; i < parameters.len; i++)
		if (parameters.bytes[i] >= '1' && parameters.bytes[i] <= '9')
			return parameters.bytes[0] == '0';
	return false;
}

bool http_accepts_gzip(struct slice lines)
{
	struct http_list list = { 0 };
	struct slice element;
	bool any = false;

	while (http_next_element(lines, HTTP_ACCEPT_ENCODING, &list, &element)) {
		struct slice coding = take_until(&element, ';');

		if (is_word(coding, "gzip") || is_word(coding, "x-gzip"))
			return is_wanted(element);
		if (is_word(coding, "*"))
			any = is_wanted(element);
	}
	return any;
}

static bool is_charset_of_ours(struct slice value)
{
	if (value.len > 1 && value.bytes[0] == '"' && value.bytes[value.len - 1] == '"')
		value = (struct slice){ value.bytes + 1, value.len - 2 };
	return is_word(value, "utf-8") || is_word(value, "us-ascii");
}

bool http_is_plain_text(struct slice value)
{
	if (!is_word(take_until(&value, ';'), "text/plain"))
		return false;
	while (value.len > 0) {
		struct slice parameter = take_until(&value, ';');

		if (is_word(take_until(&parameter, '='), "charset") &&
			!is_charset_of_ours(parameter))
			return false;
	}
	return true;
}

bool http_bearer(struct slice value, struct slice *token)
{
	if (!is_word(take_until(&value, ' '), "bearer"))
		return false;
	*token = slice_trim(value);
	return token->len > 0;
}
