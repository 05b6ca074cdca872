/*
 * Heads of HTTP requests: those that browsers, front ends and curl send, each border of each
 * limit, and everything by which two readers could be made to disagree. Each comes whole and byte
 * by byte.
 */
#include "server/core/wire/http.h"

#include <stdlib.h>

#include "test/unit/unit.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define HOST "Host: chat.example.org\r\n"

/* Memory of just the right size, so that a sanitizer sees any read beyond what has come. */
struct copy {
	char *bytes;
	struct http_request request;
	enum http_outcome outcome;
};

static void parse(struct copy *c, const char *bytes, size_t len)
{
	*c = (struct copy){ .bytes = malloc(len + (len == 0)) };
	memcpy(c->bytes, bytes, len);
	c->outcome = http_parse(&c->request, c->bytes, len);
}

/* Byte by byte, in place: what has not come yet is something that would be refused. */
static void parse_slowly(struct copy *c, const char *bytes, size_t len)
{
	*c = (struct copy){ .bytes = malloc(len + (len == 0)) };
	memset(c->bytes, 0, len);
	c->outcome = http_parse(&c->request, c->bytes, 0);
	for (size_t i = 0; i < len && c->outcome == HTTP_MORE; i++) {
		c->bytes[i] = bytes[i];
		c->outcome = http_parse(&c->request, c->bytes, i + 1);
	}
}

static void check_same(const struct copy *a, const struct copy *b)
{
	const struct http_request *x = &a->request, *y = &b->request;

	CHECK_INT(a->outcome, b->outcome);
	CHECK_INT(x->status, y->status);
	CHECK(x->reason == y->reason);
	CHECK_INT(x->used, y->used);
	CHECK_INT(x->method, y->method);
	CHECK_INT(x->keeps_alive, y->keeps_alive);
	CHECK_BYTES(x->segment.bytes, x->segment.len, y->segment.bytes, y->segment.len);
	CHECK_INT(x->content_length, y->content_length);
}

/* The status with which a head is refused; 0: it is a request, and the whole of the text. */
static void check_head(const char *head, size_t len, int status)
{
	unsigned before = unit_failures;
	struct copy whole, slow;

	parse(&whole, head, len);
	parse_slowly(&slow, head, len);
	check_same(&whole, &slow);
	CHECK_INT(whole.outcome, status == 0 ? HTTP_WHOLE : HTTP_REFUSED);
	CHECK_INT(whole.request.status, status);
	if (status == 0)
		CHECK_INT(whole.request.used, len);
	if (status != 0)
		CHECK(whole.request.reason != NULL && whole.request.reason[0] != '\0');
	if (unit_failures > before)
		unit_print("in  ", head, len < 200 ? len : 200);
	free(whole.bytes);
	free(slow.bytes);
}

struct head {
	const char *text;
	int status;
};

static void check_heads(const struct head *heads, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check_head(heads[i].text, strlen(heads[i].text), heads[i].status);
}

