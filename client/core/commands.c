/*
 * The commands that chatc knows of, in the order in which TAB offers them, and which of their lines
 * may be kept. The rule: one that is not in the table is never kept.
 */
#include "client/core/commands.h"

#include <string.h>

#include "proto/text.h"

const struct command commands[] = {
	{ "/me", COMMAND_PUBLIC },
	{ "/msg", COMMAND_PRIVATE },
	{ "/r", COMMAND_PRIVATE },
	{ "/who", COMMAND_PUBLIC },
	{ "/query", COMMAND_PRIVATE },
	{ "/search", COMMAND_PUBLIC },
	{ "/join", COMMAND_PRIVATE }, /* perhaps with an invitation */
	{ "/rooms", COMMAND_PUBLIC },
	{ "/topic", COMMAND_PUBLIC },
	{ "/nick", COMMAND_PUBLIC }, /* but for its key */
	{ "/help", COMMAND_PUBLIC },
	{ "/quit", COMMAND_PUBLIC },
	{ "/clear", COMMAND_PUBLIC },
	{ "/ignore", COMMAND_PUBLIC },
	{ "/unignore", COMMAND_PUBLIC },
	{ "/replay", COMMAND_PUBLIC },
	{ "/quiet", COMMAND_PUBLIC },
	{ "/ping", COMMAND_PUBLIC },
	{ "/claim", COMMAND_PUBLIC },
	{ "/unclaim", COMMAND_PUBLIC },
	{ "/invite", COMMAND_PUBLIC },
	{ "/resume", COMMAND_SECRET },
	{ "/stats", COMMAND_PUBLIC },
	{ "/op", COMMAND_SECRET },
	{ "/kick", COMMAND_PUBLIC },
	{ "/ban", COMMAND_PUBLIC },
	{ "/unban", COMMAND_PUBLIC },
	{ "/bans", COMMAND_PUBLIC },
	{ "/motd", COMMAND_PUBLIC },
	{ "/announce", COMMAND_PUBLIC },
	{ "/slow", COMMAND_PUBLIC },
	{ "/shutdown", COMMAND_PUBLIC },
	{ NULL, COMMAND_PUBLIC },
};

const struct command *command_find(const char *name, size_t len)
{
	for (const struct command *c = commands; c->name; c++)
		if (text_compare(c->name, strlen(c->name), name, len) == 0)
			return c;
	return NULL;
}
