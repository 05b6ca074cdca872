/*
 * The addresses that --listen takes.
 */
#include "server/shell/endpoint.h"

#include <stdlib.h>

#include "test/unit/unit.h"

static void test_takes_every_form(void)
{
	static const struct {
		const char *text;
		enum endpoint_kind kind;
		const char *name;
		uint16_t port;
		bool proxy, is_operator, telnet;
	} cases[] = {
		{ "8000", ENDPOINT_LOOPBACK, NULL, 8000, false, false, false },
		{ "0", ENDPOINT_LOOPBACK, NULL, 0, false, false, false },
		{ "65535", ENDPOINT_LOOPBACK, NULL, 65535, false, false, false },
		{ "*:80", ENDPOINT_ANY, NULL, 80, false, false, false },
		{ "localhost:1", ENDPOINT_HOST, "localhost", 1, false, false, false },
		{ "127.0.0.1:8000", ENDPOINT_HOST, "127.0.0.1", 8000, false, false, false },
		{ "[::1]:8000", ENDPOINT_HOST, "::1", 8000, false, false, false },
		{ "[fe80::1%eth0]:80", ENDPOINT_HOST, "fe80::1%eth0", 80, false, false, false },
		{ "unix:/run/chatd.sock", ENDPOINT_UNIX, "/run/chatd.sock", 0, false, false, false },
		{ "unix:a,b:8", ENDPOINT_UNIX, "a,b:8", 0, false, false, false },
		{ "8000,proxy", ENDPOINT_LOOPBACK, NULL, 8000, true, false, false },
		{ "*:1,operator", ENDPOINT_ANY, NULL, 1, false, true, false },
		{ "*:1,telnet", ENDPOINT_ANY, NULL, 1, false, false, true },
		{ "1,telnet,proxy", ENDPOINT_LOOPBACK, NULL, 1, true, false, true },
		{ "unix:/s,proxy,operator", ENDPOINT_UNIX, "/s", 0, true, true, false },
		{ "unix:/s,operator,proxy", ENDPOINT_UNIX, "/s", 0, true, true, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct endpoint got;
		struct error error;

		CHECK_INT(endpoint_parse(&got, cases[i].text, "-l", &error), 0);
		CHECK_INT(got.kind, cases[i].kind);
		CHECK_INT(got.port, cases[i].port);
		CHECK_INT(got.proxy, cases[i].proxy);
		CHECK_INT(got.is_operator, cases[i].is_operator);
		CHECK_INT(got.telnet, cases[i].telnet);
		CHECK_INT(got.name == NULL, cases[i].name == NULL);
		if (got.name != NULL && cases[i].name != NULL)
			CHECK_TEXT(got.name, strlen(got.name), cases[i].name);
		endpoint_finish(&got);
	}
}

static void test_refuses_in_words(void)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "", "-l: \"\" does not end in a port, which is a number from 0 to 65535" },
		{ "chat", "-l: \"chat\" does not end in a port, which is a number from 0 to 65535" },
		{ "host:", "-l: \"host:\" does not end in a port, which is a number from 0 to 65535" },
		{ "host:65536", "-l: \"host:65536\" does not end in a port, which is a number from 0 to 65535" },
		{ "host:-1", "-l: \"host:-1\" does not end in a port, which is a number from 0 to 65535" },
		{ "[::1]", "-l: \"[::1]\" does not end in a port, which is a number from 0 to 65535" },
		{ "host:80,foo", "-l: there is no word \"foo\" for an address (proxy, operator, telnet, "
			"web, readonly, metrics, forwarded=, room=)" },
		{ "8000,opretor,proxy", "-l: there is no word \"opretor\" for an address (proxy, "
			"operator, telnet, web, readonly, metrics, forwarded=, room=)" },
		{ "host:80,Proxy", "-l: there is no word \"Proxy\" for an address (proxy, operator, "
			"telnet, web, readonly, metrics, forwarded=, room=)" },
		{ "80,", "-l: there is no word \"\" for an address (proxy, operator, telnet, web, "
			"readonly, metrics, forwarded=, room=)" },
		{ ":80", "-l: there is no host before the port (*:8000 means all addresses)" },
		{ "[]:80", "-l: there is no host before the port (*:8000 means all addresses)" },
		{ "::1:80", "-l: an IPv6 address needs brackets, as in [::1]:8000" },
		{ "[::1:80", "-l: an IPv6 address needs brackets, as in [::1]:8000" },
		{ "unix:", "-l: unix: needs the path of a socket" },
		{ "unix:,proxy", "-l: unix: needs the path of a socket" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct endpoint e;
		struct error error = { 0 };

		CHECK_INT(endpoint_parse(&e, cases[i].text, "-l", &error), -1);
		CHECK_INT(error.status, ERROR_USAGE);
		CHECK_TEXT(error.text, strlen(error.text), cases[i].error);
	}
}

/* sun_path has 108 bytes on Linux, 104 elsewhere. */
static void test_bounds_a_path(void)
{
	char text[256] = "unix:/";
	struct endpoint e;
	struct error error;
	size_t longest = 0;

	for (size_t len = 1; len < 200; len++) {
		memset(text + 5, 'x', len);
		text[5 + len] = '\0';
		if (endpoint_parse(&e, text, "-l", &error) == 0) {
			CHECK_INT(longest, len - 1);
			longest = len;
			endpoint_finish(&e);
		}
	}
	CHECK(longest == 107 || longest == 103);
}

static void test_tells_them_apart(void)
{
	static const char *const texts[] = { "8000", "*:8000", "host:8000", "host:8001",
		"other:8000", "unix:host", "unix:other", "8000,proxy", "8000,operator", "8000,telnet" };
	enum { COUNT = sizeof(texts) / sizeof(texts[0]) };
	struct endpoint all[COUNT];
	struct error error;

	for (size_t i = 0; i < COUNT; i++)
		CHECK_INT(endpoint_parse(&all[i], texts[i], "-l", &error), 0);
	for (size_t i = 0; i < COUNT; i++)
		for (size_t j = 0; j < COUNT; j++)
			CHECK_INT(endpoint_equal(&all[i], &all[j]), i == j);
	for (size_t i = 0; i < COUNT; i++)
		endpoint_finish(&all[i]);
}

static const struct unit_test tests[] = {
	{ "takes every form", test_takes_every_form },
	{ "refuses in words", test_refuses_in_words },
	{ "bounds a path", test_bounds_a_path },
	{ "tells them apart", test_tells_them_apart },
};

UNIT_MAIN(tests)
