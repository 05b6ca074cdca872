/*
 * Candidates for TAB. The rule: case and accents do not count (unicode_match), and the order is
 * that of the list that is looked through, so that who spoke last comes first.
 */
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

static bool begins(const char *name, size_t len, struct piece word)
{
	return word.len == 0 || unicode_match(name, len, word.s, word.len, false) > 0;
}

/* Counts the candidates; the one whose turn it is goes to out, unless that is NULL. */
static size_t visit(const struct completion *c, size_t which, struct buffer *out)
{
	bool command = c->first && piece_begins(c->word, "/");
	size_t count = 0;

	for (const struct command *found = commands; command && found->name; found++) {
		if (!begins(found->name, strlen(found->name), c->word) || count++ != which || !out)
			continue;
		buffer_text(out, found->name);
		buffer_text(out, " ");
	}
	for (size_t i = 0; !command && i < c->names->count; i++) {
		const struct name *name = &c->names->names[i];

		if (!begins(name->text, name->len, c->word) || count++ != which || !out)
			continue;
		buffer_append(out, name->text, name->len);
		buffer_text(out, c->first ? ": " : " ");
	}
	return count;
}

size_t complete_count(const struct completion *c)
{
	return visit(c, 0, NULL);
}

void complete_put(const struct completion *c, size_t which, struct buffer *out)
{
	(void)visit(c, which, out);
}
