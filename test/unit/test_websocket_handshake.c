/*
 * The WebSocket handshake: what is asked for, in every combination, and the answer.
 */
#include "server/core/wire/websocket_handshake.h"

#include "test/unit/unit.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define KEY "dGhlIHNhbXBsZSBub25jZQ=="

static void parse(struct http_request *r, char *head, size_t size, const char *version,
	const char *fields)
{
	int len = snprintf(head, size, "GET /ws HTTP/%s\r\nHost: a\r\n%s\r\n", version, fields);

	*r = (struct http_request){ 0 };
	CHECK_INT(http_parse(r, head, (size_t)len), HTTP_WHOLE);
}

/* One of each list, put together: the outcome follows from what is missing or wrong. */
static const struct {
	const char *line;
	bool good;
} upgrades[] = {
	{ "Upgrade: websocket\r\n", true },
	{ "upgrade:WebSocket\r\n", true },
	{ "Upgrade: h2c, WEBSOCKET\r\n", true },
	{ "Upgrade: h2c\r\nUpgrade: websocket\r\n", true },
	{ "", false },
	{ "Upgrade: h2c\r\n", false },
	{ "Upgrade: websocket2\r\n", false },
	{ "Upgrade:\r\n", false },
}, connections[] = {
	{ "Connection: Upgrade\r\n", true },
	{ "connection: keep-alive, upgrade\r\n", true },
	{ "Connection: keep-alive\r\nConnection: UPGRADE\r\n", true },
	{ "", false },
	{ "Connection: close\r\n", false },
	{ "Connection: keep-alive\r\n", false },
	{ "Connection: upgrades\r\n", false },
}, versions[] = {
	{ "Sec-WebSocket-Version: 13\r\n", true },
	{ "sec-websocket-version:\t13 \r\n", true },
	{ "", false },
	{ "Sec-WebSocket-Version: 8\r\n", false },
	{ "Sec-WebSocket-Version: 013\r\n", false },
	{ "Sec-WebSocket-Version: 13, 8\r\n", false },
	{ "Sec-WebSocket-Version: 131\r\n", false },
	{ "Sec-WebSocket-Version:\r\n", false },
}, keys[] = {
	{ "Sec-WebSocket-Key: " KEY "\r\n", true },
	{ "Sec-Websocket-Key:AAAAAAAAAAAAAAAAAAAAAA==\r\n", true },
	{ "Sec-WebSocket-Key: //////////////////////==\r\n", true },
	{ "", false },
	{ "Sec-WebSocket-Key:\r\n", false },
	{ "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j\r\n", false },         /* 15 bytes */
	{ "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZWU=\r\n", false },     /* 17 */
	{ "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZWVl\r\n", false },     /* 18 */
	{ "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ\r\n", false },
	{ "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=\r\n", false },
	{ "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub2_jZQ==\r\n", false },
	{ "Sec-WebSocket-Key: dGhlIHNhbXBsZS Ub25jZQ==\r\n", false },
	{ "Sec-WebSocket-Key: " KEY "AAAA\r\n", false },
};

static enum websocket_handshake expect(bool upgrade, bool has_key, bool version, bool key)
{
	if (!upgrade)
		return has_key ? WEBSOCKET_HANDSHAKE_NO_UPGRADE : WEBSOCKET_HANDSHAKE_ABSENT;
	if (!version)
		return WEBSOCKET_HANDSHAKE_BAD_VERSION;
	return key ? WEBSOCKET_HANDSHAKE_GOOD : WEBSOCKET_HANDSHAKE_BAD_KEY;
}

static void check(const char *version, size_t u, size_t c, size_t v, size_t k)
{
	char fields[512], head[1024];
	struct http_request r;
	bool upgrade = upgrades[u].good && connections[c].good && strcmp(version, "1.0") != 0;

	snprintf(fields, sizeof(fields), "%s%s%s%s", keys[k].line, upgrades[u].line,
		versions[v].line, connections[c].line);
	parse(&r, head, sizeof(head), version, fields);
	CHECK_INT(websocket_handshake_check(&r),
		expect(upgrade, keys[k].line[0] != '\0', versions[v].good, keys[k].good));
}

static void test_matrix(void)
{
	for (size_t u = 0; u < COUNT(upgrades); u++)
		for (size_t c = 0; c < COUNT(connections); c++)
			for (size_t v = 0; v < COUNT(versions); v++)
				for (size_t k = 0; k < COUNT(keys); k++) {
					check("1.1", u, c, v, k);
					check("1.0", u, c, v, k);
				}
}

static void test_statuses(void)
{
	for (int i = WEBSOCKET_HANDSHAKE_ABSENT; i < WEBSOCKET_HANDSHAKES; i++) {
		CHECK_INT(websocket_handshake_status(i),
			i == WEBSOCKET_HANDSHAKE_BAD_KEY ? 400 : 426);
		CHECK(websocket_handshake_reason(i)[0] != '\0');
	}
}

/* RFC 6455, 1.3; and a key of another. */
static void test_accept(void)
{
	char accept[WEBSOCKET_ACCEPT_LEN];

	websocket_accept(accept, (struct slice){ KEY, strlen(KEY) });
	CHECK_TEXT(accept, sizeof(accept), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
	websocket_accept(accept, (struct slice){ "x3JJHMbDL1EzLkh9GBhXDw==", 24 });
	CHECK_TEXT(accept, sizeof(accept), "HSmrc0sMlYUkAGmm5OPpG2HaGWk=");
}

static void test_answer(void)
{
	char head[256], out[WEBSOCKET_HANDSHAKE_MAX];
	struct http_request r;

	parse(&r, head, sizeof(head), "1.1", "Upgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: chat\r\n"
		"Sec-WebSocket-Key: " KEY "\r\n");
	CHECK_INT(websocket_handshake_check(&r), WEBSOCKET_HANDSHAKE_GOOD);
	CHECK_TEXT(out, websocket_put_handshake(out, &r),
		"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
}

static const struct unit_test tests[] = {
	{ "what is asked for", test_matrix },
	{ "what is refused, and why", test_statuses },
	{ "Sec-WebSocket-Accept", test_accept },
	{ "the answer", test_answer },
};
UNIT_MAIN(tests)
