/*
 * Fields of HTTP requests: lists over several lines, weights, media types, bearer tokens.
 */
#include "server/core/wire/http_field.h"

#include "test/unit/unit.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct slice slice(const char *text)
{
	return (struct slice){ text, strlen(text) };
}

static void test_lines(void)
{
	struct slice lines = slice("Host:a\r\nX-Any: b\r\nORIGIN: \t \r\nuPgrade:\tx \t y\t\r\n");
	enum http_field field;
	struct slice value;
	size_t at = 0;

	CHECK(http_next_field(lines, &at, &field, &value));
	CHECK_INT(field, HTTP_HOST);
	CHECK_TEXT(value.bytes, value.len, "a");
	CHECK(http_next_field(lines, &at, &field, &value));
	CHECK_INT(field, HTTP_UNKNOWN_FIELD);
	CHECK_TEXT(value.bytes, value.len, "b");
	CHECK(http_next_field(lines, &at, &field, &value));
	CHECK_INT(field, HTTP_ORIGIN);
	CHECK(value.bytes != NULL && value.len == 0);
	CHECK(http_next_field(lines, &at, &field, &value));
	CHECK_INT(field, HTTP_UPGRADE);
	CHECK_TEXT(value.bytes, value.len, "x \t y");
	CHECK(!http_next_field(lines, &at, &field, &value));
}

static void test_lists(void)
{
	struct slice lines = slice("Connection: ,, a ,b\r\nHost: no\r\nconnection:\r\n"
				   "CONNECTION: \tkeep-alive\t,\r\nUpgrade: c\r\n");
	static const char *const elements[] = { "a", "b", "keep-alive" };
	struct http_list list = { 0 };
	struct slice element;

	for (size_t i = 0; i < COUNT(elements); i++) {
		CHECK(http_next_element(lines, HTTP_CONNECTION, &list, &element));
		CHECK_TEXT(element.bytes, element.len, elements[i]);
	}
	CHECK(!http_next_element(lines, HTTP_CONNECTION, &list, &element));
	CHECK(http_has_token(lines, HTTP_CONNECTION, "Keep-Alive"));
	CHECK(!http_has_token(lines, HTTP_CONNECTION, "keep"));
	CHECK(!http_has_token(lines, HTTP_CONNECTION, "keep-alive2"));
	CHECK(!http_has_token(lines, HTTP_CONNECTION, "c"));
	CHECK(http_has_token(lines, HTTP_UPGRADE, "c"));
	CHECK(!http_has_token(slice(""), HTTP_UPGRADE, "c"));
}

static void test_gzip(void)
{
	static const struct {
		const char *value;
		bool accepted;
	} rows[] = {
		{ "gzip", true },
		{ "GZip", true },
		{ "x-gzip", true },
		{ "gzip, deflate, br, zstd", true },
		{ "br;q=1.0, gzip;q=0.8, *;q=0.1", true },
		{ "gzip ; q = 0.001", true },
		{ "gzip;q=1", true },
		{ "gzip;q=1.000", true },
		{ "gzip;Q=0.5", true },
		{ "*", true },
		{ "*;q=0.5", true },
		{ "deflate\r\nAccept-Encoding: gzip", true },
		{ "", false },
		{ "identity", false },
		{ "deflate, br", false },
		{ "gzipped", false },
		{ "gzip;q=0", false },
		{ "gzip;q=0.", false },
		{ "gzip;q=0.000", false },
		{ "gzip;q=", false },
		{ "gzip;q=-1", false },
		{ "gzip;q=.5", false },
		{ "gzip;q=x", false },
		{ "gzip;level=1", false },
		{ "gzip;q=0, *", false },
		{ "*, gzip;q=0", false },
		{ "*;q=0", false },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char line[128];

		snprintf(line, sizeof(line), "Accept-Encoding: %s\r\n", rows[i].value);
		CHECK_INT(http_accepts_gzip(slice(line)), rows[i].accepted);
		if (http_accepts_gzip(slice(line)) != rows[i].accepted)
			unit_print("value", line, strlen(line));
	}
	CHECK(!http_accepts_gzip(slice("Host: gzip\r\n")));
}

static void test_plain_text(void)
{
	static const struct {
		const char *value;
		bool is_plain;
	} rows[] = {
		{ "text/plain", true },
		{ "TEXT/Plain", true },
		{ "text/plain; charset=utf-8", true },
		{ "text/plain;charset=UTF-8", true },
		{ "text/plain ; charset=\"utf-8\"", true },
		{ "text/plain; charset=us-ascii", true },
		{ "text/plain; format=flowed; charset=utf-8", true },
		{ "text/plain;", true },
		{ "text/plain; charset=iso-8859-1", false },
		{ "text/plain; format=flowed; charset=latin1", false },
		{ "text/plain; charset=", false },
		{ "text/plain; charset=\"", false },
		{ "text/html", false },
		{ "text/plainer", false },
		{ "application/x-www-form-urlencoded", false },
		{ "", false },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		CHECK_INT(http_is_plain_text(slice(rows[i].value)), rows[i].is_plain);
}

static void test_bearer(void)
{
	static const struct {
		const char *value, *token;
	} rows[] = {
		{ "Bearer abc", "abc" },
		{ "bearer abc", "abc" },
		{ "BEARER   a.b-c~+/=", "a.b-c~+/=" },
		{ "Bearer a b", "a b" },
		{ "Bearer", NULL },
		{ "Bearer ", NULL },
		{ "Bearerabc", NULL },
		{ "Basic abc", NULL },
		{ "abc", NULL },
		{ "", NULL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slice token;
		bool is_bearer = http_bearer(slice(rows[i].value), &token);

		CHECK_INT(is_bearer, rows[i].token != NULL);
		if (is_bearer)
			CHECK_TEXT(token.bytes, token.len, rows[i].token);
	}
	struct slice token;
	CHECK(!http_bearer((struct slice){ NULL, 0 }, &token));
}

static const struct unit_test tests[] = {
	{ "lines", test_lines },
	{ "lists", test_lists },
	{ "gzip", test_gzip },
	{ "text/plain", test_plain_text },
	{ "bearer tokens", test_bearer },
};
UNIT_MAIN(tests)
