/*
 * A queue of lines: added at once, taken one by one.
 */
#include "client/core/paste.h"

#include <string.h>

void paste_finish(struct paste *p)
{
	buffer_finish(&p->lines);
	p->at = p->left = 0;
}

void paste_add(struct paste *p, struct piece lines)
{
	buffer_append(&p->lines, lines.s, lines.len);
	if (p->lines.failed)
		return;
	for (size_t i = 0; i < lines.len; i++)
		p->left += lines.s[i] == '\n';
}

bool paste_next(struct paste *p, struct piece *line)
{
	const char *end;

	if (!p->left) {
		paste_finish(p);
		return false;
	}
	line->s = p->lines.data + p->at;
	end = memchr(line->s, '\n', p->lines.len - p->at);
	line->len = (size_t)(end - line->s);
	p->at += line->len + 1;
	p->left--;
	return true;
}

size_t paste_drop(struct paste *p)
{
	size_t left = p->left;

	paste_finish(p);
	return left;
}
