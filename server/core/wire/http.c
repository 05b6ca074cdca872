/*
 * The head of an HTTP request. Two readers of the same bytes must never disagree about where a
 * request ends: so nothing that RFC 9112 lets a server repair is repaired, but for empty lines
 * before a request, and a Transfer-Encoding is refused as such.
 *
 * RFC 9112, https://www.rfc-editor.org/rfc/rfc9112
 */
#include "server/core/wire/http.h"

#include <string.h>

#include "proto/text.h"

enum { VERSION_LEN = 8 }; /* "HTTP/1.1" */

/* The first reason counts. */
static void refuse(struct http_request *r, enum http_status status, const char *reason)
{
	if (r->outcome == HTTP_REFUSED)
		return;
	r->outcome = HTTP_REFUSED;
	r->status = status;
	r->reason = reason;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* RFC 9110, 5.6.2. */
static bool is_token_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) ||
		(c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool is_visible(char c)
{
	return c > 0x20 && c < 0x7f;
}

static bool is_control(char c)
{
	return ((unsigned char)c < 0x20 && c != '\t') || c == 0x7f;
}

/* A byte of the request line, which is no CR or LF. */
static void take_request_byte(struct http_request *r, char c)
{
	uint16_t at = r->scanned;

	if (c == ' ' && at > r->line_at && r->target_at == 0) {
		r->target_at = (uint16_t)(at + 1);
	} else if (c == ' ' && r->target_at != 0 && at > r->target_at && r->version_at == 0) {
		r->version_at = (uint16_t)(at + 1);
	} else if (r->target_at == 0) {
		if (!is_token_byte(c))
			refuse(r, HTTP_BAD_REQUEST, "malformed method");
	} else if (!is_visible(c) || (r->version_at == 0 && c == '#')) {
		refuse(r, HTTP_BAD_REQUEST, "malformed request line");
	} else if (r->version_at == 0 && at - r->target_at >= HTTP_TARGET_MAX) {
		refuse(r, HTTP_URI_TOO_LONG, "request target too long, at most 2048 bytes");
	} else if (r->version_at != 0 && at - r->version_at >= VERSION_LEN) {
		refuse(r, HTTP_BAD_REQUEST, "malformed HTTP version");
	}
}

/* Methods and versions differ by case. */
static bool is_exactly(struct slice s, const char *word)
{
	return s.len == strlen(word) && memcmp(s.bytes, word, s.len) == 0;
}

static enum http_method method_of(struct slice name)
{
	static const char *const methods[HTTP_OTHER_METHOD] = { "GET", "HEAD", "POST" };
	enum http_method method = 0;

	while (method < HTTP_OTHER_METHOD && !is_exactly(name, methods[method]))
		method++;
	return method;
}

static void take_version(struct http_request *r, struct slice version)
{
	if (version.len != VERSION_LEN || memcmp(version.bytes, "HTTP/", 5) != 0 ||
		!is_digit(version.bytes[5]) || version.bytes[6] != '.' ||
		!is_digit(version.bytes[7])) {
		refuse(r, HTTP_BAD_REQUEST, "malformed HTTP version");
		return;
	}
	if (version.bytes[5] != '1')
		refuse(r, HTTP_VERSION_NOT_SUPPORTED, "HTTP/1.1 and HTTP/1.0 are spoken here");
	r->is_http_1_0 = version.bytes[7] == '0';
}

/* The length of "http://" or "https://" where a target begins so, else 0. */
static size_t scheme_length(struct slice target)
{
	static const char *const schemes[] = { "http://", "https://" };

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		size_t len = strlen(schemes[i]);

		if (target.len >= len && text_compare(target.bytes, len, schemes[i], len) == 0)
			return len;
	}
	return 0;
}

/* Takes the authority at the beginning of *rest; what follows is the path, or a query. */
static bool take_authority(struct authority *host, struct slice *rest)
{
	struct slice authority = { rest->bytes, 0 };

	while (authority.len < rest->len && rest->bytes[authority.len] != '/' &&
		rest->bytes[authority.len] != '?')
		authority.len++;
	rest->bytes += authority.len;
	rest->len -= authority.len;
	return authority_parse(host, authority);
}

static void find_segment(struct http_request *r, struct slice path)
{
	const char *query = path.len > 0 ? memchr(path.bytes, '?', path.len) : NULL;
	const char *end = query != NULL ? query : path.bytes + path.len;
	const char *at = end;

	while (at > path.bytes && at[-1] != '/')
		at--;
	r->segment = (struct slice){ at, (size_t)(end - at) };
}

/* The target: a path, a whole address with one, or the asterisk of OPTIONS (3.2). */
static void take_target(struct http_request *r, struct slice target, bool is_options)
{
	size_t scheme_len = scheme_length(target);

	if (scheme_len > 0) {
		target.bytes += scheme_len;
		target.len -= scheme_len;
		r->has_host = take_authority(&r->host, &target);
		if (!r->has_host)
			refuse(r, HTTP_BAD_REQUEST, "malformed host in the request target");
	} else if (target.bytes[0] != '/') {
		if (!is_options || target.len != 1 || target.bytes[0] != '*')
			refuse(r, HTTP_BAD_REQUEST, "malformed request target");
	}
	find_segment(r, target);
}

