#include "client/core/commands.h"

#include <string.h>

#include "proto/text.h"

const struct command commands[] = {
	{ "/me", true },       { "/msg", false },     { "/r", false },        { "/who", true },
	{ "/nick", true },     { "/help", true },     { "/quit", true },      { "/clear", true },
	{ "/ignore", true },   { "/unignore", true }, { "/replay", true },    { "/resume", false },
	{ "/stats", true },    { "/op", false },      { "/kick", true },      { "/ban", true },
	{ "/unban", true },    { "/bans", true },     { "/motd", true },      { "/announce", true },
	{ "/shutdown", true }, { NULL, false },
};

const struct command *command_find(const char *name, size_t len)
{
	for (const struct command *c = commands; c->name; c++)
		if (text_compare(c->name, strlen(c->name), name, len) == 0)
			return c;
	return NULL;
}
