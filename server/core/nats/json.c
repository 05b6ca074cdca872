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
	while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r'))
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
		if (pass(&r, '{') ? !enter_object(&r, name) : !pass(&r, '[') || !enter_array(&r, name))
			return false;
	}
	return pass_value(&r, value);
}

bool json_number(struct slice text, const char *path, uint64_t max, uint64_t *number)
{
	struct slice value;

	return json_find(text, path, &value) && text_number(value.bytes, value.len, max, number);
}

bool json_is(struct slice text, const char *path, const char *value)
{
	struct slice found;

	return json_find(text, path, &found) && found.len == strlen(value) &&
	       memcmp(found.bytes, value, found.len) == 0;
}
