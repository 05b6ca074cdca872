#include "client/core/session.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "client/core/piece.h"
#include "proto/message.h"

/* Of a stamp, "Wed Oct 19 21:24:05 2022". */
enum { STAMP_TIME = 11 };

void session_init(struct session *s, const char *nick, bool tags)
{
	*s = (struct session){ .tags = tags, .deadline = INT64_MAX, .max_message = MESSAGE_DEFAULT };
	if (nick)
		identity_ask(&s->identity, (struct piece){ nick, strlen(nick) });
}

void session_finish(struct session *s)
{
	buffer_finish(&s->out);
	buffer_finish(&s->held);
	buffer_finish(&s->leave);
	buffer_finish(&s->pending.lines);
	buffer_wipe(&s->password);
	buffer_finish(&s->folded);
	scrollback_finish(&s->scrollback);
}

static void send_password(struct session *s)
{
	s->offered = true;
	buffer_append(&s->out, s->password.data, s->password.len);
	buffer_text(&s->out, "\n");
}

void session_set_password(struct session *s, const char *text, size_t len)
{
	buffer_wipe(&s->password);
	buffer_append(&s->password, text, len);
	if (s->state == SESSION_PASSWORD && s->asking) {
		s->asking = false;
		send_password(s);
	}
}

/* Shows a notice, unless it is empty. */
static void tell(struct session *s, const char *notice)
{
	if (*notice)
		session_notice(s, notice);
}

void session_focus(struct session *s, bool has, struct time now)
{
	attention_focus(&s->attention, has, now.utc);
}

void session_notice(struct session *s, const char *text)
{
	struct item *item = scrollback_add(&s->scrollback, MESSAGE_OTHER, "", 0, text, strlen(text), NULL);

	if (item)
		item->notice = true;
}

/* A line that the person typed will not be said. */
static void tell_unsent(struct session *s, const char *line, size_t len)
{
	struct buffer text = { 0 };

	buffer_text(&text, "not sent: ");
	buffer_append(&text, line, len);
	scrollback_add(&s->scrollback, MESSAGE_ERROR, "", 0, text.data, text.len, NULL);
	buffer_finish(&text);
}

void session_connected(struct session *s, struct time now)
{
	s->state = SESSION_HELLO;
	s->heard = false;
	s->dismissed = false;
	s->asking = false;
	s->max_message = MESSAGE_DEFAULT;
	s->who_list = (struct who_list){ 0 };
	s->deadline = now.msec + SESSION_GREETING_MSEC;
}

/* The line at a place of what is held back; moves the place behind it. */
static struct piece held_line(const struct session *s, size_t *at)
{
	const char *line = s->held.data + *at;
	const char *end = memchr(line, '\n', s->held.len - *at);

	*at += (size_t)(end - line) + 1;
	return (struct piece){ line, (size_t)(end - line) };
}

void session_lost(struct session *s, struct time now)
{
	if (s->state == SESSION_CHATD || s->state == SESSION_PLAIN)
		resume_lost(&s->resume, now.utc);
	s->state = SESSION_DOWN;
	s->deadline = INT64_MAX;
	s->nameless = false;
	identity_lost(&s->identity);
	pending_doubt(&s->pending);
	s->out.len = 0;
	for (size_t at = 0; at < s->held.len;) {
		struct piece line = held_line(s, &at);

		tell_unsent(s, line.s, line.len);
	}
	s->held.len = 0;
}

/* Says a line to a server that is known. */
static void say(struct session *s, const char *line, size_t len)
{
	struct piece rest = { line, len };
	struct item *item;

	buffer_append(&s->out, line, len);
	buffer_text(&s->out, "\n");
	if (s->state == SESSION_PLAIN) {
		/* It will hardly come back from there. */
		item = scrollback_add(&s->scrollback, MESSAGE_OTHER, "", 0, line, len, NULL);
		if (item)
			item->own = true;
		return;
	}
	pending_add(&s->pending, rest);
	if (!piece_is_called(piece_word(&rest), "/nick"))
		return;
	piece_skip_blanks(&rest);
	identity_ask(&s->identity, piece_word(&rest));
}

