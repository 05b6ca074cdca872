/*
 * Keeps what was sent until it is seen to be said. Lines are confirmed in the order in which they
 * were sent; the number of each is the server's, so that after a loss both sides mean the same
 * line.
 */
#include "client/core/pending.h"

#include <string.h>

#include "proto/text.h"

void pending_finish(struct pending *p)
{
	buffer_finish(&p->lines);
	buffer_finish(&p->numbers);
}

/* The line at a place. */
static struct piece line_at(const struct pending *p, size_t at)
{
	const char *line = p->lines.data + at;
	const char *end = memchr(line, '\n', p->lines.len - at);

	return (struct piece){ line, (size_t)(end - line) };
}

static size_t count_lines(const struct pending *p, size_t from, size_t to)
{
	size_t count = 0;

	for (size_t i = from; i < to; i++)
		count += p->lines.data[i] == '\n';
	return count;
}

/* Drops what lies between two places, which are both in doubt or both not. */
static void drop(struct pending *p, size_t from, size_t to)
{
	size_t before = count_lines(p, 0, from) * sizeof(uint64_t);
	size_t dropped = count_lines(p, from, to) * sizeof(uint64_t);

	memmove(p->lines.data + from, p->lines.data + to, p->lines.len - to);
	p->lines.len -= to - from;
	memmove(p->numbers.data + before, p->numbers.data + before + dropped,
		p->numbers.len - before - dropped);
	p->numbers.len -= dropped;
	if (from < p->doubtful)
		p->doubtful -= to - from;
}

bool pending_counts(struct piece line)
{
	return !piece_begins(line, "/") || piece_begins(line, "//") || piece_begins(line, "/me ");
}

void pending_canonical(struct piece line, struct buffer *out)
{
	struct piece rest = line, verb;
	size_t blank = 0;

	while (blank < line.len && line.s[blank] != '/')
		blank++;
	if (blank < line.len && text_is_blank(line.s, blank)) {
		line.s += blank;
		line.len -= blank;
	}
	rest = line;
	verb = piece_word(&rest);
	if (piece_is_called(verb, "/me")) {
		bool said = !text_is_blank(rest.s, rest.len);

		piece_skip_blanks(&rest);
		buffer_text(out, said ? "/me " : "/me");
		line = said ? rest : (struct piece){ "", 0 };
	}
	buffer_append(out, line.s, line.len);
	buffer_text(out, "\n");
}

/* The form of a line once it has been said. */
static enum message_kind as_said(struct piece *line)
{
	size_t skip = piece_begins(*line, "//") ? 1 : piece_begins(*line, "/me ") ? 4 : 0;

	line->s += skip;
	line->len -= skip;
	return skip == 4 ? MESSAGE_ACTION : MESSAGE_SAID;
}

void pending_add(struct pending *p, struct piece line)
{
	if (!pending_counts(line))
		return;
	p->sent++;
	buffer_append(&p->lines, line.s, line.len);
	buffer_text(&p->lines, "\n");
	buffer_append(&p->numbers, &p->sent, sizeof(p->sent));
}

void pending_restart(struct pending *p)
{
	p->sent = 0;
	if (p->numbers.len)
		memset(p->numbers.data, 0, p->numbers.len);
}

bool pending_confirm(struct pending *p, const struct message *m)
{
	for (size_t at = 0; at < p->lines.len;) {
		struct piece line = line_at(p, at);
		size_t from = at < p->doubtful ? 0 : p->doubtful;

		at += line.len + 1;
		if (as_said(&line) == m->kind && line.len == m->text_len &&
			memcmp(line.s, m->text, line.len) == 0) {
			drop(p, from, at);
			return true;
		}
	}
	if (p->doubtful == p->lines.len)
		return false;
	drop(p, p->doubtful, p->doubtful + line_at(p, p->doubtful).len + 1);
	return true;
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

void pending_settle(struct pending *p, uint64_t dealt_with, struct buffer *unsaid)
{
	size_t at = 0;
	uint64_t number;

	for (size_t i = 0; at < p->doubtful; i++) {
		memcpy(&number, p->numbers.data + i * sizeof(number), sizeof(number));
		if (number > dealt_with)
			break;
		at += line_at(p, at).len + 1;
	}
	p->sent = dealt_with;
	if (at >= p->doubtful)
		return;
	buffer_append(unsaid, p->lines.data + at, p->doubtful - at);
	drop(p, at, p->doubtful);
}

void pending_take_doubtful(struct pending *p, struct buffer *unsaid)
{
	if (!p->doubtful)
		return;
	buffer_append(unsaid, p->lines.data, p->doubtful);
	drop(p, 0, p->doubtful);
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

size_t pending_in_flight(const struct pending *p)
{
	return p->lines.len ? count_lines(p, p->doubtful, p->lines.len) : 0;
}
