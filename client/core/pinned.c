/*
 * Names the commands that --pinned lets through. One that is not known here is not let through,
 * since a server may have more ways to another name than there are today.
 */
#include "client/core/pinned.h"

#include "client/core/commands.h"
#include "client/core/piece.h"
#include "proto/text.h"

bool pinned_allows(const char *line, size_t len)
{
	static const char *const refused[] = { "/nick", "/resume", "/op" };
	struct piece rest = { line, len }, verb;
	size_t blank = 0;

	/* Characters that show nothing before a slash do not turn a command into a message. */
	while (blank < len && line[blank] != '/')
		blank++;
	if (blank == len || !text_is_blank(line, blank))
		return true;
	rest.s += blank;
	rest.len -= blank;
	if (piece_begins(rest, "//"))
		return true;
	verb = piece_word(&rest);
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		if (piece_is_called(verb, refused[i]))
			return false;
	return command_find(verb.s, verb.len) != NULL;
}
