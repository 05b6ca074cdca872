/*
 * The protocol of NATS: what servers send, whole and byte by byte, each limit, and what is not the
 * protocol; and what goes to them, to the byte.
 */
#include "server/core/nats/protocol.h"
#include "server/core/nats/writer.h"

#include <stdlib.h>

#include "test/unit/unit.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The outcome for each beginning of the bytes, in memory of just that size. */
static enum nats_outcome parse_slowly(const char *bytes, size_t len, size_t *used)
{
	enum nats_outcome outcome = NATS_MORE;

	for (size_t n = 0; n <= len && outcome == NATS_MORE; n++) {
		char *copy = malloc(n + (n == 0));
		struct nats_op op;

		memcpy(copy, bytes, n);
		outcome = nats_parse(&op, copy, n, used);
		if (outcome == NATS_MORE)
			CHECK(*used > n);
		free(copy);
	}
	return outcome;
}

static void test_operations(void)
{
	static const struct {
		const char *bytes;
		enum nats_kind kind;
		const char *text;
	} rows[] = {
		{ "PING\r\n", NATS_PING, "" },
		{ "PONG\r\n", NATS_PONG, "" },
		{ "ping\r\n", NATS_PING, "" },
		{ "PING\n", NATS_PING, "" },
		{ "PING \t\r\n", NATS_PING, "" },
		{ "+OK\r\n", NATS_OK, "" },
		{ "-ERR 'Authorization Violation'\r\n", NATS_ERR, "Authorization Violation" },
		{ "-ERR plain\r\n", NATS_ERR, "plain" },
		{ "-ERR '\r\n", NATS_ERR, "'" },
		{ "-ERR\r\n", NATS_ERR, "" },
		{ "INFO {\"version\":\"2.9.10\"} \r\n", NATS_INFO, "{\"version\":\"2.9.10\"}" },
		{ "INFO\t{}\r\n", NATS_INFO, "{}" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t len = strlen(rows[i].bytes), used, slow;
		struct nats_op op;

		CHECK_INT(nats_parse(&op, rows[i].bytes, len, &used), NATS_WHOLE);
		CHECK_INT(op.kind, rows[i].kind);
		CHECK_INT(used, len);
		CHECK_TEXT(op.text.bytes, op.text.len, rows[i].text);
		CHECK_INT(parse_slowly(rows[i].bytes, len, &slow), NATS_WHOLE);
		CHECK_INT(slow, used);
	}
}

static void test_messages(void)
{
	static const struct {
		const char *bytes, *subject, *reply, *headers, *payload;
		uint64_t sid;
	} rows[] = {
		{ "MSG a.b 7 5\r\nhello\r\n", "a.b", "", "", "hello", 7 },
		{ "MSG a.b 7 r.1 5\r\nhello\r\n", "a.b", "r.1", "", "hello", 7 },
		{ "MSG a.b 7 0\r\n\r\n", "a.b", "", "", "", 7 },
		{ "msg  a.b\t7  2\n\r\n\r\n", "a.b", "", "", "\r\n", 7 },
		{ "HMSG a 1 12 12\r\nNATS/1.0\r\n\r\n\r\n", "a", "", "NATS/1.0\r\n\r\n", "", 1 },
		{ "HMSG a 1 r 12 14\r\nNATS/1.0\r\n\r\nhi\r\n", "a", "r", "NATS/1.0\r\n\r\n", "hi", 1 },
		{ "HMSG a 18446744073709551615 12 14\r\nNATS/1.0\r\n\r\nhi\r\n", "a", "",
			"NATS/1.0\r\n\r\n", "hi", UINT64_MAX },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t len = strlen(rows[i].bytes), used;
		struct nats_op op;

		CHECK_INT(nats_parse(&op, rows[i].bytes, len, &used), NATS_WHOLE);
		CHECK_INT(op.kind, NATS_MSG);
		CHECK_INT(used, len);
		CHECK_TEXT(op.subject.bytes, op.subject.len, rows[i].subject);
		CHECK_TEXT(op.reply.bytes, op.reply.len, rows[i].reply);
		CHECK_TEXT(op.headers.bytes, op.headers.len, rows[i].headers);
		CHECK_TEXT(op.payload.bytes, op.payload.len, rows[i].payload);
		CHECK(op.sid == rows[i].sid && op.skip == 0);
		CHECK_INT(parse_slowly(rows[i].bytes, len, &used), NATS_WHOLE);
	}
}

static void test_broken(void)
{
	static const char *const rows[] = {
		"\r\n", "HELLO\r\n", "MSG\r\n", "MSG a 1\r\n", "MSG a b 1\r\n",
		"MSG a 1 r s 2\r\n", "MSG a 1 -1\r\n", "MSG a 1 2x\r\n", "MSG a 1 99999999999\r\n",
		"HMSG a 1 2\r\n", "HMSG a 1 3 2\r\n", "HMSG a 1 r s 2 3\r\n",
		"MSG a 99999999999999999999 1\r\n", "MSG a 1 2\r\nabc\r\n", "MSG a 1 2\r\nab\n\r\n",
		"SSH-2.0-OpenSSH\r\n", "HTTP/1.1 400 Bad Request\r\n",
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t used;

		CHECK_INT(parse_slowly(rows[i], strlen(rows[i]), &used), NATS_BROKEN);
	}
	struct nats_op op;
	size_t used;
	CHECK_INT(nats_parse(&op, "PI\0NG\r\n", 7, &used), NATS_BROKEN);
}

static void test_line_limit(void)
{
	static char bytes[NATS_LINE_MAX + 16];
	struct nats_op op;
	size_t used;

	for (int more = -1; more <= 1; more++) {
		size_t len = (size_t)(NATS_LINE_MAX + more);

		memset(bytes, 'x', sizeof(bytes));
		memcpy(bytes, "INFO ", 5);
		bytes[len - 1] = '\n';
		CHECK_INT(nats_parse(&op, bytes, len, &used), more <= 0 ? NATS_WHOLE : NATS_BROKEN);
	}
	memset(bytes, 'x', sizeof(bytes));
	CHECK_INT(nats_parse(&op, bytes, NATS_LINE_MAX - 1, &used), NATS_MORE);
	CHECK_INT(nats_parse(&op, bytes, NATS_LINE_MAX, &used), NATS_BROKEN);
}

static void test_message_limit(void)
{
	for (int more = -1; more <= 1; more++) {
		uint64_t size = (uint64_t)(NATS_MESSAGE_MAX + more);
		char line[64];
		size_t len = (size_t)sprintf(line, "MSG a 1 %" PRIu64 "\r\n", size), used;
		struct nats_op op;

		CHECK_INT(nats_parse(&op, line, len, &used), more <= 0 ? NATS_MORE : NATS_WHOLE);
		CHECK(op.skip == (more <= 0 ? 0 : size + 2));
		CHECK_INT(used, more <= 0 ? len + size + 2 : len);
	}
}

static void test_headers(void)
{
	static const char text[] = "NATS/1.0 100 Idle Heartbeat\r\nNats-Last-Consumer: 3\r\n"
				   "X-Nats-Last-Stream: 4\r\nNats-Last-Stream:5 \r\nA:\r\n\r\n";
	struct slice headers = { text, sizeof(text) - 1 }, value;

	CHECK_INT(nats_status(headers), 100);
	CHECK(nats_header(headers, "Nats-Last-Consumer", &value));
	CHECK_TEXT(value.bytes, value.len, "3");
	CHECK(nats_header(headers, "Nats-Last-Stream", &value));
	CHECK_TEXT(value.bytes, value.len, "5");
	CHECK(nats_header(headers, "A", &value));
	CHECK_INT(value.len, 0);
	CHECK(!nats_header(headers, "Nats-Last", &value));
	CHECK(!nats_header(headers, "nats-last-consumer", &value));
	CHECK_INT(nats_status((struct slice){ "NATS/1.0\r\n\r\n", 12 }), 0);
	CHECK_INT(nats_status((struct slice){ "NATS/1.0 503\r\n\r\n", 16 }), 503);
	CHECK_INT(nats_status((struct slice){ "HTTP 503\r\n\r\n", 12 }), 0);
	CHECK_INT(nats_status((struct slice){ NULL, 0 }), 0);
}

/* What is in the buffer, and the buffer given back. */
static void check_out(struct buffer *out, const char *want)
{
	CHECK(!out->failed);
	CHECK_TEXT(out->bytes, buffer_len(out), want);
	buffer_finish(out);
}

static void test_writing(void)
{
	struct buffer out = { 0 };
	struct nats_publish p = { .subject = { { "a.", 2 }, { "b", 1 } }, .payload = { "hi", 2 } };

	nats_put_publish(&out, &p);
	check_out(&out, "PUB a.b 2\r\nhi\r\n");
	p.reply[0] = (struct slice){ "in.", 3 };
	p.reply[1] = (struct slice){ "7", 1 };
	nats_put_publish(&out, &p);
	check_out(&out, "PUB a.b in.7 2\r\nhi\r\n");
	p.msg_id = (struct slice){ "p-1", 3 };
	nats_put_publish(&out, &p);
	check_out(&out, "HPUB a.b in.7 30 32\r\nNATS/1.0\r\nNats-Msg-Id: p-1\r\n\r\nhi\r\n");
	p.expects = true;
	p.expected = UINT64_MAX;
	nats_put_publish(&out, &p);
	check_out(&out, "HPUB a.b in.7 89 91\r\nNATS/1.0\r\nNats-Msg-Id: p-1\r\n"
			"Nats-Expected-Last-Subject-Sequence: 18446744073709551615\r\n\r\nhi\r\n");
	p = (struct nats_publish){ .subject = { { "a", 1 } } };
	nats_put_publish(&out, &p);
	check_out(&out, "PUB a 0\r\n\r\n");
	nats_put_subscribe(&out, (struct slice[3]){ { "a.", 2 }, { "*", 1 } }, 12);
	nats_put_unsubscribe(&out, 12);
	nats_put_ping(&out);
	nats_put_pong(&out);
	check_out(&out, "SUB a.* 12\r\nUNSUB 12\r\nPING\r\nPONG\r\n");
}

static void test_connect(void)
{
	static const char head[] = "CONNECT {\"verbose\":false,\"pedantic\":false,\"headers\":true,"
				   "\"no_responders\":true,\"protocol\":1,\"lang\":\"c\",\"version\":\""
				   CHAT_VERSION "\"";
	struct nats_credentials none = { { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };
	struct nats_credentials user = { { "a\"b", 3 }, { "\\\n\x01", 3 }, { NULL, 0 } };
	struct nats_credentials token = { { NULL, 0 }, { NULL, 0 }, { "s3", 2 } };
	struct buffer out = { 0 };
	char want[512];

	nats_put_connect(&out, &none, (struct slice){ "a", 1 });
	snprintf(want, sizeof(want), "%s,\"name\":\"a\"}\r\n", head);
	check_out(&out, want);
	nats_put_connect(&out, &user, (struct slice){ NULL, 0 });
	snprintf(want, sizeof(want), "%s,\"user\":\"a\\u0022b\",\"pass\":\"\\u005c\\u000a\\u0001\"}\r\n",
		head);
	check_out(&out, want);
	nats_put_connect(&out, &token, (struct slice){ NULL, 0 });
	snprintf(want, sizeof(want), "%s,\"auth_token\":\"s3\"}\r\n", head);
	check_out(&out, want);
}

static void test_buffer(void)
{
	struct buffer b = { 0 };
	char space[700];
	size_t size;

	memset(space, 'x', sizeof(space));
	buffer_put(&b, (struct slice){ space, sizeof(space) });
	size = b.size;
	for (int i = 0; i < 100; i++) {
		buffer_consume(&b, 690);
		buffer_put(&b, (struct slice){ space, 690 });
		CHECK_INT(buffer_len(&b), sizeof(space));
	}
	CHECK(b.size <= 2 * size);
	buffer_consume(&b, sizeof(space));
	CHECK(buffer_len(&b) == 0 && b.start == 0);
	buffer_finish(&b);
}

static const struct unit_test tests[] = {
	{ "each operation, in any pieces", test_operations },
	{ "messages", test_messages },
	{ "what is not the protocol", test_broken },
	{ "the longest line", test_line_limit },
	{ "the longest message", test_message_limit },
	{ "headers", test_headers },
	{ "operations as they go out", test_writing },
	{ "CONNECT, with every byte of a password", test_connect },
	{ "a buffer takes what is taken out again", test_buffer },
};
UNIT_MAIN(tests)
