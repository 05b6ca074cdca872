/*
 * The text of a configuration file.
 */

#include "proto/config.h"
#include "test/unit/unit.h"

/* Walks a text and writes "line:name=value;" for each setting, or "line:problem;". */
static void check_sections(const char *text, const char *want, bool sections)
{
	char copy[256];
	char got[512] = "";
	struct config c = { .rest = copy, .has_sections = sections };
	int rc;

	snprintf(copy, sizeof(copy), "%s", text);
	while ((rc = config_next(&c)) != 0) {
		size_t len = strlen(got);

		if (rc < 0)
			snprintf(got + len, sizeof(got) - len, "%u:%s;", c.line, c.problem);
		else
			snprintf(got + len, sizeof(got) - len, "%u:%s%s%s=%s;", c.line,
				c.section ? c.section : "", c.section ? "/" : "", c.name, c.value);
	}
	CHECK_TEXT(got, strlen(got), want);
}

static void check_walk(const char *text, const char *want)
{
	check_sections(text, want, false);
}

static void test_takes_settings(void)
{
	check_walk("", "");
	check_walk("\n \n\t\r\n", "");
	check_walk("rate = 10", "1:rate=10;");
	check_walk("rate=10\n", "1:rate=10;");
	check_walk("  rate\t=\t10 \r\nname = Tea room\n\nquiet=yes",
		"1:rate=10;2:name=Tea room;4:quiet=yes;");
	check_walk("name =\n", "1:name=;");
	check_walk("name = a=b", "1:name=a=b;");
	check_walk("= x", "1:=x;");
}

static void test_skips_comments(void)
{
	check_walk("# all of it\n\t# rate = 1\nrate = 2", "3:rate=2;");
	check_walk("rate = 2 # a few", "1:rate=2;");
	check_walk("rate = # none", "1:rate=;");
	check_walk("motd = /etc/a#b", "1:motd=/etc/a#b;");
}

static void test_takes_quotes(void)
{
	check_walk("name = \"Room #1 \" # the best", "1:name=Room #1 ;");
	check_walk("name = \"\"", "1:name=;");
	check_walk("name = a \"b\"", "1:name=a \"b\";");
	check_walk("name = \"a\" b", "1:after the closing quote there can only be a comment;");
	check_walk("name = \"a\nrate = 1",
		"1:the closing quote is missing;2:rate=1;");
}

static void test_names_the_line(void)
{
	check_walk("# one\n\nrate 5\nburst = 1",
		"3:a line reads \"option = value\";4:burst=1;");
}

static void test_takes_sections(void)
{
	check_sections("a = 1\n[home] # x\nb = 2\n[ tea ]\nb = 3",
		"1:a=1;3:home/b=2;5: tea /b=3;", true);
	check_sections("[]\n[home\n[home] x\nrate 5", "1:a section reads \"[NAME]\";"
		"2:a section reads \"[NAME]\";3:a section reads \"[NAME]\";"
		"4:a line reads \"option = value\" or \"[NAME]\";", true);
	check_walk("[home]", "1:a line reads \"option = value\";");
}

static const struct unit_test tests[] = {
	{ "takes settings", test_takes_settings },
	{ "skips comments", test_skips_comments },
	{ "takes quotes", test_takes_quotes },
	{ "names the line", test_names_the_line },
	{ "takes sections", test_takes_sections },
};

UNIT_MAIN(tests)
