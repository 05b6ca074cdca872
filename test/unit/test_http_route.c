/*
 * Which request gets what: every resource with every method, hosts, origins, bodies.
 */
#include "server/core/wire/http_route.h"

#include "test/unit/unit.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define UPGRADE \
	"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" \
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

static struct slice listed[] = { { "chat.example.org", 16 } };
static struct slice origins[] = { { "https://other.example.org", 25 } };

static const struct http_site web = { .has_bots = true, .origins = { origins, 1 } };
static const struct http_site no_bots = { 0 };
static const struct http_site local = { .is_local = true, .hosts = { listed, 1 } };
static const struct http_site metrics = { .is_metrics = true, .is_local = true };

static const struct {
	const struct http_site *site;
	const char *line, *fields;
	enum http_action action;
	int status;
	const char *allow;
} rows[] = {
	{ &web, "GET / HTTP/1.1", "", HTTP_SEND_PAGE, 0, NULL },
	{ &web, "GET / HTTP/1.0", "", HTTP_SEND_PAGE, 0, NULL },
	{ &web, "HEAD /chat/ HTTP/1.1", "", HTTP_SEND_PAGE, 0, NULL },
	{ &web, "POST / HTTP/1.1", "", HTTP_REFUSE, 405, "GET, HEAD" },
	{ &web, "OPTIONS / HTTP/1.1", "", HTTP_REFUSE, 405, "GET, HEAD" },
	{ &web, "GET / HTTP/1.1", UPGRADE, HTTP_SEND_PAGE, 0, NULL },
	{ &web, "GET / HTTP/1.1", "Content-Length: 0\r\n", HTTP_SEND_PAGE, 0, NULL },
	{ &web, "GET / HTTP/1.1", "Content-Length: 1\r\n", HTTP_REFUSE, 400, NULL },
	{ &web, "GET /ws HTTP/1.1", UPGRADE, HTTP_JOIN, 0, NULL },
	{ &web, "GET /a/ws?b HTTP/1.1", UPGRADE, HTTP_JOIN, 0, NULL },
	{ &web, "GET /ws HTTP/1.0", UPGRADE, HTTP_REFUSE, 426, NULL },
	{ &web, "GET /ws HTTP/1.1", "", HTTP_REFUSE, 426, NULL },
	{ &web, "HEAD /ws HTTP/1.1", UPGRADE, HTTP_REFUSE, 405, "GET" },
	{ &web, "POST /ws HTTP/1.1", UPGRADE, HTTP_REFUSE, 405, "GET" },
	{ &web, "GET /ws HTTP/1.1", UPGRADE "Content-Length: 1\r\n", HTTP_REFUSE, 400, NULL },
	{ &web, "GET /ws HTTP/1.1", UPGRADE "Origin: http://chat.example.org\r\n", HTTP_JOIN, 0,
		NULL },
	{ &web, "GET /ws HTTP/1.1", UPGRADE "Origin: https://other.example.org\r\n", HTTP_JOIN, 0,
		NULL },
	{ &web, "GET /ws HTTP/1.1", UPGRADE "Origin: http://evil.example.org\r\n", HTTP_REFUSE, 403,
		NULL },
	{ &web, "GET /ws HTTP/1.1", UPGRADE "Origin: null\r\n", HTTP_REFUSE, 403, NULL },
	{ &web, "GET /ws HTTP/1.1", UPGRADE "Origin:\r\n", HTTP_REFUSE, 403, NULL },
	{ &web, "GET / HTTP/1.1", "Origin: http://evil.example.org\r\n", HTTP_SEND_PAGE, 0, NULL },
	{ &web, "GET /health HTTP/1.1", "", HTTP_SEND_HEALTH, 0, NULL },
	{ &web, "POST /health HTTP/1.1", "", HTTP_REFUSE, 405, "GET" },
	{ &web, "POST /say HTTP/1.1", "Content-Length: 5\r\n", HTTP_SAY, 0, NULL },
	{ &web, "GET /say HTTP/1.1", "", HTTP_REFUSE, 405, "POST" },
	{ &no_bots, "POST /say HTTP/1.1", "", HTTP_REFUSE, 404, NULL },
	{ &no_bots, "GET /say HTTP/1.1", "", HTTP_REFUSE, 404, NULL },
	{ &web, "GET /metrics HTTP/1.1", "", HTTP_REFUSE, 404, NULL },
	{ &web, "GET /favicon.ico HTTP/1.1", "", HTTP_REFUSE, 404, NULL },
	{ &web, "POST /nothing HTTP/1.1", "", HTTP_REFUSE, 404, NULL },
	{ &web, "OPTIONS * HTTP/1.1", "", HTTP_REFUSE, 404, NULL },
	{ &web, "GET /WS HTTP/1.1", UPGRADE, HTTP_REFUSE, 404, NULL },
	{ &local, "GET / HTTP/1.1", "", HTTP_SEND_PAGE, 0, NULL },
	{ &local, "GET http://localhost/ HTTP/1.1", "", HTTP_SEND_PAGE, 0, NULL },
	{ &local, "GET http://evil.example.org/ HTTP/1.1", "", HTTP_REFUSE, 421, NULL },
	{ &local, "GET http://evil.example.org/nothing HTTP/1.1", "", HTTP_REFUSE, 421, NULL },
	{ &metrics, "GET http://127.0.0.1/metrics HTTP/1.1", "", HTTP_SEND_METRICS, 0, NULL },
	{ &metrics, "GET http://[::1]/metrics HTTP/1.1", "", HTTP_SEND_METRICS, 0, NULL },
	{ &metrics, "GET /metrics HTTP/1.1", "", HTTP_REFUSE, 421, NULL },
	{ &metrics, "POST http://[::1]/metrics HTTP/1.1", "", HTTP_REFUSE, 405, "GET" },
	{ &metrics, "GET http://[::1]/ HTTP/1.1", "", HTTP_REFUSE, 404, NULL },
	{ &metrics, "GET http://[::1]/ws HTTP/1.1", UPGRADE, HTTP_REFUSE, 404, NULL },
};

