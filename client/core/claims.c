/*
 * Remembers keys. Those of one server never go to another: each has its own claims.
 */
#include "client/core/claims.h"

#include <string.h>

#include "proto/text.h"

void claims_finish(struct claims *c)
{
	buffer_wipe(&c->lines);
}

void claims_add(struct claims *c, struct piece nick, struct piece key)
{
	buffer_append(&c->lines, nick.s, nick.len);
	buffer_text(&c->lines, " ");
	buffer_append(&c->lines, key.s, key.len);
	buffer_text(&c->lines, "\n");
}

struct piece claims_find(const struct claims *c, struct piece nick)
{
	struct piece found = { "", 0 };

	for (size_t at = 0; at < c->lines.len;) {
		const char *line = c->lines.data + at;
		const char *end = memchr(line, '\n', c->lines.len - at);
		struct piece rest = { line, (size_t)(end - line) }, owner = piece_word(&rest);

		at += (size_t)(end - line) + 1;
		if (text_compare(owner.s, owner.len, nick.s, nick.len) == 0)
			found = rest;
	}
	return found;
}

void claims_heard(struct claims *c, struct piece text)
{
	struct piece verb = piece_word(&text), nick = piece_word(&text), key = piece_word(&text);

	if (!piece_is(verb, "claimed") || !nick.len || key.len != CLAIMS_KEY_LEN || text.len)
		return;
	claims_add(c, nick, key);
	c->changed = true;
}