/* It is clear now what the server is: what was held back is said. */
static void settle(struct session *s, enum session_state state, struct time now)
{
	char notice[RESUME_NOTICE_MAX] = "";

	if (state == SESSION_PLAIN)
		resume_tell(&s->resume, now.utc, "", notice);
	tell(s, notice);
	s->state = state;
	s->secret = false;
	s->deadline = s->pending.doubtful ? now.msec + SESSION_DOUBT_MSEC : INT64_MAX;
	for (size_t at = 0; at < s->held.len;) {
		struct piece line = held_line(s, &at);

		say(s, line.s, line.len);
	}
	s->held.len = 0;
	if (s->leave.len)
		session_leave(s, s->leave.data, s->leave.len);
}

static void send_nick(struct session *s)
{
	if (!s->identity.wanted.len)
		return;
	buffer_text(&s->out, "/nick ");
	buffer_append(&s->out, s->identity.wanted.text, s->identity.wanted.len);
	buffer_text(&s->out, "\n");
}

/* The first line of a chatd: who we are here and how long a line may be. */
static void greeted(struct session *s, struct piece text, struct time now)
{
	uint64_t max = piece_number(text, "messages up to ");

	s->offered = false;
	s->identity.slot = piece_number(text, "you are #");
	if (max >= MESSAGE_MIN && max <= MESSAGE_MAX)
		s->max_message = (size_t)max;
	if (!s->resume.token_len)
		send_nick(s); /* else it comes back by itself */
	if (s->tags)
		resume_ask(&s->resume, &s->out);
	settle(s, SESSION_CHATD, now);
	if (s->resume.returning)
		s->deadline = now.msec + SESSION_RETURN_MSEC;
}

/*
 * Tags are on; a nick that was asked for is had, since a refusal would have come before. Whom we
 * know from what newcomers are shown may be gone.
 */
static void resumed(struct session *s, bool newcomer, const char *notice, struct time now)
{
	tell(s, notice);
	if (newcomer)
		roster_doubt(&s->roster);
	if (s->nameless)
		send_nick(s);
	else
		identity_granted(&s->identity);
	s->nameless = false;
	who_list_ask(&s->who_list, &s->out);
	s->deadline = s->pending.doubtful ? now.msec + SESSION_DOUBT_MSEC : INT64_MAX;
}

/* It asks for the password of the room. */
static void challenged(struct session *s)
{
	s->state = SESSION_PASSWORD;
	s->deadline = INT64_MAX;
	s->asking = !s->password.len || s->offered;
	s->secret |= s->asking;
	if (!s->asking)
		send_password(s);
}

/* Somebody is here. */
static void heard_of(struct session *s, struct piece who)
{
	if (!identity_is(&s->identity, who))
		roster_came(&s->roster, who.s, who.len);
}

/* A line of the server's own, perhaps of a list of who is here. True: it is to be shown. */
static bool heard_of_many(struct session *s, struct piece text)
{
	struct piece who;
	enum who_list_line line = who_list_parse(text, &who);

	if (line == WHO_LIST_PERSON)
		heard_of(s, who);
	if (!who_list_takes(&s->who_list, line, text))
		return true;
	if (!s->who_list.left)
		roster_drop_doubtful(&s->roster);
	return false;
}

/* "NAME: 3 online, up to 42", of the list of rooms. */
static void heard_of_room(struct session *s, struct piece text)
{
	const char *colon = text.len ? memchr(text.s, ':', text.len) : NULL;

	if (colon && piece_has(text, " online, up to "))
		roster_came(&s->rooms, text.s, (size_t)(colon - text.s));
}

/* A line of the server's own. True: it is to be shown. */
static bool heard_answer(struct session *s, struct piece text, struct time now)
{
	bool at_the_door = s->state == SESSION_HELLO || s->state == SESSION_PASSWORD;
	bool newcomer = !s->resume.tagged;
	char notice[RESUME_NOTICE_MAX];

	place_answered(&s->place, text);
	heard_of_room(s, text);
	if (at_the_door && piece_is(text, "password:")) {
		challenged(s);
		return false;
	}
	if (at_the_door) {
		greeted(s, text, now);
		return !s->resume.returning;
	}
	if (s->tags && resume_answered(&s->resume, text, now.utc, notice)) {
		resumed(s, newcomer, notice, now);
		return false;
	}
	if (s->resume.returning && piece_begins(text, "you missed "))
		s->resume.missed = piece_number(text, "you missed ");
	return heard_of_many(s, text) && !s->resume.returning;
}

