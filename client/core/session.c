#include "client/core/session.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "client/core/piece.h"
#include "proto/message.h"
#include "proto/text.h"

static void set_nick(struct session *s, struct piece nick)
{
	if (!nick.len || nick.len > NICK_MAX || nick.s[0] == '#')
		return;
	memcpy(s->nick, nick.s, nick.len);
	s->nick_len = nick.len;
}

void session_init(struct session *s, const char *nick, bool tags)
{
	*s = (struct session){ .tags = tags, .deadline = INT64_MAX, .max_message = MESSAGE_DEFAULT };
	if (nick)
		set_nick(s, (struct piece){ nick, strlen(nick) });
}

void session_finish(struct session *s)
{
	buffer_finish(&s->out);
	buffer_finish(&s->held);
	buffer_finish(&s->pending.lines);
	buffer_wipe(&s->password);
	scroll_finish(&s->scroll);
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

void session_notice(struct session *s, const char *text)
{
	struct item *item = scroll_add(&s->scroll, MESSAGE_OTHER, "", 0, text, strlen(text), NULL);

	if (item)
		item->notice = true;
}

/* A line that the person typed will not be said. */
static void tell_unsent(struct session *s, const char *line, size_t len)
{
	struct buffer text = { 0 };

	buffer_text(&text, "not sent: ");
	buffer_append(&text, line, len);
	scroll_add(&s->scroll, MESSAGE_ERROR, "", 0, text.data, text.len, NULL);
	buffer_finish(&text);
}

void session_connected(struct session *s, struct moment now)
{
	s->state = SESSION_HELLO;
	s->heard = false;
	s->dismissed = false;
	s->asking = false;
	s->returning = false;
	s->missed = 0;
	s->slot = 0;
	s->max_message = MESSAGE_DEFAULT;
	s->deadline = now.ticks + SESSION_GREETING_TICKS;
}

/* The line at a place of what is held back; moves the place behind it. */
static struct piece held_line(const struct session *s, size_t *at)
{
	const char *line = s->held.data + *at;
	const char *end = memchr(line, '\n', s->held.len - *at);

	*at += (size_t)(end - line) + 1;
	return (struct piece){ line, (size_t)(end - line) };
}

void session_lost(struct session *s, struct moment now)
{
	if ((s->state == SESSION_CHATD && !s->returning) || s->state == SESSION_PLAIN)
		s->lost_time = now.time;
	s->state = SESSION_DOWN;
	s->deadline = INT64_MAX;
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
		item = scroll_add(&s->scroll, MESSAGE_OTHER, "", 0, line, len, NULL);
		if (item)
			item->own = true;
		return;
	}
	pending_add(&s->pending, rest);
	if (piece_begins(rest, "/nick ")) {
		(void)piece_word(&rest);
		set_nick(s, rest);
	}
}

/* One line that says how long we were away and whether anything is missing. */
static void tell_return(struct session *s, struct moment now, const char *gap)
{
	int64_t away = now.time > s->lost_time ? now.time - s->lost_time : 0;
	char text[160];

	if (!s->lost_time)
		return;
	if (away < 120)
		snprintf(text, sizeof(text), "back after %" PRId64 " s%s", away, gap);
	else if (away < 7200)
		snprintf(text, sizeof(text), "back after %" PRId64 " min%s", away / 60, gap);
	else
		snprintf(text, sizeof(text), "back after %" PRId64 " h%s", away / 3600, gap);
	session_notice(s, text);
	s->lost_time = 0;
}

/* It is clear now what the server is: what was held back is said. */
static void settle(struct session *s, enum session_state state, struct moment now)
{
	if (state == SESSION_PLAIN)
		tell_return(s, now, "");
	s->state = state;
	s->deadline = INT64_MAX;
	for (size_t at = 0; at < s->held.len;) {
		struct piece line = held_line(s, &at);

		say(s, line.s, line.len);
	}
	s->held.len = 0;
}

static void send_nick(struct session *s)
{
	if (!s->nick_len)
		return;
	buffer_text(&s->out, "/nick ");
	buffer_append(&s->out, s->nick, s->nick_len);
	buffer_text(&s->out, "\n");
}

/* Without a token a nick must be taken again; without an id there is nothing to come back to. */
static void send_resume(struct session *s, bool with_token)
{
	if (!s->tags)
		return;
	buffer_text(&s->out, "/resume");
	if (s->tagged)
		buffer_format(&s->out, " %" PRIu64, s->id);
	if (s->tagged && with_token) {
		buffer_text(&s->out, " ");
		buffer_append(&s->out, s->token, s->token_len);
	}
	buffer_text(&s->out, "\n");
}

