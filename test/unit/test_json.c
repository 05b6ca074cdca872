/*
 * Values out of JSON: what nats-servers send, each border, and texts that are cut anywhere.
 */
#include "server/core/nats/json.h"

#include <stdlib.h>

#include "test/unit/unit.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct row {
	const char *text, *path;
	const char *value; /* NULL: not found */
};

/* Memory of just the right size, so that a sanitizer sees any read beyond it. */
static void check_row(const struct row *row)
{
	unsigned before = unit_failures;
	size_t len = strlen(row->text);
	char *copy = malloc(len + 1);
	struct slice value;
	bool found;

	memcpy(copy, row->text, len);
	found = json_find((struct slice){ copy, len }, row->path, &value);
	CHECK_INT(found, row->value != NULL);
	if (found && row->value != NULL)
		CHECK_TEXT(value.bytes, value.len, row->value);
	if (unit_failures > before)
		printf("#   %s in %s\n", row->path, row->text);
	free(copy);
}

static void test_find(void)
{
	static const struct row rows[] = {
		{ "{\"a\":1}", "a", "1" },
		{ " { \"a\" : 1 } ", "a", "1" },
		{ "{\"a\":\"b\"}", "a", "b" },
		{ "{\"a\":\"b\\\"c\"}", "a", "b\\\"c" },
		{ "{\"a\":\"\"}", "a", "" },
		{ "{\"a\":true,\"b\":null}", "b", "null" },
		{ "{\"a\":{\"b\":2},\"c\":3}", "c", "3" },
		{ "{\"a\":{\"b\":2},\"b\":3}", "b", "3" },
		{ "{\"a\":{\"b\":2},\"b\":3}", "a.b", "2" },
		{ "{\"a\":{\"b\":2}}", "a", "{\"b\":2}" },
		{ "{\"a\":[\"}\",\"]\"],\"b\":4}", "b", "4" },
		{ "{\"a\":[\"x\",{\"y\":5}]}", "a.0", "x" },
		{ "{\"a\":[\"x\",{\"y\":5}]}", "a.1.y", "5" },
		{ "{\"a\":[\"x\"]}", "a.1", NULL },
		{ "{\"a\":[]}", "a.0", NULL },
		{ "{\"a\":1}", "b", NULL },
		{ "{\"a\":1}", "a.b", NULL },
		{ "{\"a\":[1]}", "a.b", NULL },
		{ "{\"aa\":1,\"a\":2}", "a", "2" },
		{ "{\"\\\"a\":1,\"a\":2}", "a", "2" },
		{ "{}", "a", NULL },
		{ "", "a", NULL },
		{ "7", "", "7" },
		{ "{\"a\"", "a", NULL },
		{ "{\"a\":", "a", NULL },
		{ "{\"a\":\"b", "a", NULL },
		{ "{\"a\":\"b\\", "a", NULL },
		{ "{\"a\":{\"b\":1", "a", NULL },
		{ "{\"a\":[1}", "a", NULL },
		{ "{\"a\":{]}", "a", NULL },
		{ "{\"b\":1 \"a\":2}", "a", NULL },
		{ "{\"stream\":\"ROOM\", \"seq\":1,\"duplicate\": true}", "duplicate", "true" },
		{ "{\"stream\":\"ROOM\", \"domain\":\"hub\", \"seq\":1}", "seq", "1" },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		check_row(&rows[i]);
}

static void test_depth(void)
{
	for (size_t depth = 63; depth <= 65; depth++) {
		char text[256] = "{\"b\":";
		size_t len = strlen(text);
		struct slice value;

		memset(text + len, '[', depth);
		memset(text + len + depth, ']', depth);
		memcpy(text + len + 2 * depth, ",\"a\":1}", 8);
		CHECK_INT(json_find((struct slice){ text, strlen(text) }, "a", &value), depth <= 64);
	}
}

static void test_numbers(void)
{
	static const char text[] = "{\"a\":18446744073709551615,\"b\":-1,\"c\":1.5,\"d\":7,\"e\":\"8\"}";
	struct slice json = { text, sizeof(text) - 1 };
	uint64_t number = 0;

	CHECK(json_number(json, "a", UINT64_MAX, &number) && number == UINT64_MAX);
	CHECK(!json_number(json, "a", UINT64_MAX - 1, &number));
	CHECK(!json_number(json, "b", UINT64_MAX, &number));
	CHECK(!json_number(json, "c", UINT64_MAX, &number));
	CHECK(json_number(json, "d", 7, &number) && number == 7);
	CHECK(!json_number(json, "d", 6, &number));
}

static void test_is(void)
{
	static const struct {
		const char *text, *value;
		bool is;
	} rows[] = {
		{ "7", "7", true }, { "7", "77", false }, { "77", "7", false }, { "true", "true", true },
		{ "\"a.\\u003e\"", "a.>", true }, { "\"a.\\u003E\"", "a.>", true },
		{ "\"\\\"\\\\\\/\"", "\"\\/", true }, { "\"\\n\"", "\n", false },
		{ "\"\\u00e9\"", "\xe9", false }, { "\"\xe9\"", "\xe9", true }, { "\"\\u003\"", "3", false },
		{ "\"\\u00x1\"", "1", false }, { "\"\"", "", true }, { "", "", false },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		CHECK_INT(json_is((struct slice){ rows[i].text, strlen(rows[i].text) }, "",
			(struct slice){ rows[i].value, strlen(rows[i].value) }), rows[i].is);
}

/* However a text is cut, nothing outside of it is read; what is found lies in it. */
static void test_cut(void)
{
	static const char text[] = "{\"config\":{\"subjects\":[\"a.b\"],\"x\":\"\\u0041\"},\"seq\": 12}";

	for (size_t len = 0; len < sizeof(text); len++) {
		char *copy = malloc(len + (len == 0));
		struct slice value;

		memcpy(copy, text, len);
		if (json_find((struct slice){ copy, len }, "seq", &value))
			CHECK(value.bytes >= copy && value.bytes + value.len <= copy + len);
		json_find((struct slice){ copy, len }, "config.subjects.0", &value);
		free(copy);
	}
}

static const struct unit_test tests[] = {
	{ "a value is found by its path", test_find },
	{ "what is passed over has at most 64 levels", test_depth },
	{ "numbers are whole, and within their limits", test_numbers },
	{ "a value is compared by what it stands for", test_is },
	{ "a text may be cut anywhere", test_cut },
};
UNIT_MAIN(tests)
