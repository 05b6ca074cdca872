/*
 * A nick that is asked for while one is in the room. The server grants it without a word to the
 * one who asked, so the command is put between two questions: an error between their answers is
 * its refusal, whatever it says. One that is held by the connection that we lost is asked for
 * again when it is free.
 */
#include <string.h>

#include "client/core/session.h"
#include "client/core/session_parts.h"
#include "proto/text.h"

#define QUESTION "/ping chatc\n"
#define ANSWER "pong chatc"
#define NO_ANSWER "unknown command /ping" /* of a chatd of before there was such a command */

void session_ask_nick(struct session *s, struct piece nick, struct piece key)
{
	if (s->fence == FENCE_NONE)
		buffer_text(&s->out, QUESTION);
	buffer_text(&s->out, "/nick ");
	buffer_append(&s->out, nick.s, nick.len);
	if (key.len) {
		buffer_text(&s->out, " ");
		buffer_append(&s->out, key.s, key.len);
	}
	buffer_text(&s->out, "\n");
	if (s->fence == FENCE_NONE) {
		buffer_text(&s->out, QUESTION);
		s->fence = FENCE_BEFORE;
	}
	identity_ask(&s->identity, nick);
}

/* The answer to one of the questions. */
static void pass(struct session *s)
{
	if (s->fence == FENCE_INSIDE) {
		if (s->identity.wanted.len)
			s->ghost.len = 0;
		identity_granted(&s->identity);
		s->ghost_asked = false;
	}
	s->fence = s->fence == FENCE_BEFORE ? FENCE_INSIDE : FENCE_NONE;
}

bool session_nick_answer(struct session *s, struct piece text)
{
	if (s->fence == FENCE_NONE || !piece_is(text, ANSWER))
		return true;
	pass(s);
	return false;
}

bool session_nick_error(struct session *s, struct piece text)
{
	bool shown = !s->ghost_asked;

	if (s->fence == FENCE_NONE)
		return true;
	if (piece_begins(text, NO_ANSWER)) {
		pass(s);
		return false;
	}
	if (s->fence == FENCE_BEFORE)
		return true;
	identity_refused(&s->identity);
	return shown;
}

void session_nick_retry_later(struct session *s, struct piece nick, struct time now)
{
	memcpy(s->ghost.text, nick.s, nick.len);
	s->ghost.len = nick.len;
	s->ghost_tries = SESSION_GHOST_TRIES;
	s->ghost_at = now.msec + SESSION_GHOST_MSEC;
}

static void retry(struct session *s, struct time now)
{
	struct piece nick = { s->ghost.text, s->ghost.len };

	s->ghost_tries--;
	s->ghost_at = s->ghost_tries ? now.msec + SESSION_GHOST_MSEC : INT64_MAX;
	s->ghost_asked = true;
	session_ask_nick(s, nick, claims_find(&s->claims, nick));
}

void session_nick_freed(struct session *s, struct piece nick, struct time now)
{
	if (s->state == SESSION_CHATD && s->ghost.len && s->ghost_tries &&
		text_compare(nick.s, nick.len, s->ghost.text, s->ghost.len) == 0)
		retry(s, now);
}

void session_nick_timeout(struct session *s, struct time now)
{
	s->ghost_at = INT64_MAX;
	if (s->state == SESSION_CHATD && s->ghost.len && s->ghost_tries)
		retry(s, now);
}
