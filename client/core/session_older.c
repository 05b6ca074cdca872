/*
 * What was said before all that is kept, for one who looks back: the server is asked for its last
 * messages again, more of them each time, and the answer to a question after that tells where they
 * end. The rule: only what the ID of the feed shows to be older goes before the rest.
 */
#include <stdio.h>
#include <string.h>

#include "client/core/session.h"
#include "client/core/session_parts.h"

enum {
	/* Messages that are asked for beyond what is known; at least twice as many in all. */
	STEP = 200,

	/* Kept at most of all. */
	ITEMS_MAX = 8192,
};

#define QUESTION "/ping chatc back\n"
#define ANSWER "pong chatc back"
#define NO_ANSWER "unknown command /ping" /* of a chatd of before there was such a command */

/* The ID of the oldest line of this room; 0: none is known. */
static uint64_t find_oldest(const struct scrollback *scrollback, size_t *known)
{
	uint64_t oldest = 0;

	*known = 0;
	for (size_t i = scrollback_here(scrollback); i < scrollback->count; i++) {
		const struct item *item = scrollback_at(scrollback, i);

		if (item->id && (!oldest || item->id < oldest))
			oldest = item->id;
		*known += item->id && item->kind != MESSAGE_EVENT;
	}
	return oldest;
}

bool session_ask_older(struct session *s)
{
	size_t known;
	uint64_t oldest = find_oldest(&s->scrollback, &known);

	if (s->older.asked)
		return true;
	if (s->state != SESSION_CHATD || s->settling || !s->resume.tagged || !oldest ||
		oldest == s->older.first || s->scrollback.count > ITEMS_MAX)
		return false;
	s->older.asked = true;
	s->older.before = oldest;
	buffer_format(&s->out, "/replay %zu\n" QUESTION, known + (known > STEP ? known : STEP));
	return true;
}

bool session_older_takes(struct session *s, const struct message *m, struct piece line)
{
	if (!s->older.asked || !m->tagged || m->id > s->resume.id)
		return false;
	if (m->id < s->older.before && m->kind != MESSAGE_EVENT) {
		buffer_append(&s->older.lines, line.s, line.len);
		buffer_text(&s->older.lines, "\n");
	}
	return true;
}

/* A rule where a day begins, between a line and the one after it. */
static void put_day(struct session *s, const char *stamp, const char *after)
{
	char day[TIMES_DAY_SIZE], text[SESSION_NOTICE_MAX];
	struct message m = { .kind = MESSAGE_OTHER, .who = "", .text = text };
	struct item *item;

	if (!*after || times_same_day(after, stamp, day))
		return;
	m.text_len = (size_t)snprintf(text, sizeof(text), "--- %s ---", day);
	item = scrollback_add_older(&s->scrollback, &m, NULL);
	if (item)
		item->notice = true;
}

/* after: the stamp of the line that comes after it, which becomes its own. */
static void put_before(struct session *s, struct piece line, char after[STAMP_LEN + 1],
	struct time now)
{
	char stamp[STAMP_LEN];
	struct message m;
	struct item *item;

	message_parse(line.s, line.len, &m);
	if (!times_stamp(&s->times, &m, now.utc, stamp))
		return;
	put_day(s, stamp, after);
	item = scrollback_add_older(&s->scrollback, &m, stamp);
	if (item)
		session_mark(s, item, &m, now);
	memcpy(after, stamp, STAMP_LEN);
}

/* The stamp of the oldest line of this room that has one. */
static void find_stamp(const struct scrollback *scrollback, char stamp[STAMP_LEN + 1])
{
	*stamp = '\0';
	for (size_t i = scrollback_here(scrollback); i < scrollback->count && !*stamp; i++)
		memcpy(stamp, scrollback_at(scrollback, i)->stamp, STAMP_LEN + 1);
}

/* All have come: they go before the others, the newest first. */
static void put_all(struct session *s, struct time now)
{
	const struct buffer *lines = &s->older.lines;
	char after[STAMP_LEN + 1];

	if (!lines->len)
		s->older.first = s->older.before;
	find_stamp(&s->scrollback, after);
	for (size_t end = lines->len; end;) {
		size_t start = end - 1;

		while (start && lines->data[start - 1] != '\n')
			start--;
		put_before(s, (struct piece){ lines->data + start, end - 1 - start }, after, now);
		end = start;
	}
}

bool session_older_answer(struct session *s, struct piece text, struct time now)
{
	bool end = piece_is(text, ANSWER) || piece_begins(text, NO_ANSWER);

	if (!s->older.asked)
		return false;
	if (end && s->scrollback.keeps)
		put_all(s, now);
	if (end)
		session_older_lost(s);
	return end || piece_is(text, "the last messages again:") ||
		piece_is(text, "nothing has been said yet");
}

void session_older_lost(struct session *s)
{
	s->older.asked = false;
	s->older.lines.len = 0;
}
