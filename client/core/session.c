#include "client/core/session.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/message.h"
#include "proto/text.h"

/* A piece of a line. */
struct piece {
	const char *s;
	size_t len;
};

static bool begins(struct piece p, const char *with)
{
	size_t len = strlen(with);

	return p.len >= len && memcmp(p.s, with, len) == 0;
}

static bool equals(struct piece p, const char *s, size_t len)
{
	return p.len == len && (len == 0 || memcmp(p.s, s, len) == 0);
}

/* Cuts off and returns what stands before the first blank, and drops the blank. */
static struct piece word(struct piece *rest)
{
	const char *blank = rest->len ? memchr(rest->s, ' ', rest->len) : NULL;
	struct piece w = { rest->s, blank ? (size_t)(blank - rest->s) : rest->len };
	size_t used = w.len + (blank != NULL);

	rest->s += used;
	rest->len -= used;
	return w;
}

static bool find(struct piece p, const char *text)
{
	for (; p.len; p.s++, p.len--)
		if (begins(p, text))
			return true;
	return false;
}

/* The decimal number that stands behind a text, the last time it is there; 0 for none. */
static uint64_t number_behind(struct piece p, const char *text)
{
	size_t len = strlen(text);
	uint64_t number = 0;

	for (size_t i = p.len; i-- > 0;) {
		struct piece rest = { p.s + i, p.len - i };
		size_t digits = 0;

		if (!begins(rest, text))
			continue;
		while (len + digits < rest.len && rest.s[len + digits] >= '0' &&
			rest.s[len + digits] <= '9')
			digits++;
		if (text_number(rest.s + len, digits, UINT64_MAX, &number))
			return number;
	}
	return 0;
}

void session_init(struct session *s, const char *nick, bool tags)
{
	*s = (struct session){ .tags = tags, .deadline = INT64_MAX, .max_message = MESSAGE_DEFAULT };
	if (nick) {
		s->nick_len = strlen(nick) < NICK_MAX ? strlen(nick) : NICK_MAX;
		memcpy(s->nick, nick, s->nick_len);
	}
}

void session_finish(struct session *s)
{
	buffer_finish(&s->out);
	buffer_finish(&s->held);
	buffer_finish(&s->pending);
	buffer_wipe(&s->password);
	scroll_finish(&s->scroll);
}

void session_set_password(struct session *s, const char *text, size_t len)
{
	buffer_wipe(&s->password);
	buffer_append(&s->password, text, len);
	if (s->state == SESSION_PASSWORD && s->asking) {
		s->asking = false;
		buffer_append(&s->out, text, len);
		buffer_text(&s->out, "\n");
	}
}

void session_notice(struct session *s, const char *text)
{
	struct item *item = scroll_add(&s->scroll, MESSAGE_OTHER, "", 0, text, strlen(text), NULL);

	if (item)
		item->notice = true;
}

void session_connected(struct session *s, struct moment now)
{
	s->state = SESSION_HELLO;
	s->heard = false;
	s->asking = false;
	s->returning = false;
	s->missed = 0;
	s->slot = 0;
	s->max_message = MESSAGE_DEFAULT;
	s->deadline = now.ticks + SESSION_GREETING_TICKS;
}

void session_lost(struct session *s, struct moment now)
{
	if ((s->state == SESSION_CHATD && !s->returning) || s->state == SESSION_PLAIN)
		s->lost_time = now.time;
	s->state = SESSION_DOWN;
	s->deadline = INT64_MAX;
	s->doubtful = s->pending.len;
	s->out.len = 0;
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
	if (!begins(rest, "/") || begins(rest, "//") || begins(rest, "/me ")) {
		buffer_append(&s->pending, line, len);
		buffer_text(&s->pending, "\n");
	} else if (begins(rest, "/nick ")) {
		(void)word(&rest);
		if (rest.len && rest.len <= NICK_MAX) {
			memcpy(s->nick, rest.s, rest.len);
			s->nick_len = rest.len;
		}
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
	struct buffer held = s->held;

	if (state == SESSION_PLAIN)
		tell_return(s, now, "");
	s->state = state;
	s->deadline = INT64_MAX;
	s->held = (struct buffer){ 0 };
	for (size_t at = 0; at < held.len;) {
		const char *end = memchr(held.data + at, '\n', held.len - at);
		size_t len = (size_t)(end - (held.data + at));

		say(s, held.data + at, len);
		at += len + 1;
	}
	buffer_finish(&held);
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
	uint64_t max = number_behind(text, "messages up to ");

	s->slot = number_behind(text, "you are #");
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
	struct piece verb = word(&text), id_text = word(&text), token = word(&text);
	char gap[96];
	uint64_t id;

	if (!equals(verb, "resume", 6) || !s->tags ||
		!text_number(id_text.s, id_text.len, UINT64_MAX, &id) || token.len > TOKEN_LEN)
		return false;
	describe_gap(s, id, gap, sizeof(gap));
	tell_return(s, now, gap);
	if (s->doubtful)
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
		if (equals(text, "password:", 9)) {
			s->state = SESSION_PASSWORD;
			s->deadline = INT64_MAX;
			s->asking = !s->password.len || s->refused;
			if (s->asking)
				return false;
			s->refused = true; /* unless something else than the question follows */
			buffer_append(&s->out, s->password.data, s->password.len);
			buffer_text(&s->out, "\n");
			return false;
		}
		s->refused = false;
		greeted(s, text, now);
		return !s->returning;
	}
	if (begins(text, "resume ") && resumed(s, text, now))
		return false;
	if (s->returning && begins(text, "you missed "))
		s->missed = number_behind(text, "you missed ");
	if (find(text, " since ") && find(text, ", idle ")) { /* of /who */
		struct piece who = word(&text);

		names_came(&s->names, who.s, who.len);
	}
	return !s->returning;
}

