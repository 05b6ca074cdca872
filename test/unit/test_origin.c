/*
 * Origins against hosts, and the names that a loopback listener answers to.
 */
#include "server/core/wire/origin.h"

#include "test/unit/unit.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct slice slice(const char *text)
{
	return (struct slice){ text, strlen(text) };
}

/* A list of no words, or of one or two. */
static struct origin_list list_of(struct slice words[2], const char *first, const char *second)
{
	struct origin_list list = { words, (first != NULL) + (size_t)(second != NULL) };

	if (first != NULL)
		words[0] = slice(first);
	if (second != NULL)
		words[1] = slice(second);
	return list;
}

static const struct {
	const char *origin, *host;
	bool allowed;
} same[] = {
	{ "http://a", "a", true },
	{ "https://a", "a", true },
	{ "http://A", "a", true },
	{ "HTTP://a", "A", true },
	{ "http://a:80", "a", true },
	{ "http://a", "a:80", true },
	{ "https://a", "a:443", true },
	{ "https://a:443", "a:443", true },
	{ "http://a:8080", "a:8080", true },
	{ "http://a:8080", "a:8081", false },
	{ "http://a", "a:8080", false },
	{ "http://a:8080", "a:80", false },
	{ "https://a", "a:80", false },
	{ "http://a", "a:443", false },
	/* nginx's $host has no port: the names alone decide. */
	{ "http://a:8080", "a", true },
	{ "https://a:8443", "a", true },
	{ "http://a:8080", "a:", true },
	{ "http://b", "a", false },
	{ "http://a.b", "a", false },
	{ "http://b.a", "a", false },
	{ "http://aa", "a", false },
	{ "http://a.", "a", false },
	{ "http://[::1]:8080", "[::1]:8080", true },
	{ "http://[::1]", "[::2]", false },
	{ "http://127.0.0.1:8080", "127.0.0.1:8080", true },
	{ "http://127.0.0.1:8080", "localhost:8080", false },
	{ "null", "null", false },
	{ "null", "a", false },
	{ "", "a", false },
	{ "a", "a", false },
	{ "//a", "a", false },
	{ "://a", "a", false },
	{ "http:a", "a", false },
	{ "http:/a", "a", false },
	{ "http://", "a", false },
	{ "http://a/", "a", false },
	{ "http://a?", "a", false },
	{ "http://a#", "a", false },
	{ "http://u@a", "a", false },
	{ "http://b@a", "a", false },
	{ "http://a:x", "a", false },
	{ "http://a http://b", "a", false },
	{ "http://a, http://b", "a", false },
	{ "chrome-extension://a", "a", true },
	{ "chrome-extension://a", "a:80", false },
};

static void test_same(void)
{
	struct origin_list none = { 0 };

	for (size_t i = 0; i < COUNT(same); i++) {
		struct authority host;

		CHECK(authority_parse(&host, slice(same[i].host)));
		CHECK_INT(origin_is_allowed(slice(same[i].origin), &host, &none), same[i].allowed);
		if (origin_is_allowed(slice(same[i].origin), &host, &none) != same[i].allowed)
			printf("#   %s to %s\n", same[i].origin, same[i].host);
	}
	CHECK(!origin_is_allowed(slice("http://a"), NULL, &none));
}

static const struct {
	const char *origin, *first, *second;
	bool allowed;
} listed[] = {
	{ "https://b", "https://b", NULL, true },
	{ "https://b:443", "https://B", NULL, true },
	{ "https://b", "https://c", "https://b:443", true },
	{ "http://b", "https://b", NULL, false },
	{ "https://b:8443", "https://b", NULL, false },
	{ "https://b", "https://b:8443", NULL, false },
	{ "https://c", "https://b", NULL, false },
	{ "https://x.b", "https://b", NULL, false },
	{ "https://b", "*", NULL, true },
	{ "not parsed", "*", NULL, true },
	{ "null", "*", NULL, false },
	{ "NULL", "*", NULL, false },
	{ "null", "null", NULL, true },
	{ "null", "*", "null", true },
	{ "https://b", "null", NULL, false },
	{ "not parsed", "not parsed", NULL, false },
};

static void test_listed(void)
{
	struct authority host;

	CHECK(authority_parse(&host, slice("a")));
	for (size_t i = 0; i < COUNT(listed); i++) {
		struct slice words[2];
		struct origin_list list = list_of(words, listed[i].first, listed[i].second);

		CHECK_INT(origin_is_allowed(slice(listed[i].origin), &host, &list),
			listed[i].allowed);
		CHECK_INT(origin_is_allowed(slice(listed[i].origin), NULL, &list),
			listed[i].allowed);
	}
}

static void test_valid(void)
{
	CHECK(origin_is_valid(slice("https://chat.example.org")));
	CHECK(origin_is_valid(slice("http://[::1]:8080")));
	CHECK(origin_is_valid(slice("*")));
	CHECK(origin_is_valid(slice("null")));
	CHECK(!origin_is_valid(slice("chat.example.org")));
	CHECK(!origin_is_valid(slice("https://chat.example.org/")));
	CHECK(!origin_is_valid(slice("https://*.example.org")));
	CHECK(!origin_is_valid(slice("")));
}

static const struct {
	const char *host;
	bool local;
} hosts[] = {
	{ "localhost", true },
	{ "LocalHost:8080", true },
	{ "tea.localhost", true },
	{ "a.b.LOCALHOST:1", true },
	{ "127.0.0.1", true },
	{ "127.0.0.1:8080", true },
	{ "192.0.2.7", true },
	{ "[::1]:8080", true },
	{ "[2001:db8::1]", true },
	{ "chat.example.org", true }, /* listed */
	{ "CHAT.example.org:8443", true },
	{ "xchat.example.org", false },
	{ "x.chat.example.org", false },
	{ "example.org", false },
	{ ".localhost", false },
	{ "xlocalhost", false },
	{ "localhost.example.org", false },
	{ "localhost.", false },
	{ "127.0.0.1.example.org", false },
	{ "127.1", false },
	{ "2130706433", false },
	{ "0x7f.0.0.1", false },
};

static void test_hosts(void)
{
	struct slice words[2];
	struct origin_list list = list_of(words, "", "chat.example.org");

	for (size_t i = 0; i < COUNT(hosts); i++) {
		struct authority host;

		CHECK(authority_parse(&host, slice(hosts[i].host)));
		CHECK_INT(origin_is_local_host(&host, &list), hosts[i].local);
	}
}

static const struct unit_test tests[] = {
	{ "pages from here", test_same },
	{ "pages that are listed", test_listed },
	{ "words of the list", test_valid },
	{ "hosts of a loopback listener", test_hosts },
};
UNIT_MAIN(tests)
