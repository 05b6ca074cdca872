#include "client/core/complete.h"

#include <string.h>

#include "client/core/commands.h"
#include "proto/text.h"

size_t complete_word(const char *text, size_t len)
{
	while (len && text[len - 1] != ' ')
		len--;
	return len;
}

static bool begins(const char *s, size_t s_len, const char *word, size_t len)
{
	return s_len >= len && text_compare(s, len, word, len) == 0;
}

static bool is_command(const char *word, size_t len, bool first)
{
	return first && len && word[0] == '/';
}

/* Counts the candidates; the one whose turn it is goes to out, unless that is NULL. */
static size_t visit(const struct roster *roster, const char *word, size_t len, bool first,
	size_t which, struct buffer *out)
{
	size_t count = 0;

	for (const struct command *c = commands; is_command(word, len, first) && c->name; c++) {
		if (!begins(c->name, strlen(c->name), word, len) || count++ != which || !out)
			continue;
		buffer_text(out, c->name);
		buffer_text(out, " ");
	}
	for (size_t i = 0; !is_command(word, len, first) && i < roster->count; i++) {
		const struct name *name = &roster->names[i];

		if (!begins(name->text, name->len, word, len) || count++ != which || !out)
			continue;
		buffer_append(out, name->text, name->len);
		buffer_text(out, first ? ": " : " ");
	}
	return count;
}

size_t complete_count(const struct roster *roster, const char *word, size_t len, bool first)
{
	return visit(roster, word, len, first, 0, NULL);
}

void complete_put(const struct roster *roster, const char *word, size_t len, bool first,
	size_t which, struct buffer *out)
{
	(void)visit(roster, word, len, first, which, out);
}
