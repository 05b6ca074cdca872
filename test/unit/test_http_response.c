/*
 * Answers: what each status has to have, and lines of text.
 */
#include "server/core/wire/http_response.h"

#include <stdlib.h>

#include "test/unit/unit.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define TEXT "Content-Type: text/plain; charset=utf-8\r\n"

static const struct {
	struct http_response response;
	enum http_method method;
	const char *line, *want;
} rows[] = {
	{ { .status = HTTP_OK, .keeps_alive = true }, HTTP_GET, "ok 3",
		"HTTP/1.1 200 OK\r\n" TEXT "Content-Length: 5\r\n"
		"Connection: keep-alive\r\n\r\nok 3\n" },
	{ { .status = HTTP_NOT_FOUND }, HTTP_GET, "nothing here",
		"HTTP/1.1 404 Not Found\r\n" TEXT "Content-Length: 13\r\n"
		"Connection: close\r\n\r\nnothing here\n" },
	{ { .status = HTTP_NOT_FOUND }, HTTP_HEAD, "nothing here",
		"HTTP/1.1 404 Not Found\r\n" TEXT "Content-Length: 13\r\n"
		"Connection: close\r\n\r\n" },
	{ { .status = HTTP_METHOD_NOT_ALLOWED, .allow = "GET, HEAD" }, HTTP_POST, "no",
		"HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD\r\n" TEXT
		"Content-Length: 3\r\nConnection: close\r\n\r\nno\n" },
	{ { .status = HTTP_UPGRADE_REQUIRED }, HTTP_GET, "no",
		"HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\n"
		"Sec-WebSocket-Version: 13\r\n" TEXT
		"Content-Length: 3\r\nConnection: close\r\n\r\nno\n" },
	{ { .status = HTTP_UNAUTHORIZED }, HTTP_POST, "no",
		"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer\r\n" TEXT
		"Content-Length: 3\r\nConnection: close\r\n\r\nno\n" },
	{ { .status = HTTP_TOO_MANY_REQUESTS, .retry_after = 2, .keeps_alive = true }, HTTP_POST,
		"no",
		"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 2\r\n" TEXT
		"Content-Length: 3\r\nConnection: keep-alive\r\n\r\nno\n" },
	{ { .status = HTTP_SERVICE_UNAVAILABLE,
		  .fields = { "Cache-Control: no-store\r\n", 25 } }, HTTP_GET, "",
		"HTTP/1.1 503 Service Unavailable\r\n" TEXT "Content-Length: 1\r\n"
		"Connection: close\r\nCache-Control: no-store\r\n\r\n\n" },
};

static void test_lines(void)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		char out[HTTP_RESPONSE_MAX + 128];

		CHECK_TEXT(out, http_put_line(out, rows[i].response, rows[i].method, rows[i].line),
			rows[i].want);
	}
}

static void test_page(void)
{
	struct http_response response = { .status = HTTP_OK, .keeps_alive = true,
		.type = "text/html; charset=utf-8", .fields = { "A: b\r\n", 6 },
		.length = 65536 };
	char out[HTTP_RESPONSE_MAX + 6];

	CHECK_TEXT(out, http_put_response(out, &response),
		"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
		"Content-Length: 65536\r\nConnection: keep-alive\r\nA: b\r\n\r\n");
}

/* Each status has a phrase, and its head fits. */
static void test_phrases(void)
{
	static const enum http_status all[] = { HTTP_OK, HTTP_ACCEPTED, HTTP_BAD_REQUEST,
		HTTP_UNAUTHORIZED, HTTP_FORBIDDEN, HTTP_NOT_FOUND, HTTP_METHOD_NOT_ALLOWED,
		HTTP_REQUEST_TIMEOUT, HTTP_CONTENT_TOO_LARGE, HTTP_URI_TOO_LONG,
		HTTP_UNSUPPORTED_MEDIA_TYPE, HTTP_MISDIRECTED_REQUEST, HTTP_UNPROCESSABLE_CONTENT,
		HTTP_UPGRADE_REQUIRED, HTTP_TOO_MANY_REQUESTS, HTTP_HEAD_TOO_LARGE,
		HTTP_SERVICE_UNAVAILABLE, HTTP_VERSION_NOT_SUPPORTED };

	for (size_t i = 0; i < COUNT(all); i++) {
		struct http_response response = { .status = all[i], .allow = "GET, HEAD",
			.retry_after = UINT32_MAX, .length = SIZE_MAX };
		char out[HTTP_RESPONSE_MAX];

		CHECK(http_put_response(out, &response) < HTTP_RESPONSE_MAX);
		CHECK_INT(atoi(out + 9), all[i]);
		CHECK(out[12] == ' ' && out[13] >= 'A' && out[13] <= 'Z');
	}
}

static const struct unit_test tests[] = {
	{ "a line of text", test_lines },
	{ "the head of a page", test_page },
	{ "each status has its phrase", test_phrases },
};
UNIT_MAIN(tests)
