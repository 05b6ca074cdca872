/*
 * What of the conversation is shown, and what it tells of who is here. A line is shown once: what
 * was seen before a loss and what comes again with tags is not.
 */
#include <stdio.h>
#include <string.h>

#include "client/core/session.h"
#include "client/core/session_parts.h"

/* Of a stamp, "Wed Oct 19 21:24:05 2022". */
enum { STAMP_TIME = 11 };

/* Shows the joins and leaves that were folded into one line. */
static void unfold(struct session *s)
{
	scrollback_add(&s->scrollback, &(struct message){ .kind = MESSAGE_EVENT, .who = "",
		.text = s->folded.data, .text_len = s->folded.len }, s->folded_stamp);
	s->folded.len = 0;
}

/* What comes in front of a line: a new day, and where what was not seen yet begins. */
static void begin_line(struct session *s, const char *stamp, bool live, struct time now)
{
	char text[SESSION_NOTICE_MAX];

	if (s->folded.len)
		unfold(s);
	if (stamp && times_new_day(&s->times, stamp, now.utc)) {
		snprintf(text, sizeof(text), "--- %s ---", s->times.day);
		session_notice(s, text);
	}
	if (live && s->attention.rule_due) {
		s->attention.rule_due = false;
		snprintf(text, sizeof(text), "\u2500\u2500 new since %.5s \u2500\u2500",
			stamp_at(&s->times.cache, s->attention.since) + STAMP_TIME);
		session_notice(s, text);
	}
}

/* The time in front of a line as the person wants it, where it is known. */
static void put_time(struct session *s, struct item *item, const struct message *m,
	struct time now)
{
	int64_t utc;
	size_t len;

	if (!s->put_time || !item->stamp[0] || !times_find(&s->times, m, now.utc, &utc))
		return;
	len = s->put_time(utc, item->time);
	item->time[len < ITEM_TIME_MAX ? len : ITEM_TIME_MAX - 1] = '\0';
}

void session_mark(struct session *s, struct item *item, const struct message *m, struct time now)
{
	struct piece who = { m->who, m->who_len }, text = { m->text, m->text_len };
	bool said = m->kind == MESSAGE_SAID || m->kind == MESSAGE_ACTION;
	bool own = m->kind == MESSAGE_SENT || (m->who && identity_is(&s->identity, who));

	put_time(s, item, m, now);
	item->own = own && m->kind != MESSAGE_RECEIVED;
	item->mention = m->kind == MESSAGE_RECEIVED || (!item->own && said &&
		(identity_is_said(&s->identity, text) || attention_is_called(&s->attention, text)));
}

struct item *session_show(struct session *s, const struct message *m, bool live,
	struct time now)
{
	bool said = m->kind == MESSAGE_SAID || m->kind == MESSAGE_ACTION;
	char stamp[STAMP_LEN];
	bool stamped = times_stamp(&s->times, m, now.utc, stamp);
	struct item *item;

	begin_line(s, stamped ? stamp : NULL, live, now);
	item = scrollback_add(&s->scrollback, m, stamped ? stamp : NULL);
	if (!item)
		return NULL;
	session_mark(s, item, m, now);
	if (live)
		attention_heard(&s->attention, item->mention, said && !item->own);
	return item;
}

/* Joins and leaves: true if they are not shown each by itself. */
static bool fold(struct session *s, const struct message *m, struct time now)
{
	struct piece text = { m->text, m->text_len }, rest = text;

	(void)piece_word(&rest);
	if (s->joins == SESSION_SHOW_JOINS || m->kind != MESSAGE_EVENT ||
		!(piece_begins(rest, "joined (") || piece_begins(rest, "left (")))
		return false;
	if (s->joins == SESSION_HIDE_JOINS || !times_stamp(&s->times, m, now.utc, s->folded_stamp))
		return true;
	if (s->folded.len)
		buffer_text(&s->folded, ", ");
	buffer_append(&s->folded, text.s, text.len);
	return true;
}

