/*
 * Settings: a copy is a copy.
 */
#include "server/core/base/settings.h"
#include "test/unit/unit.h"

static void test_copy(void)
{
	char name[] = "name", password[] = "sesame";
	struct settings from = { .max_clients = 7, .quiet = true, .name = name,
		.password = password };
	struct settings copy;

	CHECK_INT(settings_copy(&copy, &from), 0);
	name[0] = password[0] = 'X';
	CHECK_TEXT(copy.name, 4, "name");
	CHECK_TEXT(copy.password, 6, "sesame");
	CHECK(copy.motd == NULL && copy.operator_password == NULL);
	CHECK(copy.max_clients == 7 && copy.quiet);
	settings_finish(&copy);
	CHECK(copy.name == NULL && copy.password == NULL);
	settings_finish(&copy);
}

static void test_text(void)
{
	const char *text = NULL;

	CHECK_INT(settings_set_text(&text, "one and more", 3), 0);
	CHECK_TEXT(text, strlen(text), "one");
	CHECK_INT(settings_set_text(&text, "", 0), 0);
	CHECK(text != NULL && *text == '\0');
	CHECK_INT(settings_set_text(&text, NULL, 0), 0);
	CHECK(text == NULL);
}

static const struct unit_test tests[] = {
	{ "a copy", test_copy },
	{ "a text", test_text },
};

UNIT_MAIN(tests)
