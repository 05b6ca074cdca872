/*
 * From the greeting to the room: password, room, nick, tags. Each step waits for the answer to the
 * one before it, so that an error is known to be the answer to what was asked; what the person says
 * meanwhile is held.
 */
#include <string.h>

#include "client/core/session.h"
#include "client/core/session_parts.h"

#define NO_TOKEN "unknown or expired token"
#define NO_TOKEN_1_0 "nobody is waited for with that token" /* chatd 1.0 */

/* The greeting has come, or it is clear that there will be none. */
static void welcome(struct session *s)
{
	if (s->welcomes)
		session_notice(s, "Now you can start chatting!");
	s->welcomes = false;
}

void session_settle(struct session *s, bool is_chatd, struct time now)
{
	struct buffer held = s->held;
	char notice[RESUME_NOTICE_MAX] = "";

	if (!is_chatd)
		resume_tell(&s->resume, now.utc, "", notice);
	session_tell(s, notice);
	welcome(s);
	s->state = is_chatd ? SESSION_CHATD : SESSION_PLAIN;
	s->secret = false;
	s->settling = false;
	s->deadline = s->pending.doubtful || s->replay.len
		? now.msec + SESSION_DOUBT_MSEC : INT64_MAX;
	s->held = (struct buffer){ 0 };
	for (size_t at = 0; at < held.len;)
		session_send(s, session_line_at(&held, &at), now);
	buffer_finish(&held);
	if (s->leave.len)
		session_leave(s, s->leave.data, s->leave.len, now);
}

static void ask_for_tags(struct session *s, struct time now)
{
	resume_ask(&s->resume, s->counts ? &s->pending.sent : NULL, &s->out);
	if (!s->unanswered)
		s->unanswered = now.msec;
}

/* Asks to come back, or for the nick and tags. */
static void ask_to_enter(struct session *s, struct time now)
{
	struct piece nick = { s->identity.wanted.text, s->identity.wanted.len }, key;

	s->state = SESSION_ENTERING;
	s->nameless = false;
	if (!nick.len && s->ghost.len) {
		nick = (struct piece){ s->ghost.text, s->ghost.len };
		identity_ask(&s->identity, nick);
	}
	key = claims_find(&s->claims, nick);
	s->deadline = now.msec + SESSION_RETURN_MSEC;
	if (!s->resume.token_len && nick.len) {
		buffer_text(&s->out, "/nick ");
		buffer_append(&s->out, nick.s, nick.len);
		buffer_text(&s->out, key.len ? " " : "");
		buffer_append(&s->out, key.s, key.len);
		buffer_text(&s->out, "\n");
	}
	if (!s->resume.token_len)
		pending_restart(&s->pending);
	if (!s->returned_early)
		ask_for_tags(s, now);
	s->returned_early = false;
}

/* Goes to the room first, unless the token leads there. */
static void enter(struct session *s, struct time now)
{
	if (!*s->room || s->resume.token_len) {
		ask_to_enter(s, now);
		return;
	}
	s->state = SESSION_JOINING;
	s->offered = false;
	s->tries = 0;
	s->deadline = now.msec + SESSION_RETURN_MSEC;
	buffer_text(&s->out, "/join ");
	buffer_text(&s->out, s->room);
	buffer_text(&s->out, "\n");
}

/* The first line of a chatd: who we are here and how long a line may be. */
static void greeted(struct session *s, struct piece text, struct time now)
{
	uint64_t max = piece_number(text, "messages up to ");

	welcome(s);
	s->offered = false;
	s->secret = false;
	s->untold = false;
	*s->refusal = '\0';
	s->identity.slot = piece_number(text, "you are #");
	if (max >= MESSAGE_MIN && max <= MESSAGE_MAX)
		s->max_message = (size_t)max;
	enter(s, now);
}

/* It asks for the password of the room. */
static void challenged(struct session *s)
{
	if (s->state == SESSION_HELLO)
		s->state = SESSION_PASSWORD;
	s->deadline = INT64_MAX;
	s->asking = !s->password.len || s->offered;
	s->secret |= s->asking;
	if (!s->asking)
		session_send_password(s);
}

/*
 * Tags are on: we are in the room. A nick that was asked for is had, since a refusal would have
 * come before.
 */
static void entered(struct session *s, bool newcomer, struct time now)
{
	struct piece nick = { s->identity.wanted.text, s->identity.wanted.len };
	char notice[RESUME_NOTICE_MAX] = "";

	if (!s->resume.checking)
		resume_tell(&s->resume, now.utc, NULL, notice);
	session_tell(s, notice);
	s->newcomer = newcomer;
	if (s->nameless && s->identity.wanted.len)
		session_ask_nick(s, nick, claims_find(&s->claims, nick));
	else
		identity_granted(&s->identity);
	if (s->ghost.len)
		session_nick_retry_later(s, (struct piece){ s->ghost.text, s->ghost.len }, now);
	session_ask_replay(s);
	who_list_ask(&s->who_list, &s->out);
	if (s->place.room_len)
		rooms_ask(&s->rooms, &s->out);
	if (s->nameless && *s->room)
		session_join(s, (struct piece){ s->room, strlen(s->room) });
}

