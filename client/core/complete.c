#include "client/core/complete.h"

#include <string.h>

#include "client/core/commands.h"
#include "proto/unicode.h"

/* The characters that may stand right in front of a name. */
static const char *const openers[] = {
	"@", "(", "[", "{", "\"", "'", "\xe2\x80\x9c", "\xe2\x80\x9e", "\xe2\x80\x98", "\xc2\xab",
};

size_t complete_word(const char *text, size_t len)
{
	size_t start = len;

	while (start && text[start - 1] != ' ')
		start--;
	for (size_t i = 0; i < sizeof(openers) / sizeof(*openers); i++) {
		size_t opener = strlen(openers[i]);

		if (len - start >= opener && memcmp(text + start, openers[i], opener) == 0) {
			start += opener;
			i = (size_t)-1; /* there may be another */
		}
	}
	return start;
}

static bool begins(const char *s, size_t s_len, const char *word, size_t len)
{
	return len == 0 || unicode_match(s, s_len, word, len, false) > 0;
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
