/*
 * URLs in what people say: where they end, and when a terminal may wrap them.
 */
#include "client/core/url.h"
#include "test/unit/unit.h"

static void test_where_they_end(void)
{
	static const struct {
		const char *text;
		const char *url; /* NULL: there is none */
	} table[] = {
		{ "http://example.org", "http://example.org" },
		{ "see HTTPS://example.org/a?b=c#d, and", "HTTPS://example.org/a?b=c#d" },
		{ "(https://example.org/a)", "https://example.org/a" },
		{ "https://example.org/a_(b).", "https://example.org/a_(b)" },
		{ "<https://example.org/a>", "https://example.org/a" },
		{ "\"https://example.org\"", "https://example.org" },
		{ "你https://example.org/你", "https://example.org/" },
		{ "xhttps://example.org http://b.org!", "http://b.org" },
		{ "https://", NULL },
		{ "https:// x", NULL },
		{ "ftp://example.org", NULL },
		{ "", NULL },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		struct piece url;
		bool found = url_find((struct piece){ table[i].text, strlen(table[i].text) }, &url);

		CHECK_INT(found, table[i].url != NULL);
		if (found && table[i].url)
			CHECK_TEXT(url.s, url.len, table[i].url);
	}
}

/* A row that a terminal begins with it must not look like the beginning of a line. */
static void test_what_may_be_wrapped(void)
{
	static const struct {
		const char *url;
		bool may;
	} table[] = {
		{ "http://e.org/aaaaaaaaaaaaaaaa", true },
		{ "http://e.org/aaaaaa11:59![bob]:x", false },
		{ "http://e.org/aaaaaaa***", false },
		{ "http://e.org/aaa===x", true },
		{ "http://e.org/aaaaaaa===x", false },
		{ "http://e.org/aaaaaaa!!!x", false },
		{ "http://e.org/aaaaaaaaaaaaaaaaaaaaaaaaaaa---x", false },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		struct piece url = { table[i].url, strlen(table[i].url) };

		if (url_may_wrap(url, 0, 20) != table[i].may)
			CHECK_TEXT(url.s, url.len, "");
	}
}

static const struct unit_test tests[] = {
	{ "where they end", test_where_they_end },
	{ "what may be wrapped", test_what_may_be_wrapped },
};

UNIT_MAIN(tests)