/* Lines that were never said go before those typed since. */
static void hold_first(struct session *s, struct buffer *unsaid)
{
	buffer_append(unsaid, s->held.data, s->held.len);
	buffer_finish(&s->held);
	s->held = *unsaid;
}

/* The answer to /resume came; another line may tell what became of what we said. */
static bool resumed(struct session *s, bool with_token, bool newcomer, struct time now)
{
	entered(s, newcomer, now);
	s->settling = with_token && s->counts && !s->nameless;
	s->state = SESSION_CHATD;
	if (!s->settling)
		session_settle(s, true, now);
	return false;
}

bool session_told_what_was_said(struct session *s, struct piece text, struct time now)
{
	struct buffer unsaid = { 0 };
	bool told = piece_begins(text, "said ");

	if (told) {
		pending_settle(&s->pending, piece_number(text, "said "), &unsaid);
		s->settled = true;
		hold_first(s, &unsaid);
	}
	session_settle(s, true, now);
	return told;
}

bool session_at_the_door(const struct session *s)
{
	return s->state == SESSION_HELLO || s->state == SESSION_PASSWORD;
}

bool session_entry_answer(struct session *s, struct piece text, struct time now)
{
	bool with_token = s->resume.token_len > 0, newcomer = !s->resume.tagged;

	if (s->state != SESSION_ENTERING && piece_is(text, "password:")) {
		challenged(s);
		return false;
	}
	if (session_at_the_door(s)) {
		greeted(s, text, now);
		return !s->resume.returning;
	}
	if (s->state == SESSION_JOINING) {
		if (!piece_begins(text, "room "))
			return true;
		s->replay.len = s->replayed = 0; /* of the room where one comes in */
		ask_to_enter(s, now);
		return true;
	}
	if (piece_begins(text, "room ")) {
		struct piece name = session_room_name(text); /* where the token leads */

		session_set_room(s, name.s, name.len);
		place_set_room(&s->place, name);
		return false;
	}
	if (resume_answered(&s->resume, text))
		return resumed(s, with_token, newcomer, now);
	return !s->resume.returning;
}

/* Told why we can't come in: once is enough, however often it is tried. */
static bool refused_at_the_door(struct session *s, struct piece text)
{
	size_t len = text.len < sizeof(s->refusal) - 1 ? text.len : sizeof(s->refusal) - 1;

	if (strlen(s->refusal) == len && memcmp(s->refusal, text.s, len) == 0)
		return s->state == SESSION_PASSWORD;
	memcpy(s->refusal, text.s, len);
	s->refusal[len] = '\0';
	return true;
}

/*
 * The server is full, but perhaps our own old connection holds a place, and then we may
 * have it for our token. True: that is shown.
 */
static bool returns_early(struct session *s, struct piece text, struct time now)
{
	bool is_full = piece_begins(text, "server full (") ||
		piece_begins(text, "too many connections ");

	if (!is_full || s->state != SESSION_HELLO || !s->resume.token_len || s->returned_early)
		return false;
	s->returned_early = true;
	ask_for_tags(s, now);
	return true;
}

/* /resume was refused, or a part of it. True: it was that. */
static bool resume_refused(struct session *s, struct piece text, struct time now)
{
	bool no_token = piece_begins(text, NO_TOKEN) || piece_begins(text, NO_TOKEN_1_0);

	if (piece_begins(text, "unknown command /resume")) {
		resume_give_up(&s->resume);
		identity_granted(&s->identity);
		session_settle(s, true, now);
	} else if (s->counts && piece_begins(text, "usage: /resume")) {
		s->counts = false;
		ask_to_enter(s, now);
	} else if (no_token && s->resume.token_len) {
		resume_forget_token(&s->resume);
		enter(s, now);
	} else {
		s->nameless |= piece_has(text, "has not been said yet");
		return no_token || s->nameless;
	}
	return true;
}

bool session_entry_error(struct session *s, struct piece text, struct time now)
{
	struct identity_nick nick = s->identity.wanted;

	if (session_at_the_door(s)) {
		bool is_news = refused_at_the_door(s, text);

		s->untold = returns_early(s, text, now) && is_news;
		return is_news && !s->untold;
	}
	if (s->state == SESSION_JOINING) {
		if (s->offered && ++s->tries < SESSION_PASSWORD_TRIES)
			return true;
		resume_give_up(&s->resume); /* what was seen last is of the other room */
		s->asking = false;
		ask_to_enter(s, now); /* it is said where we are */
		return true;
	}
	if (resume_refused(s, text, now))
		return false;
	if (piece_begins(text, "not carried out")) /* what waited on the old connection */
		return true;
	if (!s->resume.token_len && nick.len) {
		identity_refused(&s->identity);
		session_nick_retry_later(s, (struct piece){ nick.text, nick.len }, now);
	}
	return true;
}

void session_entry_timeout(struct session *s, struct time now)
{
	char notice[RESUME_NOTICE_MAX];

	if (s->state == SESSION_HELLO) {
		session_settle(s, false, now);
		return;
	}
	if (s->settling) {
		session_settle(s, true, now);
		return;
	}
	resume_give_up(&s->resume);
	resume_tell(&s->resume, now.utc, "; what was said meanwhile is not known", notice);
	session_tell(s, notice);
	identity_granted(&s->identity);
	session_settle(s, true, now);
}