/* An error. True: it is to be shown. */
static bool heard_error(struct session *s, struct piece text)
{
	/* To come back at once would be to ignore what somebody has decided. */
	s->dismissed = piece_begins(text, "you were kicked") ||
		piece_begins(text, "you were banned") ||
		piece_begins(text, "you have come back on another connection");
	if (piece_begins(text, "message too long ("))
		pending_refuse(&s->pending, piece_number(text, "message too long ("));
	if (s->identity.wanted.len && piece_has(text, "nick")) {
		identity_refused(&s->identity);
		return true;
	}
	if (piece_begins(text, "not carried out")) /* what waited on the old connection */
		return true;
	if (s->resume.returning && s->resume.token_len) {
		/* The token is not known there any more. */
		s->resume.token_len = 0;
		if (piece_has(text, "has not been said yet")) {
			s->nameless = true; /* tags are turned on all the same */
		} else {
			send_nick(s);
			resume_ask(&s->resume, &s->out);
		}
	}
	return !s->resume.returning;
}

/* "WHO joined (3 online)", "WHO left (text)", "OLD is now NEW". */
static void heard_event(struct session *s, struct piece text)
{
	struct piece all = text, who = piece_word(&text);

	place_changed(&s->place, all);
	if (piece_begins(text, "joined (")) {
		if (identity_may_be(&s->identity, who))
			identity_granted(&s->identity);
		heard_of(s, who);
	} else if (piece_begins(text, "left (")) {
		roster_left(&s->roster, who.s, who.len);
	} else if (piece_begins(text, "is now ")) {
		struct piece now = { text.s + 7, text.len - 7 };

		identity_renamed(&s->identity, who, now);
		if (!identity_is(&s->identity, now))
			roster_renamed(&s->roster, who.s, who.len, now.s, now.len);
	}
}

