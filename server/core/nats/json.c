/*
 * JSON, looked at for single values (json.h). It is read once, from the front, and no further than
 * the value that is looked for, so a text need not be valid after that. Nothing is kept and nothing
 * recurses: however deep a value is nested, passing over it takes one bit a level.
 *
 * RFC 8259, https://www.rfc-editor.org/rfc/rfc8259
 */
#include "server/core/nats/json.h"

#include <string.h>

#include "proto/text.h"

enum { DEPTH_MAX = 64 }; /* levels of a value that is passed over */

/* What has not been read. */
struct reader {
	const char *at, *end;
};

static void pass_blanks(struct reader *r)
{
	while (r->at < r->end &&
		(*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r'))
		r->at++;
}

/* Passes over one character, and the blanks before and after it. */
static bool pass(struct reader *r, char c)
{
	pass_blanks(r);
	if (r->at == r->end || *r->at != c)
		return false;
	r->at++;
	pass_blanks(r);
	return true;
}

/* A string, from its first quote on; *inside is what stands between the quotes. */
static bool pass_string(struct reader *r, struct slice *inside)
{
	const char *begin = r->at + 1;

	if (r->at == r->end || *r->at != '"')
		return false;
	for (r->at++; r->at < r->end && *r->at != '"'; r->at++)
		if (*r->at == '\\' && ++r->at == r->end)
			return false;
	if (r->at == r->end)
		return false;
	*inside = (struct slice){ begin, (size_t)(r->at - begin) };
	r->at++;
	return true;
}

/* A number or a word. */
static bool pass_scalar(struct reader *r)
{
	const char *begin = r->at;

	while (r->at < r->end && memchr(" \t\r\n,:[]{}\"", *r->at, 11) == NULL)
		r->at++;
	return r->at > begin;
}

/* An object or an array, to the bracket that ends it. */
static bool pass_nested(struct reader *r)
{
	uint64_t braces = 0; /* the lowest bit: whether the innermost is an object */
	unsigned depth = 0;
	struct slice inside;

	do {
		char c = r->at < r->end ? *r->at : '\0';

		if (c == '"') {
			if (!pass_string(r, &inside))
				return false;
			continue;
		}
		if (c == '{' || c == '[') {
			if (depth++ == DEPTH_MAX)
				return false;
			braces = braces << 1 | (c == '{');
		} else if (c == '}' || c == ']') {
			if ((braces & 1) != (c == '}'))
				return false;
			braces >>= 1;
			depth--;
		}
		if (r->at == r->end)
			return false;
		r->at++;
	} while (depth > 0);
	return true;
}

static bool pass_value(struct reader *r, struct slice *value)
{
	const char *begin = r->at;
	bool passed;

	if (r->at < r->end && *r->at == '"')
		return pass_string(r, value);
	if (r->at < r->end && (*r->at == '{' || *r->at == '['))
		passed = pass_nested(r);
	else
		passed = pass_scalar(r);
	*value = (struct slice){ begin, (size_t)(r->at - begin) };
	return passed;
}

/* From the first brace of an object to the value under a name. */
static bool enter_object(struct reader *r, struct slice name)
{
	struct slice key, value;

	while (pass_string(r, &key) && pass(r, ':')) {
		if (key.len == name.len && memcmp(key.bytes, name.bytes, name.len) == 0)
			return true;
		if (!pass_value(r, &value) || !pass(r, ','))
			return false;
	}
	return false;
}

static bool enter_array(struct reader *r, struct slice index)
{
	struct slice value;
	uint64_t count;

	if (!text_number(index.bytes, index.len, UINT32_MAX, &count))
		return false;
	for (; count > 0; count--)
		if (!pass_value(r, &value) || !pass(r, ','))
			return false;
	return true;
}

bool json_find(struct slice text, const char *path, struct slice *value)
{
	struct reader r = { text.bytes, text.bytes + text.len };

	pass_blanks(&r);
	while (*path != '\0') {
		struct slice name = { path, strcspn(path, ".") };

		path += name.len + (path[name.len] == '.');
		if (pass(&r, '{') ? !enter_object(&r, name) : !pass(&r, '[') ||
			!enter_array(&r, name))
			return false;
	}
	return pass_value(&r, value);
}

bool json_number(struct slice text, const char *path, uint64_t max, uint64_t *number)
{
	struct slice value;

	return json_find(text, path, &value) && text_number(value.bytes, value.len, max, number);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Takes one character of a string, or an escape of ASCII: -1 for any other. */
static int take_character(struct slice *text)
{
	enum { ESCAPE_LEN = 6 /* of \u0000 */ };
	const char *s = text->bytes;
	size_t len = 1;
	int c = (unsigned char)*s;

	if (c == '\\' && text->len >= ESCAPE_LEN && memcmp(s, "\\u00", 4) == 0) {
		len = ESCAPE_LEN;
		c = hex_digit(s[4]) < 0 || hex_digit(s[5]) < 0
			? -1 : hex_digit(s[4]) << 4 | hex_digit(s[5]);
	} else if (c == '\\' && text->len >= 2) {
		len = 2;
		c = memchr("\"\\/", s[1], 3) != NULL ? s[1] : -1;
	}
	text->bytes += len;
	text->len -= len;
	return c < 0x80 || len == 1 ? c : -1;
}

bool json_is(struct slice text, const char *path, struct slice value)
{
	struct slice found;

	if (!json_find(text, path, &found))
		return false;
	for (size_t i = 0; i < value.len; i++)
		if (found.len == 0 || take_character(&found) != (unsigned char)value.bytes[i])
			return false;
	return found.len == 0;
}
