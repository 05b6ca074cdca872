/*
 * Strangers: every byte of a first line, and the lines that are no chat.
 */
#include "server/core/wire/sniff.h"
#include "test/unit/unit.h"

static void test_every_byte(void)
{
	for (int c = 0; c < 256; c++) {
		uint8_t line[3] = { 'a', (uint8_t)c, 'b' };
		bool human = c >= 0x20 || c == '\t' || c == '\n' || c == '\r' || c == '\b' ||
			c == 0x1b || c == 0x15 || c == 0x17;

		CHECK_INT(sniff_bytes(line, 3, false, false) == NULL, human);
		CHECK_INT(sniff_bytes(line + 1, 2, false, false) == NULL, human);
		CHECK_INT(sniff_bytes(line, 2, false, false) == NULL, human);
	}
	CHECK(sniff_bytes(NULL, 0, false, false) == NULL);
}

static void test_only_the_first_line(void)
{
	CHECK(sniff_bytes((const uint8_t *)"a\n\0\x01", 4, false, false) == NULL);
	CHECK(sniff_bytes((const uint8_t *)"a\0\n", 3, false, false) != NULL);
}

static void test_carriage_return_nul(void)
{
	CHECK(sniff_bytes((const uint8_t *)"a\r\0b", 4, false, false) == NULL);
	CHECK(sniff_bytes((const uint8_t *)"a\r\0\0\x01", 5, false, false) == NULL);
	CHECK(sniff_bytes((const uint8_t *)"\0b", 2, true, false) == NULL);
	CHECK(sniff_bytes((const uint8_t *)"\nb\x01", 3, true, false) != NULL);
	CHECK(sniff_bytes((const uint8_t *)"\0\0", 2, true, false) != NULL);
	CHECK(sniff_bytes((const uint8_t *)"\0b", 2, false, false) != NULL);
	CHECK(sniff_bytes((const uint8_t *)"b\0", 2, true, false) != NULL);
}

static void test_names(void)
{
	static const uint8_t proxy[] = "\n\0\r\nQUIT\n ";

	CHECK(strcmp(sniff_bytes((const uint8_t *)"\x16\x03\x01", 3, false, false)->name, "TLS") == 0);
	CHECK(strcmp(sniff_bytes((const uint8_t *)"\x80\x01", 2, false, false)->name, "binary") == 0);
	CHECK(sniff_bytes(proxy + 1, 8, false, false)->misrouted);
	CHECK(sniff_bytes(proxy, 9, true, false)->misrouted);
	CHECK(!sniff_bytes(proxy + 1, 7, false, false)->misrouted);
	for (size_t len = 1; len < 9; len++) {
		CHECK(sniff_bytes(proxy + 1, len, false, true)->misrouted);
		CHECK(sniff_bytes(proxy, len + 1, true, true)->misrouted);
	}
	CHECK(!sniff_bytes((const uint8_t *)"\0\n", 2, false, true)->misrouted);
}

struct row {
	const char *line, *whole, *beginning; /* what it is */
};

#define REQUEST "a request"
#define PROXY "a PROXY header, which this listener does not expect"