/* An error. True: it is to be shown. */
static bool heard_error(struct session *s)
{
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

/* What the line that was typed reads like when it has been said. */
static struct piece as_said(struct piece line, enum message_kind *kind)
{
	*kind = begins(line, "/me ") ? MESSAGE_ACTION : MESSAGE_SAID;
	if (*kind == MESSAGE_ACTION)
		return (struct piece){ line.s + 4, line.len - 4 };
	if (begins(line, "//"))
		return (struct piece){ line.s + 1, line.len - 1 };
	return line;
}

static void drop_pending(struct session *s, size_t len)
{
	buffer_consume(&s->pending, len);
	s->doubtful = s->doubtful > len ? s->doubtful - len : 0;
}

/* A line of ours has been said: it is pending no more, nor is what we said before it. */
static bool confirm(struct session *s, const struct message *m)
{
	for (size_t at = 0; at < s->pending.len;) {
		const char *line = s->pending.data + at;
		const char *end = memchr(line, '\n', s->pending.len - at);
		struct piece text = { line, (size_t)(end - line) };
		enum message_kind kind;

		at += text.len + 1;
		text = as_said(text, &kind);
		if (kind == m->kind && equals(text, m->text, m->text_len)) {
			drop_pending(s, at);
			return true;
		}
	}
	return false;
}

/* Whether the nick stands in a text as a word. */
static bool is_mentioned(const struct session *s, struct piece text)
{
	for (size_t i = 0; s->nick_len && i + s->nick_len <= text.len; i++) {
		unsigned char before = i ? (unsigned char)text.s[i - 1] : ' ';
		unsigned char after = i + s->nick_len < text.len
			? (unsigned char)text.s[i + s->nick_len] : ' ';
		bool joins_before = before >= 0x80 || before == '_' || (before >= '0' && before <= '9')
			|| ((before | 32) >= 'a' && (before | 32) <= 'z');
		bool joins_after = after >= 0x80 || after == '_' || (after >= '0' && after <= '9')
			|| ((after | 32) >= 'a' && (after | 32) <= 'z');

		if (!joins_before && !joins_after &&
			text_compare(text.s + i, s->nick_len, s->nick, s->nick_len) == 0)
			return true;
	}
	return false;
}

/* "WHO joined (3 online)", "WHO left (text)", "OLD is now NEW". */
static void heard_event(struct session *s, struct piece text)
{
	struct piece who = word(&text);

	if (begins(text, "joined (")) {
		names_came(&s->names, who.s, who.len);
	} else if (begins(text, "left (")) {
		names_left(&s->names, who.s, who.len);
	} else if (begins(text, "is now ")) {
		struct piece now = { text.s + 7, text.len - 7 };

		names_renamed(&s->names, who.s, who.len, now.s, now.len);
		if (is_me(s, who) && now.len && now.len <= NICK_MAX && now.s[0] != '#') {
			memcpy(s->nick, now.s, now.len);
			s->nick_len = now.len;
		}
	}
}

static struct item *show(struct session *s, const struct message *m, bool live,
	struct moment now)
{
	struct piece who = { m->who, m->who_len }, text = { m->text, m->text_len };
	const char *stamp = m->stamp;
	struct item *item;
	bool own = m->kind == MESSAGE_SENT || (m->who && is_me(s, who));

	if (m->tagged)
		stamp = stamp_at(&s->stamp, m->time);
	else if (m->kind == MESSAGE_RECEIVED || m->kind == MESSAGE_SENT)
		stamp = stamp_at(&s->stamp, now.time);
	item = scroll_add(&s->scroll, m->kind, m->who, m->who_len, m->text, m->text_len, stamp);
	if (!item)
		return NULL;
	item->own = own && m->kind != MESSAGE_RECEIVED;
	item->mention = m->kind == MESSAGE_RECEIVED ||
		(!item->own && (m->kind == MESSAGE_SAID || m->kind == MESSAGE_ACTION) &&
			is_mentioned(s, text));
	s->bell |= item->mention && live;
	return item;
}

/* A line of the feed, or a private one. */
static void heard_message(struct session *s, const struct message *m, struct moment now)
{
	struct piece who = { m->who, m->who_len };
	bool live = !m->tagged || m->id > s->id, echo = false;
	struct item *item;

	if (s->returning && m->kind != MESSAGE_RECEIVED && m->kind != MESSAGE_SENT)
		return;
	if (m->tagged && live) {
		s->id = m->id;
		if (s->doubtful)
			s->deadline = now.ticks + SESSION_DOUBT_TICKS;
	}
	if (m->who && live && (m->kind == MESSAGE_SAID || m->kind == MESSAGE_ACTION)) {
		if (is_me(s, who))
			echo = confirm(s, m);
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

	message_parse(line, len, &m);
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
		if (!heard_error(s))
			return;
		break;
	case MESSAGE_OTHER:
		if (s->state == SESSION_HELLO)
			settle(s, SESSION_PLAIN, now);
		break;
	default:
		if (s->state == SESSION_HELLO)
			settle(s, SESSION_PLAIN, now);
		heard_message(s, &m, now);
		return;
	}
	show(s, &m, true, now);
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
	while (s->doubtful) {
		const char *end = memchr(s->pending.data, '\n', s->pending.len);
		size_t len = (size_t)(end - s->pending.data);
		struct buffer text = { 0 };

		buffer_text(&text, "not sent: ");
		buffer_append(&text, s->pending.data, len);
		scroll_add(&s->scroll, MESSAGE_ERROR, "", 0, text.data, text.len, NULL);
		buffer_finish(&text);
		drop_pending(s, len + 1);
	}
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