static void test_rows(void)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		unsigned before = unit_failures;
		struct http_request r = { 0 };
		struct http_route route;
		char head[1024];
		int len = snprintf(head, sizeof(head), "%s\r\nHost: chat.example.org\r\n%s\r\n",
			rows[i].line, rows[i].fields);

		CHECK_INT(http_parse(&r, head, (size_t)len), HTTP_WHOLE);
		http_route(&route, &r, rows[i].site);
		CHECK_INT(route.action, rows[i].action);
		CHECK_INT(route.status, rows[i].status);
		CHECK((route.reason != NULL) == (rows[i].action == HTTP_REFUSE));
		CHECK((route.allow != NULL) == (rows[i].allow != NULL));
		if (route.allow != NULL && rows[i].allow != NULL)
			CHECK_TEXT(route.allow, strlen(route.allow), rows[i].allow);
		if (unit_failures > before)
			printf("#   %s\n", rows[i].line);
	}
}

/* What an operator finds in the text. */
static void test_reasons(void)
{
	struct http_request r = { 0 };
	struct http_route route;

	CHECK_INT(http_parse(&r, "GET / HTTP/1.1\r\nHost: b\r\n\r\n", 27), HTTP_WHOLE);
	http_route(&route, &r, &local);
	CHECK_INT(route.status, 421);
	CHECK(strstr(route.reason, "--web-host") != NULL);
}

/* A health check of haproxy's has no Host. */
static void test_no_host(void)
{
	struct http_request r = { 0 };
	struct http_route route;

	CHECK_INT(http_parse(&r, "GET /health HTTP/1.0\r\n\r\n", 24), HTTP_WHOLE);
	http_route(&route, &r, &local);
	CHECK_INT(route.action, HTTP_SEND_HEALTH);
}

static const struct unit_test tests[] = {
	{ "every resource", test_rows },
	{ "the text of 421 names the option", test_reasons },
	{ "no Host at all", test_no_host },
};
UNIT_MAIN(tests)