static const struct row rows[] = {
	{ "GET / HTTP/1.1", "HTTP", "HTTP" },
	{ "GET /a?b HTTP/1.0", "HTTP", "HTTP" },
	{ "GET / HTTP/2", "HTTP", "HTTP" },
	{ "CONNECT example.org:443 HTTP/1.1", "HTTP", "HTTP" },
	{ "OPTIONS * HTTP/1.1", "HTTP", "HTTP" },
	{ "GET http://example.org/ HTTP/1.1", "HTTP", "HTTP" },
	{ "M-SEARCH * HTTP/1.1", "HTTP", NULL },
	{ "OPTIONS ", NULL, "HTTP" },
	{ "WOW /a long line", NULL, NULL },
	{ "GET me out of here", NULL, NULL },
	{ "GET / HTTP/", NULL, "HTTP" },
	{ "GET / HTTP/1.1 ", NULL, "HTTP" },
	{ "GET / http/1.1", NULL, "HTTP" },
	{ "GET /", NULL, "HTTP" },
	{ "GET", NULL, NULL },
	{ "GET ", NULL, "HTTP" },
	{ "G", NULL, NULL },
	{ "get / HTTP/1.1", NULL, NULL },
	{ " GET / HTTP/1.1", NULL, NULL },
	{ "HTTP/1.1", NULL, NULL },
	{ " HTTP/1.1", NULL, NULL },
	{ "GET  HTTP/1.1", "HTTP", NULL },
	{ "I like HTTP/1.1", NULL, NULL },
	{ "OK do it HTTP/1.1", NULL, NULL },
	{ "WHO knows about HTTP/1.1", NULL, NULL },
	{ "PRI * HTTP/2.0", "HTTP", "HTTP" },
	{ "GET / HTTP/1.1x", NULL, "HTTP" },
	{ "we like HTTP/1.1", NULL, NULL },
	{ "1.1", NULL, NULL },
	{ "SSH-2.0-x", "SSH", "SSH" },
	{ "SSH-", "SSH", "SSH" },
	{ "SSH", NULL, NULL },
	{ "ssh-2.0", NULL, NULL },
	/* Others of the shape of HTTP's. */
	{ "OPTIONS * RTSP/1.0", REQUEST, "HTTP" },
	{ "DESCRIBE rtsp://192.0.2.1/a RTSP/1.0", REQUEST, NULL },
	{ "OPTIONS sip:nm SIP/2.0", REQUEST, NULL },
	{ "INVITE sip:bob@example.org SIP/2.0", REQUEST, NULL },
	{ "REQMOD icap://example.org/s ICAP/1.0", REQUEST, NULL },
	{ "NOTIFY * HTTP/1.1", "HTTP", NULL },
	{ "OPTIONS * RTSP/1", NULL, "HTTP" },
	{ "OPTIONS * RTSP/1.", NULL, "HTTP" },
	{ "OPTIONS * RTSP/1.0x", NULL, "HTTP" },
	{ "OPTIONS * RTSP/.0", NULL, "HTTP" },
	{ "OPTIONS * /1.0", NULL, "HTTP" },
	{ "OPTIONS * rtsp/1.0", NULL, "HTTP" },
	{ "THE BEST of TCP/1.0", NULL, NULL },
	{ "WHY not use version 1.0", NULL, NULL },
	/* Mail, Redis, IRC. */
	{ "EHLO example.org", "SMTP", "SMTP" },
	{ "HELO", "SMTP", "SMTP" },
	{ "helo", NULL, NULL },
	{ "HELOO", NULL, NULL },
	{ "*1", "Redis", "Redis" },
	{ "*10", "Redis", "Redis" },
	{ "*", NULL, NULL },
	{ "*waves*", NULL, NULL },
	{ "*1 thing", NULL, NULL },
	{ "CAP LS", "IRC", NULL },
	{ "CAP LS 302", "IRC", NULL },
	{ "CAP LSD", NULL, NULL },
	{ "CAP", NULL, NULL },
	{ "NICK alice", "IRC", NULL },
	{ "NICK", "IRC", NULL },
	{ "NICKY is here", NULL, NULL },
	{ "/NICK alice", NULL, NULL },
	{ "nick alice", NULL, NULL },
	{ "USER alice 0 * :Alice", "IRC", NULL },
	{ "USER alice 0 * alice", NULL, NULL },
	{ "USERS :-)", NULL, NULL },
	{ "PASS secret", "IRC", NULL },
	{ "PASS the salt", NULL, NULL },
	/* Front ends. */
	{ "PROXY TCP4 192.0.2.1 192.0.2.2 1 2", PROXY, PROXY },
	{ "PROXY TCP6 ::1 ::1 1 2", PROXY, PROXY },
	{ "PROXY UNKNOWN", PROXY, PROXY },
	{ "PROXY TCP5", NULL, NULL },
	{ "PROXY or not", NULL, NULL },
	{ "", NULL, NULL },
	{ "hello", NULL, NULL },
};

static void check_alien(const struct alien *got, const char *want, const char *line)
{
	if (got == NULL ? want == NULL : want != NULL && strcmp(got->name, want) == 0)
		return;
	printf("# %s is taken for %s\n", line, got != NULL ? got->name : "chat");
	CHECK(!"known for what it is");
}

static void test_lines(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];

		check_alien(sniff_line(row->line, strlen(row->line), true), row->whole, row->line);
		check_alien(sniff_line(row->line, strlen(row->line), false), row->beginning,
			row->line);
	}
}

static const struct unit_test tests[] = {
	{ "every byte", test_every_byte },
	{ "only the first line", test_only_the_first_line },
	{ "CR NUL", test_carriage_return_nul },
	{ "what it is called", test_names },
	{ "lines", test_lines },
};

UNIT_MAIN(tests)