/* Shows the joins and leaves that were folded into one line. */
static void unfold(struct session *s)
{
	scrollback_add(&s->scrollback, MESSAGE_EVENT, "", 0, s->folded.data, s->folded.len,
		s->folded_stamp);
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
static void put_time(const struct session *s, struct item *item, const struct message *m,
	struct time now)
{
	bool of_now = m->kind == MESSAGE_RECEIVED || m->kind == MESSAGE_SENT;
	size_t len;

	if (!s->put_time || !item->stamp[0] || !(m->tagged || of_now))
		return;
	len = s->put_time(m->tagged ? m->time : now.utc, item->time);
	item->time[len < ITEM_TIME_MAX ? len : ITEM_TIME_MAX - 1] = '\0';
}

static struct item *show(struct session *s, const struct message *m, bool live,
	struct time now)
{
	struct piece who = { m->who, m->who_len }, text = { m->text, m->text_len };
	bool said = m->kind == MESSAGE_SAID || m->kind == MESSAGE_ACTION;
	char stamp[STAMP_LEN];
	bool stamped = times_stamp(&s->times, m, now.utc, stamp);
	struct item *item;
	bool own = m->kind == MESSAGE_SENT || (m->who && identity_is(&s->identity, who));

	begin_line(s, stamped ? stamp : NULL, live, now);
	item = scrollback_add(&s->scrollback, m->kind, m->who, m->who_len, m->text, m->text_len,
		stamped ? stamp : NULL);
	if (!item)
		return NULL;
	put_time(s, item, m, now);
	item->own = own && m->kind != MESSAGE_RECEIVED;
	item->mention = m->kind == MESSAGE_RECEIVED || (!item->own && said &&
		(identity_is_said(&s->identity, text) || attention_is_called(&s->attention, text)));
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

/* A line of the feed, or a private one. */
static void heard_message(struct session *s, const struct message *m, bool live,
	struct time now)
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
	item = fold(s, m, now) ? NULL : show(s, m, live, now);
	if (item) {
		item->echo = echo;
		item->own |= echo;
	}
	if (m->kind == MESSAGE_EVENT)
		heard_event(s, (struct piece){ m->text, m->text_len });
}

/*
 * Whether a line is said now, and not shown again: on demand, or to a newcomer. With tags the
 * IDs tell; before the tags are on, what a chatd sends of the feed is mostly old.
 */
static bool is_live(const struct session *s, const struct message *m)
{
	if (m->tagged)
		return m->id > s->resume.id;
	return s->resume.tagged || s->state == SESSION_PLAIN || !s->tags || m->kind == MESSAGE_RECEIVED ||
		m->kind == MESSAGE_SENT;
}

void session_line(struct session *s, const char *line, size_t len, struct time now)
{
	struct message m;
	bool live;

	message_parse(line, len, &m);
	live = is_live(s, &m);
	if (m.tagged && live)
		s->resume.id = m.id;
	if (m.tagged && s->pending.doubtful)
		s->deadline = now.msec + SESSION_DOUBT_MSEC;
	if (!s->heard && s->state == SESSION_PLAIN && m.kind == MESSAGE_ANSWER)
		s->state = SESSION_HELLO; /* a greeting after all, only late */
	s->heard = true;
	switch (m.kind) {
	case MESSAGE_ANSWER:
		if (s->state != SESSION_PLAIN && !heard_answer(s,
			(struct piece){ m.text, m.text_len }, now))
			return;
		break;
	case MESSAGE_ERROR:
		if (!heard_error(s, (struct piece){ m.text, m.text_len }))
			return;
		break;
	case MESSAGE_OTHER:
		if (s->state == SESSION_HELLO)
			settle(s, SESSION_PLAIN, now);
		break;
	default:
		if (s->state == SESSION_HELLO)
			settle(s, SESSION_PLAIN, now);
		heard_message(s, &m, live, now);
		return;
	}
	show(s, &m, live, now);
}

void session_describe_long_line(uint64_t len, char text[SESSION_NOTICE_MAX])
{
	snprintf(text, SESSION_NOTICE_MAX, "a line of %" PRIu64 " bytes came, too long to show", len);
}

void session_long_line(struct session *s, uint64_t len)
{
	char text[SESSION_NOTICE_MAX];

	session_describe_long_line(len, text);
	session_notice(s, text);
}

/* What was said before the connection was lost and has not come back was never said. */
static void give_up_doubtful(struct session *s)
{
	struct buffer line = { 0 };

	while (pending_give_up(&s->pending, &line))
		tell_unsent(s, line.data, line.len);
	buffer_finish(&line);
}

void session_tick(struct session *s, struct time now)
{
	char notice[RESUME_NOTICE_MAX];

	if (now.msec < s->deadline)
		return;
	s->deadline = INT64_MAX;
	if (s->state == SESSION_HELLO) {
		settle(s, SESSION_PLAIN, now);
	} else if (s->resume.returning) {
		resume_give_up(&s->resume);
		resume_tell(&s->resume, now.utc, "; what was said meanwhile is not known", notice);
		tell(s, notice);
	} else {
		give_up_doubtful(s);
	}
}

bool session_say_text(struct session *s, const char *line, size_t len)
{
	struct buffer text = { 0 };
	bool said;

	if (len && line[0] == '/' && s->state != SESSION_PLAIN)
		buffer_text(&text, "/");
	buffer_append(&text, line, len);
	said = !text.failed && session_say(s, text.data, text.len);
	buffer_finish(&text);
	return said;
}

bool session_say(struct session *s, const char *line, size_t len)
{
	if (s->state == SESSION_DOWN || s->state == SESSION_PASSWORD)
		return false;
	if (s->state == SESSION_HELLO) {
		buffer_append(&s->held, line, len);
		buffer_text(&s->held, "\n");
	} else {
		say(s, line, len);
	}
	return true;
}

void session_leave(struct session *s, const char *line, size_t len)
{
	if (s->state == SESSION_HELLO)
		buffer_append(&s->leave, line, len);
	if (s->state != SESSION_CHATD)
		return;
	who_list_decline(&s->who_list);
	buffer_append(&s->out, line, len);
	buffer_text(&s->out, "\n");
}