static void take_request_line(struct http_request *r, const char *bytes, size_t end)
{
	if (r->version_at == 0) {
		refuse(r, HTTP_BAD_REQUEST, "malformed request line");
		return;
	}
	struct slice method = { bytes + r->line_at, r->target_at - 1u - r->line_at };
	struct slice target = { bytes + r->target_at, r->version_at - 1u - r->target_at };

	r->method = method_of(method);
	take_version(r, (struct slice){ bytes + r->version_at, end - r->version_at });
	take_target(r, target, is_exactly(method, "OPTIONS"));
}

static void take_field_line(struct http_request *r, const char *line, size_t len)
{
	size_t name_len = 0;

	while (name_len < len && is_token_byte(line[name_len]))
		name_len++;
	if (line[0] == ' ' || line[0] == '\t')
		refuse(r, HTTP_BAD_REQUEST, "a field is folded over lines");
	else if (name_len == 0 || name_len == len || line[name_len] != ':')
		refuse(r, HTTP_BAD_REQUEST, "malformed field name");
	else if (r->count == HTTP_FIELDS_MAX)
		refuse(r, HTTP_HEAD_TOO_LARGE, "too many fields, at most 64");
	else
		r->count++;
}

/* Finds the values of the fields that come once at most. */
static void take_single_fields(struct http_request *r)
{
	enum http_field field;
	struct slice value;
	size_t at = 0;

	while (http_next_field(r->fields, &at, &field, &value)) {
		if (field == HTTP_TRANSFER_ENCODING)
			refuse(r, HTTP_BAD_REQUEST, "Transfer-Encoding is not accepted");
		if (field >= HTTP_SINGLE_FIELDS)
			continue;
		if (r->single[field].bytes != NULL)
			refuse(r, HTTP_BAD_REQUEST, field == HTTP_HOST ? "more than one Host" :
				"a field that may come once came twice");
		r->single[field] = value;
	}
}

static void take_host(struct http_request *r)
{
	struct slice value = r->single[HTTP_HOST];
	struct authority host;

	if (value.bytes == NULL) {
		if (!r->is_http_1_0)
			refuse(r, HTTP_BAD_REQUEST, "no Host");
		return;
	}
	if (!authority_parse(&host, value)) {
		refuse(r, HTTP_BAD_REQUEST, "malformed Host");
		return;
	}
	if (!r->has_host)
		r->host = host;
	r->has_host = true;
}

static void take_content_length(struct http_request *r)
{
	struct slice value = r->single[HTTP_CONTENT_LENGTH];

	if (value.bytes == NULL)
		return;
	for (size_t i = 0; i < value.len; i++)
		if (!is_digit(value.bytes[i]))
			value.len = 0;
	if (value.len == 0)
		refuse(r, HTTP_BAD_REQUEST, "malformed Content-Length");
	else if (!text_number(value.bytes, value.len, UINT64_MAX, &r->content_length))
		r->content_length = UINT64_MAX;
}

/* The empty line has come. */
static void take_head(struct http_request *r, const char *bytes)
{
	r->outcome = HTTP_WHOLE;
	r->used = r->scanned;
	r->fields = (struct slice){ bytes + r->fields_at, (size_t)(r->line_at - r->fields_at) };
	take_single_fields(r);
	take_host(r);
	take_content_length(r);
	r->keeps_alive = !http_has_token(r->fields, HTTP_CONNECTION, "close") &&
		(!r->is_http_1_0 || http_has_token(r->fields, HTTP_CONNECTION, "keep-alive"));
}

/* A line of len bytes without its end; the next has begun. */
static void take_line(struct http_request *r, const char *bytes, size_t len)
{
	uint16_t line_at = r->line_at;

	if (r->fields_at == 0 && len > 0) {
		take_request_line(r, bytes, line_at + len);
		r->fields_at = r->scanned;
	} else if (r->fields_at != 0 && len > 0) {
		take_field_line(r, bytes + line_at, len);
	} else if (r->fields_at != 0) {
		take_head(r, bytes);
	}
	r->line_at = r->scanned;
}

static void take_byte(struct http_request *r, const char *bytes)
{
	uint16_t at = r->scanned;
	char c = bytes[at];
	bool after_cr = at > r->line_at && bytes[at - 1] == '\r';

	if (after_cr != (c == '\n'))
		refuse(r, HTTP_BAD_REQUEST, "a line does not end with CR LF");
	else if (is_control(c) && c != '\r' && c != '\n')
		refuse(r, HTTP_BAD_REQUEST, "a control character");
	else if (r->fields_at == 0 && c != '\r' && c != '\n')
		take_request_byte(r, c);
	r->scanned++;
	if (r->outcome == HTTP_MORE && c == '\n')
		take_line(r, bytes, (size_t)(at - 1 - r->line_at));
}

enum http_outcome http_parse(struct http_request *r, const char *bytes, size_t len)
{
	size_t limit = len < HTTP_HEAD_MAX ? len : HTTP_HEAD_MAX;

	while (r->outcome == HTTP_MORE && r->scanned < limit)
		take_byte(r, bytes);
	if (r->outcome == HTTP_MORE && r->scanned == HTTP_HEAD_MAX)
		refuse(r, HTTP_HEAD_TOO_LARGE, "head too large, at most 8192 bytes");
	return r->outcome;
}