/* The first line of a chatd: who we are here and how long a line may be. */
static void greeted(struct session *s, struct piece text, struct moment now)
{
	uint64_t max = piece_number(text, "messages up to ");

	s->slot = piece_number(text, "you are #");
	if (max >= MESSAGE_MIN && max <= MESSAGE_MAX)
		s->max_message = (size_t)max;
	s->returning = s->tagged;
	if (s->tagged && s->token_len) {
		send_resume(s, true);
	} else {
		send_nick(s);
		send_resume(s, false);
	}
	settle(s, SESSION_CHATD, now);
}

/* What became of the lines that were said while we were away. */
static void describe_gap(const struct session *s, uint64_t answered, char *text, size_t size)
{
	uint64_t missed = s->missed;

	if (!missed && answered > s->id)
		missed = answered - s->id;
	if (!s->tagged)
		*text = '\0';
	else if (answered < s->id)
		snprintf(text, size, "; the server was started anew, "
			"what was said meanwhile is not known");
	else if (missed)
		snprintf(text, size, ", %" PRIu64 " line%s missed", missed,
			missed == 1 ? " was" : "s were");
	else
		snprintf(text, size, ", nothing was missed");
}

/* "resume ID TOKEN": from here on every line of the feed is tagged. */
static bool resumed(struct session *s, struct piece text, struct moment now)
{
	struct piece verb = piece_word(&text), id_text = piece_word(&text), token = piece_word(&text);
	char gap[96];
	uint64_t id;

	if (!piece_is(verb, "resume") || !s->tags ||
		!text_number(id_text.s, id_text.len, UINT64_MAX, &id) || token.len > TOKEN_LEN)
		return false;
	describe_gap(s, id, gap, sizeof(gap));
	tell_return(s, now, gap);
	if (s->pending.doubtful)
		s->deadline = now.ticks + SESSION_DOUBT_TICKS;
	s->returning = false;
	s->tagged = true;
	s->id = id;
	s->token_len = token.len;
	memcpy(s->token, token.s, token.len);
	return true;
}

/* A line of the server's own. True: it is to be shown. */
static bool heard_answer(struct session *s, struct piece text, struct moment now)
{
	if (s->state == SESSION_HELLO || s->state == SESSION_PASSWORD) {
		if (piece_is(text, "password:")) {
			s->state = SESSION_PASSWORD;
			s->deadline = INT64_MAX;
			s->asking = !s->password.len || s->offered;
			if (!s->asking)
				send_password(s);
			return false;
		}
		s->offered = false;
		greeted(s, text, now);
		return !s->returning;
	}
	if (piece_begins(text, "resume ") && resumed(s, text, now))
		return false;
	if (s->returning && piece_begins(text, "you missed "))
		s->missed = piece_number(text, "you missed ");
	if (piece_has(text, " since ") && piece_has(text, ", idle ")) { /* of /who */
		struct piece who = piece_word(&text);

		names_came(&s->names, who.s, who.len);
	}
	return !s->returning;
}

/* An error. True: it is to be shown. */
static bool heard_error(struct session *s, struct piece text)
{
	/* To come back at once would be to ignore what somebody has decided. */
	s->dismissed = piece_begins(text, "you were kicked") ||
		piece_begins(text, "you were banned") ||
		piece_begins(text, "you have come back on another connection");
	if (s->state != SESSION_CHATD || !s->returning)
		return true;
	if (s->token_len) {
		/* The token is not known there any more. */
		s->token_len = 0;
		send_resume(s, false);
		send_nick(s);
	}
	return false;
}

static bool is_me(const struct session *s, struct piece who)
{
	uint64_t slot;

	if (who.len > 1 && who.s[0] == '#')
		return text_number(who.s + 1, who.len - 1, UINT32_MAX, &slot) && slot == s->slot;
	return s->nick_len && text_compare(who.s, who.len, s->nick, s->nick_len) == 0;
}

/* "WHO joined (3 online)", "WHO left (text)", "OLD is now NEW". */
static void heard_event(struct session *s, struct piece text)
{
	struct piece who = piece_word(&text);

	if (piece_begins(text, "joined (")) {
		names_came(&s->names, who.s, who.len);
	} else if (piece_begins(text, "left (")) {
		names_left(&s->names, who.s, who.len);
	} else if (piece_begins(text, "is now ")) {
		struct piece now = { text.s + 7, text.len - 7 };

		names_renamed(&s->names, who.s, who.len, now.s, now.len);
		if (is_me(s, who))
			set_nick(s, now);
	}
}

