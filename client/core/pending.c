#include "client/core/pending.h"

#include <string.h>

#include "proto/text.h"

/* The line at a place. */
static struct piece line_at(const struct pending *p, size_t at)
{
	const char *line = p->lines.data + at;
	const char *end = memchr(line, '\n', p->lines.len - at);

	return (struct piece){ line, (size_t)(end - line) };
}

/* What a line that was typed is when it has been said. False: nobody hears it. */
static bool as_said(struct piece *line, enum message_kind *kind)
{
	struct piece rest = *line;

	*kind = MESSAGE_SAID;
	if (!piece_begins(*line, "/"))
		return true;
	if (piece_is_called(piece_word(&rest), "/me")) {
		*kind = MESSAGE_ACTION;
		piece_skip_blanks(&rest);
		*line = rest;
		return !text_is_blank(rest.s, rest.len);
	}
	line->s++;
	line->len--;
	return piece_begins(*line, "/");
}

/* Drops what lies between two places, which are both in doubt or both not. */
static void drop(struct pending *p, size_t from, size_t to)
{
	memmove(p->lines.data + from, p->lines.data + to, p->lines.len - to);
	p->lines.len -= to - from;
	if (from < p->doubtful)
		p->doubtful -= to - from;
}

void pending_add(struct pending *p, struct piece line)
{
	struct piece said = line;
	enum message_kind kind;

	if (!as_said(&said, &kind))
		return;
	buffer_append(&p->lines, line.s, line.len);
	buffer_text(&p->lines, "\n");
}

bool pending_confirm(struct pending *p, const struct message *m)
{
	for (size_t at = 0; at < p->lines.len;) {
		struct piece line = line_at(p, at);
		size_t from = at < p->doubtful ? 0 : p->doubtful;
		enum message_kind kind;

		at += line.len + 1;
		(void)as_said(&line, &kind);
		if (kind == m->kind && line.len == m->text_len &&
			memcmp(line.s, m->text, line.len) == 0) {
			drop(p, from, at);
			return true;
		}
	}
	return false;
}

void pending_refuse(struct pending *p, uint64_t len)
{
	for (size_t at = p->doubtful; at < p->lines.len;) {
		struct piece line = line_at(p, at);

		if (line.len == len) {
			drop(p, at, at + line.len + 1);
			return;
		}
		at += line.len + 1;
	}
}

void pending_doubt(struct pending *p)
{
	p->doubtful = p->lines.len;
}

bool pending_give_up(struct pending *p, struct buffer *line)
{
	struct piece first;

	line->len = 0;
	if (!p->doubtful)
		return false;
	first = line_at(p, 0);
	buffer_append(line, first.s, first.len);
	drop(p, 0, first.len + 1);
	return true;
}
