/*
 * The answer to an HTTP request. The fields that RFC 9110 wants with a status are written here, so
 * that no caller can leave one out.
 *
 * RFC 9110, 15, https://www.rfc-editor.org/rfc/rfc9110#section-15; RFC 9112, 4
 */
#include "server/core/wire/http_response.h"

#include <stdio.h>
#include <string.h>

static const char *reason_phrase(enum http_status status)
{
	static const struct {
		enum http_status status;
		const char *phrase;
	} phrases[] = {
		{ HTTP_OK, "OK" },
		{ HTTP_ACCEPTED, "Accepted" },
		{ HTTP_BAD_REQUEST, "Bad Request" },
		{ HTTP_UNAUTHORIZED, "Unauthorized" },
		{ HTTP_FORBIDDEN, "Forbidden" },
		{ HTTP_NOT_FOUND, "Not Found" },
		{ HTTP_METHOD_NOT_ALLOWED, "Method Not Allowed" },
		{ HTTP_REQUEST_TIMEOUT, "Request Timeout" },
		{ HTTP_CONTENT_TOO_LARGE, "Content Too Large" },
		{ HTTP_URI_TOO_LONG, "URI Too Long" },
		{ HTTP_UNSUPPORTED_MEDIA_TYPE, "Unsupported Media Type" },
		{ HTTP_MISDIRECTED_REQUEST, "Misdirected Request" },
		{ HTTP_UNPROCESSABLE_CONTENT, "Unprocessable Content" },
		{ HTTP_UPGRADE_REQUIRED, "Upgrade Required" },
		{ HTTP_TOO_MANY_REQUESTS, "Too Many Requests" },
		{ HTTP_HEAD_TOO_LARGE, "Request Header Fields Too Large" },
		{ HTTP_SERVICE_UNAVAILABLE, "Service Unavailable" },
		{ HTTP_VERSION_NOT_SUPPORTED, "HTTP Version Not Supported" },
	};

	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
		if (phrases[i].status == status)
			return phrases[i].phrase;
	return "";
}

static size_t put(char *out, const char *name, const char *value)
{
	return (size_t)snprintf(out, HTTP_RESPONSE_MAX, "%s: %s\r\n", name, value);
}

static size_t put_number(char *out, const char *name, size_t number)
{
	return (size_t)snprintf(out, HTTP_RESPONSE_MAX, "%s: %zu\r\n", name, number);
}

/* The fields that a status has to have. */
static size_t put_status_fields(char *out, const struct http_response *response)
{
	size_t len = 0;

	if (response->status == HTTP_UNAUTHORIZED)
		len += put(out + len, "WWW-Authenticate", "Bearer");
	if (response->status == HTTP_METHOD_NOT_ALLOWED && response->allow != NULL)
		len += put(out + len, "Allow", response->allow);
	if (response->status == HTTP_UPGRADE_REQUIRED) {
		len += put(out + len, "Upgrade", "websocket");
		len += put(out + len, "Sec-WebSocket-Version", "13");
	}
	if (response->retry_after > 0)
		len += put_number(out + len, "Retry-After", response->retry_after);
	return len;
}

size_t http_put_response(char *out, const struct http_response *response)
{
	const char *type = response->type != NULL ? response->type : "text/plain; charset=utf-8";
	size_t len = (size_t)snprintf(out, HTTP_RESPONSE_MAX, "HTTP/1.1 %d %s\r\n",
		(int)response->status, reason_phrase(response->status));

	len += put_status_fields(out + len, response);
	len += put(out + len, "Content-Type", type);
	len += put_number(out + len, "Content-Length", response->length);
	len += put(out + len, "Connection", response->keeps_alive ? "keep-alive" : "close");
	if (response->fields.len > 0)
		memcpy(out + len, response->fields.bytes, response->fields.len);
	len += response->fields.len;
	memcpy(out + len, "\r\n", 2);
	return len + 2;
}

size_t http_put_line(char *out, struct http_response response, enum http_method method,
	const char *line)
{
	size_t line_len = strlen(line), len;

	response.length = line_len + 1;
	len = http_put_response(out, &response);
	if (method == HTTP_HEAD)
		return len;
	memcpy(out + len, line, line_len);
	out[len + line_len] = '\n';
	return len + response.length;
}