/* "Wed Oct 19 2022" of "Wed Oct 19 21:24:05 2022". */
static void day_of(char day[DAY_SIZE], const char *stamp)
{
	memcpy(day, stamp, 10);
	memcpy(day + 10, stamp + 19, 5);
	day[DAY_SIZE - 1] = '\0';
}

/* A line that says so when a message is of another day than the one before it. */
static void turn_day(struct session *s, const char *stamp, struct moment now)
{
	char day[DAY_SIZE], text[DAY_SIZE + 8];

	if (!s->day[0])
		day_of(s->day, stamp_at(&s->stamp, now.time));
	day_of(day, stamp);
	if (memcmp(day, s->day, sizeof(day)) == 0)
		return;
	memcpy(s->day, day, sizeof(day));
	snprintf(text, sizeof(text), "--- %s ---", day);
	session_notice(s, text);
}

/* The time in our zone where it is known; private lines are always of now. */
static const char *local_stamp(struct session *s, const struct message *m, struct moment now,
	char stamp[STAMP_LEN])
{
	const char *text = m->stamp;

	if (m->tagged)
		text = stamp_at(&s->stamp, m->time);
	else if (m->kind == MESSAGE_RECEIVED || m->kind == MESSAGE_SENT)
		text = stamp_at(&s->stamp, now.time);
	if (!text)
		return NULL;
	memcpy(stamp, text, STAMP_LEN);
	return stamp;
}

static struct item *show(struct session *s, const struct message *m, bool live,
	struct moment now)
{
	struct piece who = { m->who, m->who_len }, text = { m->text, m->text_len };
	char stamp_text[STAMP_LEN];
	const char *stamp = local_stamp(s, m, now, stamp_text);
	struct item *item;
	bool own = m->kind == MESSAGE_SENT || (m->who && is_me(s, who));

	if (stamp)
		turn_day(s, stamp, now);
	item = scroll_add(&s->scroll, m->kind, m->who, m->who_len, m->text, m->text_len, stamp);
	if (!item)
		return NULL;
	item->own = own && m->kind != MESSAGE_RECEIVED;
	item->mention = m->kind == MESSAGE_RECEIVED ||
		(!item->own && (m->kind == MESSAGE_SAID || m->kind == MESSAGE_ACTION) &&
			piece_has_word(text, (struct piece){ s->nick, s->nick_len }));
	s->bell |= item->mention && live;
	return item;
}

/* A line of the feed, or a private one. */
static void heard_message(struct session *s, const struct message *m, bool live,
	struct moment now)
{
	struct piece who = { m->who, m->who_len };
	bool echo = false;
	struct item *item;

	if (s->returning && m->kind != MESSAGE_RECEIVED && m->kind != MESSAGE_SENT)
		return;
	if (m->who && live && (m->kind == MESSAGE_SAID || m->kind == MESSAGE_ACTION)) {
		if (is_me(s, who))
			echo = pending_confirm(&s->pending, m);
		else
			names_spoke(&s->names, m->who, m->who_len);
	}
	item = show(s, m, live, now);
	if (item)
		item->echo = echo;
	if (m->kind == MESSAGE_EVENT && live)
		heard_event(s, (struct piece){ m->text, m->text_len });
}

void session_line(struct session *s, const char *line, size_t len, struct moment now)
{
	struct message m;
	bool live;

	message_parse(line, len, &m);
	live = !m.tagged || m.id > s->id; /* not so: it is shown again, on demand */
	if (m.tagged && live)
		s->id = m.id;
	if (m.tagged && s->pending.doubtful)
		s->deadline = now.ticks + SESSION_DOUBT_TICKS;
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

void session_long_line(struct session *s, uint64_t len)
{
	char text[80];

	snprintf(text, sizeof(text), "a line of %" PRIu64 " bytes came, too long to show", len);
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

void session_tick(struct session *s, struct moment now)
{
	if (now.ticks < s->deadline)
		return;
	s->deadline = INT64_MAX;
	if (s->state == SESSION_HELLO)
		settle(s, SESSION_PLAIN, now);
	else
		give_up_doubtful(s);
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
	if (s->state != SESSION_CHATD)
		return;
	buffer_append(&s->out, line, len);
	buffer_text(&s->out, "\n");
}