static void test_request_line(void)
{
	static const struct head heads[] = {
		{ "GET / HTTP/1.1\r\n" HOST "\r\n", 0 },
		{ "\r\nGET / HTTP/1.1\r\n" HOST "\r\n", 0 },
		{ "\r\n\r\nGET / HTTP/1.1\r\n" HOST "\r\n", 0 },
		{ "GET / HTTP/1.0\r\n\r\n", 0 },
		{ "GET / HTTP/1.0\r\n" HOST "\r\n", 0 },
		{ "GET / HTTP/1.2\r\n" HOST "\r\n", 0 },
		{ "BREW / HTTP/1.1\r\n" HOST "\r\n", 0 },
		{ "get / HTTP/1.1\r\n" HOST "\r\n", 0 },
		{ "M-SEARCH * HTTP/1.1\r\n", 400 },
		{ "GET / HTTP/2.0\r\n", 505 },
		{ "PRI * HTTP/2.0\r\n", 505 },
		{ "GET / HTTP/0.9\r\n", 505 },
		{ "GET / HTTP/3.0\r\n", 505 },
		{ "GET / http/1.1\r\n", 400 },
		{ "GET / HTTP/1.1 \r\n", 400 },
		{ "GET / HTTP/1.10\r\n", 400 },
		{ "GET / HTTP/11\r\n", 400 },
		{ "GET / HTTP/1,1\r\n", 400 },
		{ "GET / HTTP/x.1\r\n", 400 },
		{ "GET / HTTP/1.\r\n", 400 },
		{ "GET / \r\n", 400 },
		{ "GET /\r\n", 400 },
		{ "GET\r\n", 400 },
		{ "GET \r\n", 400 },
		{ "GET  / HTTP/1.1\r\n", 400 },
		{ "GET /  HTTP/1.1\r\n", 400 },
		{ "GET\t/ HTTP/1.1\r\n", 400 },
		{ "GET /\tHTTP/1.1\r\n", 400 },
		{ " GET / HTTP/1.1\r\n", 400 },
		{ "GET / a HTTP/1.1\r\n", 400 },
		{ "G\xc3\x89T / HTTP/1.1\r\n", 400 },
		{ "GET(/ HTTP/1.1\r\n", 400 },
		{ "GET /\xc3\xa9 HTTP/1.1\r\n", 400 },
		{ "GET /\x7f HTTP/1.1\r\n", 400 },
		{ "GET /\x01 HTTP/1.1\r\n", 400 },
		{ "GET /a#b HTTP/1.1\r\n", 400 },
		{ "GET a HTTP/1.1\r\n", 400 },
		{ "GET * HTTP/1.1\r\n", 400 },
		{ "OPTIONS *a HTTP/1.1\r\n", 400 },
		{ "CONNECT chat.example.org:80 HTTP/1.1\r\n", 400 },
		{ "\x16\x03\x01\x02", 400 },
		{ "SSH-2.0-OpenSSH_9.2p1\r\n", 400 },
		{ "PROXY TCP4 192.0.2.7 192.0.2.1 53124 8000\r\n", 400 },
		{ "hello everybody\r\n", 400 },
	};

	check_heads(heads, COUNT(heads));
}

static void test_line_ends(void)
{
	static const struct head heads[] = {
		{ "GET / HTTP/1.1\n", 400 },
		{ "\nGET / HTTP/1.1\r\n", 400 },
		{ "GET / HTTP/1.1\r\r", 400 },
		{ "GET / HTTP/1.1\rH", 400 },
		{ "\rG", 400 },
		{ "GET /\r HTTP/1.1\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: a\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: a\rb", 400 },
		{ "GET / HTTP/1.1\r\nHost: a\r\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: a\r\n\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: a\r\n\rx", 400 },
	};

	check_heads(heads, COUNT(heads));
}

static void test_fields(void)
{
	static const struct head heads[] = {
		{ "GET / HTTP/1.1\r\nhost:a\r\n\r\n", 0 },
		{ "GET / HTTP/1.1\r\nHOST: \t a \t \r\n\r\n", 0 },
		{ "GET / HTTP/1.1\r\n" HOST "X-Any: \x80\xff\tb\r\n\r\n", 0 },
		{ "GET / HTTP/1.1\r\n" HOST "X-Empty:\r\n\r\n", 0 },
		{ "GET / HTTP/1.1\r\n" HOST "!#$%&'*+-.^_`|~9: a\r\n\r\n", 0 },
		{ "GET / HTTP/1.1\r\n" HOST "X-Host: b\r\n\r\n", 0 },
		{ "GET / HTTP/1.1\r\n" HOST "X-Any : a\r\n", 400 },
		{ "GET / HTTP/1.1\r\n" HOST "X-Any\t: a\r\n", 400 },
		{ "GET / HTTP/1.1\r\n" HOST " folded\r\n", 400 },
		{ "GET / HTTP/1.1\r\n" HOST "\tfolded\r\n", 400 },
		{ "GET / HTTP/1.1\r\n Host: a\r\n", 400 },
		{ "GET / HTTP/1.1\r\n" HOST " \r\n", 400 },
		{ "GET / HTTP/1.1\r\n" HOST "X-Any\r\n", 400 },
		{ "GET / HTTP/1.1\r\n" HOST ": a\r\n", 400 },
		{ "GET / HTTP/1.1\r\n" HOST "X(Any: a\r\n", 400 },
		{ "GET / HTTP/1.1\r\n" HOST "X-\xc3\xa9: a\r\n", 400 },
		{ "GET / HTTP/1.1\r\n" HOST "X-Any: a\x01", 400 },
		{ "GET / HTTP/1.1\r\n" HOST "X-Any: a\x1b", 400 },
		{ "GET / HTTP/1.1\r\n" HOST "X-Any: a\x7f", 400 },
		{ "GET / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\n" HOST "Transfer-Encoding: identity\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\n" HOST "transfer-encoding:\r\n\r\n", 400 },
		{ "GET / HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n", 400 },
		{ "POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\n"
		  "Transfer-Encoding: x\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\n" HOST "Origin: http://a\r\nOrigin: http://a\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\n" HOST "Authorization: a\r\nauthorization: b\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\n" HOST "Sec-WebSocket-Key: a\r\n"
		  "Sec-Websocket-Key: a\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\n" HOST "Sec-WebSocket-Version: 13\r\n"
		  "Sec-WebSocket-Version: 13\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\n" HOST "Content-Type: a\r\nContent-Type: a\r\n\r\n", 400 },
	};

	check_heads(heads, COUNT(heads));
	check_head("GET / HTTP/1.1\r\nHost: a\0b", 25, 400);
	check_head("GET /\0 HTTP/1.1", 15, 400);
}