/* "WHO joined (3 online)", "WHO left (text)", "OLD is now NEW". */
static void heard_event(struct session *s, struct piece text, struct time now)
{
	struct piece all = text, who = piece_word(&text);

	place_changed(&s->place, all);
	if (piece_begins(text, "joined (")) {
		if (identity_may_be(&s->identity, who))
			identity_granted(&s->identity);
		if (!identity_is(&s->identity, who))
			roster_came(&s->roster, who.s, who.len);
	} else if (piece_begins(text, "left (")) {
		roster_left(&s->roster, who.s, who.len);
		session_nick_freed(s, who, now);
	} else if (piece_begins(text, "is now ")) {
		struct piece nick = { text.s + 7, text.len - 7 };

		identity_renamed(&s->identity, who, nick);
		if (!identity_is(&s->identity, nick))
			roster_renamed(&s->roster, who.s, who.len, nick.s, nick.len);
		session_nick_freed(s, who, now);
	}
}

/* Somebody said something. True: it was said here just now. */
static bool heard_said(struct session *s, const struct message *m, bool live)
{
	struct piece who = { m->who, m->who_len };
	bool is_me = identity_is(&s->identity, who), may_be = identity_may_be(&s->identity, who);

	if (!is_me && !may_be)
		roster_spoke(&s->roster, m->who, m->who_len);
	if (!live || !(is_me || may_be || identity_holds(&s->identity, who)) ||
		!pending_confirm(&s->pending, m))
		return false;
	if (may_be)
		identity_granted(&s->identity); /* only we can have said it */
	return true;
}

void session_message(struct session *s, const struct message *m, bool live, struct time now)
{
	bool echo = false;
	struct item *item;

	if (s->resume.returning && m->kind != MESSAGE_RECEIVED && m->kind != MESSAGE_SENT)
		return;
	if (m->kind == MESSAGE_SAID || m->kind == MESSAGE_ACTION)
		echo = heard_said(s, m, live);
	if (m->kind == MESSAGE_RECEIVED && m->who_len <= NICK_MAX) {
		memcpy(s->correspondent.text, m->who, m->who_len);
		s->correspondent.len = m->who_len;
	}
	item = fold(s, m, now) ? NULL : session_show(s, m, live, now);
	if (item) {
		item->echo = echo;
		item->own |= echo;
	}
	if (m->kind == MESSAGE_EVENT)
		heard_event(s, (struct piece){ m->text, m->text_len }, now);
}

bool session_keep_replay(struct session *s, const struct message *m, struct piece line)
{
	if (m->tagged || m->kind == MESSAGE_RECEIVED || m->kind == MESSAGE_SENT ||
		s->resume.tagged || (s->state != SESSION_JOINING && s->state != SESSION_ENTERING))
		return false;
	buffer_append(&s->replay, line.s, line.len);
	buffer_text(&s->replay, "\n");
	s->replayed += m->kind != MESSAGE_EVENT;
	return true;
}

void session_ask_replay(struct session *s)
{
	s->replay_again = false;
	if (s->replayed)
		buffer_format(&s->out, "/replay %u\n", s->replayed);
}

static void append_event(struct session *s, const struct message *m, struct time now)
{
	struct message event = *m;

	event.tagged = true; /* it is of now */
	event.time = now.utc;
	session_message(s, &event, false, now);
}

void session_show_replay(struct session *s, struct time now)
{
	struct buffer lines = s->replay;

	s->replay = (struct buffer){ 0 };
	s->replayed = 0;
	for (size_t at = 0; at < lines.len;) {
		struct piece line = session_line_at(&lines, &at);
		struct message m;

		message_parse(line.s, line.len, &m);
		if (m.kind == MESSAGE_EVENT)
			append_event(s, &m, now);
		else if (!s->replay_again)
			session_message(s, &m, false, now);
	}
	buffer_finish(&lines);
}
