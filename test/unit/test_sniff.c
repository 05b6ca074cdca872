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

		CHECK_INT(sniff_bytes(line, 3, false) == NULL, human);
		CHECK_INT(sniff_bytes(line + 1, 2, false) == NULL, human);
		CHECK_INT(sniff_bytes(line, 2, false) == NULL, human);
	}
	CHECK(sniff_bytes(NULL, 0, false) == NULL);
}

static void test_only_the_first_line(void)
{
	CHECK(sniff_bytes((const uint8_t *)"a\n\0\x01", 4, false) == NULL);
	CHECK(sniff_bytes((const uint8_t *)"a\0\n", 3, false) != NULL);
}

static void test_carriage_return_nul(void)
{
	CHECK(sniff_bytes((const uint8_t *)"a\r\0b", 4, false) == NULL);
	CHECK(sniff_bytes((const uint8_t *)"a\r\0\0", 4, false) != NULL);
	CHECK(sniff_bytes((const uint8_t *)"\0b", 2, true) == NULL);
	CHECK(sniff_bytes((const uint8_t *)"\0b", 2, false) != NULL);
	CHECK(sniff_bytes((const uint8_t *)"b\0", 2, true) != NULL);
}

static void test_names(void)
{
	CHECK_TEXT(sniff_bytes((const uint8_t *)"\x16\x03\x01", 3, false), 3, "TLS");
	CHECK_TEXT(sniff_bytes((const uint8_t *)"\x80\x01", 2, false), 6, "binary");
}

struct row {
	const char *line, *whole, *beginning; /* what it is */
};

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
	{ "", NULL, NULL },
	{ "hello", NULL, NULL },
};

static void check_word(const char *got, const char *want)
{
	CHECK(got == NULL ? want == NULL : want != NULL && strcmp(got, want) == 0);
}

static void test_lines(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];

		check_word(sniff_line(row->line, strlen(row->line), true), row->whole);
		check_word(sniff_line(row->line, strlen(row->line), false), row->beginning);
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
