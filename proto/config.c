/*
 * The text of a configuration file. The rule: a line that is not understood is told of by its
 * number, never passed over.
 */
#include "proto/config.h"

#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static char *skip_blanks(char *s)
{
	while (is_blank(*s))
		s++;
	return s;
}

static void trim_end(char *s)
{
	char *end = s + strlen(s);

	while (end > s && is_blank(end[-1]))
		*--end = '\0';
}

static bool begins_comment(const char *s)
{
	return *s == '\0' || *s == '#';
}

/* A value in quotes, which are taken off. NULL, or what is wrong with it. */
static const char *unquote(char **value)
{
	char *end = strchr(++*value, '"');

	if (!end)
		return "the closing quote is missing";
	*end = '\0';
	return begins_comment(skip_blanks(end + 1)) ? NULL
		: "after the closing quote there can only be a comment";
}

/* Ends a value without quotes before a comment. */
static void cut_value(char *value)
{
	char *end;

	for (end = value; *end; end++) {
		if (*end == '#' && (end == value || is_blank(end[-1]))) {
			*end = '\0';
			break;
		}
	}
	trim_end(value);
}

static const char *split(struct config *c, char *line)
{
	char *equals = strchr(line, '=');

	if (!equals)
		return c->has_sections ? "a line reads \"option = value\" or \"[NAME]\""
			: "a line reads \"option = value\"";
	*equals = '\0';
	trim_end(line);
	c->name = line;
	c->value = skip_blanks(equals + 1);
	if (*c->value == '"')
		return unquote(&c->value);
	cut_value(c->value);
	return NULL;
}

static const char *begin_section(struct config *c, char *line)
{
	char *end = strchr(line, ']');

	if (!end || end == line || !begins_comment(skip_blanks(end + 1)))
		return "a section reads \"[NAME]\"";
	*end = '\0';
	c->section = line;
	return NULL;
}

int config_next(struct config *c)
{
	while (*c->rest) {
		char *line = skip_blanks(c->rest);
		char *end = c->rest + strcspn(c->rest, "\n");
		bool section;

		c->rest = end + (*end == '\n');
		c->line++;
		*end = '\0';
		if (begins_comment(line))
			continue;
		section = c->has_sections && *line == '[';
		c->problem = section ? begin_section(c, line + 1) : split(c, line);
		if (c->problem)
			return -1;
		if (!section)
			return 1;
	}
	return 0;
}