static void test_host(void)
{
	static const struct head heads[] = {
		{ "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 0 },
		{ "GET / HTTP/1.1\r\nHost: a:80\r\n\r\n", 0 },
		{ "GET / HTTP/1.1\r\nHost: a:\r\n\r\n", 0 },
		{ "GET / HTTP/1.1\r\nHost: a:65535\r\n\r\n", 0 },
		{ "GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: a:-1\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: a:80:80\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", 0 },
		{ "GET / HTTP/1.1\r\nHost: [::ffff:192.0.2.1]\r\n\r\n", 0 },
		{ "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: ::1\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: [::1]x\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: [::1/64]\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: [192.0.2.1]\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: [a]\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: []\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: x_y-z.1~%41\r\n\r\n", 0 },
		{ "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: a?\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: \xc3\xa9\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: :80\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400 },
		{ "GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n", 400 },
		{ "GET / HTTP/1.0\r\nHost:\r\n\r\n", 400 },
		{ "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", 0 },
		{ "GET http://b/ HTTP/1.1\r\n\r\n", 400 },
		{ "GET http://b/ HTTP/1.1\r\nHost: a b\r\n\r\n", 400 },
		{ "GET http:// HTTP/1.1\r\n", 400 },
		{ "GET http:///a HTTP/1.1\r\n", 400 },
		{ "GET http://u@b/ HTTP/1.1\r\n", 400 },
		{ "GET http://b:x/ HTTP/1.1\r\n", 400 },
		{ "GET ftp://b/ HTTP/1.1\r\n", 400 },
		{ "GET http:/b HTTP/1.1\r\n", 400 },
	};

	check_heads(heads, COUNT(heads));
}

static void test_whose_host(void)
{
	static const struct {
		const char *head, *host;
		int port;
		bool is_address;
	} rows[] = {
		{ "GET / HTTP/1.1\r\nHost: Chat.example\r\n\r\n", "Chat.example", -1, false },
		{ "GET / HTTP/1.1\r\nHost: a:8080\r\n\r\n", "a", 8080, false },
		{ "GET / HTTP/1.1\r\nHost: a:\r\n\r\n", "a", -1, false },
		{ "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", "::1", 80, true },
		{ "GET / HTTP/1.1\r\nHost: 127.0.0.1:80\r\n\r\n", "127.0.0.1", 80, true },
		{ "GET / HTTP/1.1\r\nHost: 127.1\r\n\r\n", "127.1", -1, false },
		{ "GET http://b:81/x HTTP/1.1\r\nHost: a\r\n\r\n", "b", 81, false },
		{ "GET HTTPS://b?x HTTP/1.1\r\nHost: a:8\r\n\r\n", "b", -1, false },
		{ "GET http://b HTTP/1.0\r\n\r\n", "b", -1, false },
	};
	struct copy c;

	for (size_t i = 0; i < COUNT(rows); i++) {
		parse(&c, rows[i].head, strlen(rows[i].head));
		CHECK_INT(c.outcome, HTTP_WHOLE);
		CHECK(c.request.has_host);
		CHECK_TEXT(c.request.host.host.bytes, c.request.host.host.len, rows[i].host);
		CHECK_INT(c.request.host.has_port ? c.request.host.port : -1, rows[i].port);
		CHECK_INT(c.request.host.is_address, rows[i].is_address);
		free(c.bytes);
	}
	parse(&c, "GET / HTTP/1.0\r\n\r\n", 18);
	CHECK_INT(c.outcome, HTTP_WHOLE);
	CHECK(!c.request.has_host);
	free(c.bytes);
}

static void test_segment(void)
{
	static const struct {
		const char *line, *segment;
		enum http_method method;
	} rows[] = {
		{ "GET /", "", HTTP_GET },
		{ "HEAD /", "", HTTP_HEAD },
		{ "POST /say", "say", HTTP_POST },
		{ "GET /ws", "ws", HTTP_GET },
		{ "GET /a/b/ws", "ws", HTTP_GET },
		{ "GET /a/b/", "", HTTP_GET },
		{ "GET /ws/", "", HTTP_GET },
		{ "GET //", "", HTTP_GET },
		{ "GET /ws?a=/health", "ws", HTTP_GET },
		{ "GET /?", "", HTTP_GET },
		{ "GET /?/ws", "", HTTP_GET },
		{ "GET /w%73", "w%73", HTTP_GET },
		{ "GET /WS", "WS", HTTP_GET },
		{ "GET /ws;a", "ws;a", HTTP_GET },
		{ "GET /ws/..", "..", HTTP_GET },
		{ "GET http://b/a/ws", "ws", HTTP_GET },
		{ "GET http://b", "", HTTP_GET },
		{ "GET http://b?a/ws", "", HTTP_GET },
		{ "OPTIONS *", "*", HTTP_OTHER_METHOD },
		{ "PUT /say", "say", HTTP_OTHER_METHOD },
		{ "GETS /", "", HTTP_OTHER_METHOD },
		{ "post /", "", HTTP_OTHER_METHOD },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char head[128];
		struct copy c;

		parse(&c, head, (size_t)snprintf(head, sizeof(head), "%s HTTP/1.1\r\n" HOST "\r\n",
			rows[i].line));
		CHECK_INT(c.outcome, HTTP_WHOLE);
		CHECK_TEXT(c.request.segment.bytes, c.request.segment.len, rows[i].segment);
		CHECK_INT(c.request.method, rows[i].method);
		free(c.bytes);
	}
}

static void test_content_length(void)
{
	static const struct {
		const char *value;
		int status;
		uint64_t length;
	} rows[] = {
		{ "0", 0, 0 },
		{ "65536", 0, 65536 },
		{ "0012", 0, 12 },
		{ "18446744073709551615", 0, UINT64_MAX },
		{ "18446744073709551616", 0, UINT64_MAX },
		{ "99999999999999999999999999999999", 0, UINT64_MAX },
		{ "", 400, 0 },
		{ "+1", 400, 0 },
		{ "-1", 400, 0 },
		{ "0x10", 400, 0 },
		{ "1 1", 400, 0 },
		{ "1, 1", 400, 0 },
		{ "1.0", 400, 0 },
		{ "1\r\nContent-Length: 1", 400, 0 },
		{ "1\r\nContent-Length: 2", 400, 0 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char head[256];
		size_t len = (size_t)snprintf(head, sizeof(head),
			"POST /say HTTP/1.1\r\n" HOST "Content-Length: %s\r\n\r\n", rows[i].value);
		struct copy c;

		check_head(head, len, rows[i].status);
		parse(&c, head, len);
		if (rows[i].status == 0)
			CHECK(c.request.content_length == rows[i].length);
		free(c.bytes);
	}
}

static void test_keep_alive(void)
{
	static const struct {
		const char *version, *fields;
		bool keeps_alive;
	} rows[] = {
		{ "1.1", "", true },
		{ "1.1", "Connection: keep-alive\r\n", true },
		{ "1.1", "Connection: close\r\n", false },
		{ "1.1", "Connection: CLOSE\r\n", false },
		{ "1.1", "Connection: te, ,close , x\r\n", false },
		{ "1.1", "Connection: keep-alive\r\nconnection: close\r\n", false },
		{ "1.1", "Connection: closed\r\n", true },
		{ "1.1", "Connection: upgrade\r\n", true },
		{ "1.0", "", false },
		{ "1.0", "Connection: keep-alive\r\n", true },
		{ "1.0", "Connection: Keep-Alive, close\r\n", false },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char head[256];
		struct copy c;

		parse(&c, head, (size_t)snprintf(head, sizeof(head),
			"GET / HTTP/%s\r\n" HOST "%s\r\n", rows[i].version, rows[i].fields));
		CHECK_INT(c.outcome, HTTP_WHOLE);
		CHECK_INT(c.request.keeps_alive, rows[i].keeps_alive);
		free(c.bytes);
	}
}

/* "GET /aaa… HTTP/1.1" with a target of so many bytes. */
static size_t put_target(char *out, size_t len)
{
	char *start = out;

	memcpy(out, "GET /", 5);
	memset(out + 5, 'a', len - 1);
	out += 4 + len;
	memcpy(out, " HTTP/1.1\r\n" HOST "\r\n", 11 + 24 + 2);
	return (size_t)(out + 37 - start);
}

static void test_target_limit(void)
{
	char head[4096];

	check_head(head, put_target(head, HTTP_TARGET_MAX - 1), 0);
	check_head(head, put_target(head, HTTP_TARGET_MAX), 0);
	check_head(head, put_target(head, HTTP_TARGET_MAX + 1), 414);
	/* Before the line is whole. */
	memset(head, 'a', sizeof(head));
	memcpy(head, "GET /", 5);
	check_head(head, 4 + HTTP_TARGET_MAX + 1, 414);
	struct copy c;
	parse(&c, head, 4 + HTTP_TARGET_MAX);
	CHECK_INT(c.outcome, HTTP_MORE);
	free(c.bytes);
}

/* A head of just so many bytes, whole. */
static size_t put_head(char *out, size_t len)
{
	size_t at = (size_t)sprintf(out, "GET / HTTP/1.1\r\n" HOST "X: ");

	memset(out + at, 'x', len - at - 4);
	memcpy(out + len - 4, "\r\n\r\n", 4);
	return len;
}

static void test_head_limit(void)
{
	char head[2 * HTTP_HEAD_MAX];
	struct copy c;

	check_head(head, put_head(head, HTTP_HEAD_MAX - 1), 0);
	check_head(head, put_head(head, HTTP_HEAD_MAX), 0);
	check_head(head, put_head(head, HTTP_HEAD_MAX + 1), 431);
	check_head(head, put_head(head, 2 * HTTP_HEAD_MAX), 431);
	parse(&c, head, HTTP_HEAD_MAX - 1);
	CHECK_INT(c.outcome, HTTP_MORE);
	free(c.bytes);
	/* A method without end, and nothing but empty lines. */
	memset(head, 'A', sizeof(head));
	check_head(head, sizeof(head), 431);
	for (size_t i = 0; i < sizeof(head); i += 2)
		memcpy(head + i, "\r\n", 2);
	check_head(head, sizeof(head), 431);
}

static void test_fields_limit(void)
{
	for (int count = HTTP_FIELDS_MAX - 1; count <= HTTP_FIELDS_MAX + 1; count++) {
		char head[HTTP_HEAD_MAX];
		size_t len = (size_t)sprintf(head, "GET / HTTP/1.1\r\n" HOST);

		for (int i = 1; i < count; i++)
			len += (size_t)sprintf(head + len, "X-%d: x\r\n", i);
		len += (size_t)sprintf(head + len, "\r\n");
		check_head(head, len, count <= HTTP_FIELDS_MAX ? 0 : 431);
	}
}

static void test_pipeline(void)
{
	static const char first[] = "POST /say HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\n";
	static const char both[] = "POST /say HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\n"
				   "helloGET /ws HTTP/1.1\r\n" HOST "\r\n";
	struct copy c;

	parse(&c, both, sizeof(both) - 1);
	CHECK_INT(c.outcome, HTTP_WHOLE);
	CHECK_INT(c.request.used, sizeof(first) - 1);
	size_t at = c.request.used + (size_t)c.request.content_length;
	struct http_request second = { 0 };
	CHECK_INT(http_parse(&second, c.bytes + at, sizeof(both) - 1 - at), HTTP_WHOLE);
	CHECK_TEXT(second.segment.bytes, second.segment.len, "ws");
	CHECK_INT(http_parse(&second, c.bytes + at, sizeof(both) - 1 - at), HTTP_WHOLE);
	free(c.bytes);
}

/* The handshakes of Chromium, Firefox, and Chromium by way of nginx, haproxy (HTTP/2) and caddy. */
static void test_browsers(void)
{
	static const char *const heads[] = {
		"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nConnection: Upgrade\r\n"
		"Pragma: no-cache\r\nCache-Control: no-cache\r\nUser-Agent: Mozilla/5.0\r\n"
		"Upgrade: websocket\r\nOrigin: http://127.0.0.1:8080\r\n"
		"Sec-WebSocket-Version: 13\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n"
		"Accept-Language: en-US,en;q=0.9\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n",
		"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nUser-Agent: Mozilla/5.0\r\n"
		"Accept: */*\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n"
		"Sec-WebSocket-Version: 13\r\nOrigin: http://127.0.0.1:8080\r\n"
		"Sec-WebSocket-Extensions: permessage-deflate\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		"Connection: keep-alive, Upgrade\r\nSec-Fetch-Dest: empty\r\n"
		"Sec-Fetch-Mode: websocket\r\nUpgrade: websocket\r\n\r\n",
		"GET /chat/ws HTTP/1.1\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
		"Host: 127.0.0.1:8080\r\nOrigin: http://127.0.0.1:8080\r\n"
		"Sec-WebSocket-Version: 13\r\nAccept-Encoding: gzip\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
		"GET /ws HTTP/1.1\r\nhost: 127.0.0.1:8080\r\norigin: http://127.0.0.1:8080\r\n"
		"accept-encoding: gzip\r\nsec-websocket-version: 13\r\nupgrade: websocket\r\n"
		"connection: upgrade\r\nx-forwarded-for: 192.0.2.7\r\n"
		"Sec-Websocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
	};

	for (size_t i = 0; i < COUNT(heads); i++) {
		struct copy c;

		parse(&c, heads[i], strlen(heads[i]));
		const struct http_request *r = &c.request;
		CHECK_INT(c.outcome, HTTP_WHOLE);
		CHECK_TEXT(r->segment.bytes, r->segment.len, "ws");
		CHECK(http_has_token(r->fields, HTTP_UPGRADE, "WebSocket"));
		CHECK(http_has_token(r->fields, HTTP_CONNECTION, "upgrade"));
		CHECK(http_accepts_gzip(r->fields));
		CHECK_TEXT(r->single[HTTP_WEBSOCKET_VERSION].bytes,
			r->single[HTTP_WEBSOCKET_VERSION].len, "13");
		CHECK_TEXT(r->single[HTTP_WEBSOCKET_KEY].bytes, r->single[HTTP_WEBSOCKET_KEY].len,
			"dGhlIHNhbXBsZSBub25jZQ==");
		CHECK_TEXT(r->single[HTTP_ORIGIN].bytes, r->single[HTTP_ORIGIN].len,
			"http://127.0.0.1:8080");
		free(c.bytes);
	}
}

static const struct unit_test tests[] = {
	{ "the request line", test_request_line },
	{ "line ends", test_line_ends },
	{ "fields", test_fields },
	{ "Host, and a host in the target", test_host },
	{ "whose host counts", test_whose_host },
	{ "the last segment of the path", test_segment },
	{ "Content-Length", test_content_length },
	{ "keep-alive", test_keep_alive },
	{ "a target of 2048 bytes", test_target_limit },
	{ "a head of 8192 bytes", test_head_limit },
	{ "64 fields", test_fields_limit },
	{ "requests that follow each other", test_pipeline },
	{ "what browsers and front ends send", test_browsers },
};
UNIT_MAIN(tests)
