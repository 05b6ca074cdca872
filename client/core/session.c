/*
 * The life of a session. Lines said before it is clear where they go are held, in their order, and
 * what a lost connection leaves unsaid goes before it: each line is said once, or is told not to
 * be.
 */
#include "client/core/session.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "client/core/greeting.h"
#include "client/core/pinned.h"
#include "client/core/session_parts.h"

void session_init(struct session *s, const char *nick)
{
	*s = (struct session){ .deadline = INT64_MAX, .ghost_at = INT64_MAX,
		.max_message = MESSAGE_DEFAULT };
	if (nick)
		identity_ask(&s->identity, (struct piece){ nick, strlen(nick) });
}

void session_finish(struct session *s)
{
	buffer_finish(&s->out);
	buffer_finish(&s->held);
	buffer_finish(&s->leave);
	buffer_finish(&s->replay);
	buffer_finish(&s->older.lines);
	pending_finish(&s->pending);
	paste_finish(&s->paste);
	claims_finish(&s->claims);
	buffer_wipe(&s->password);
	buffer_finish(&s->folded);
	scrollback_finish(&s->scrollback);
}

void session_set_room(struct session *s, const char *room, size_t len)
{
	if (len >= sizeof(s->room))
		return;
	memcpy(s->room, room, len);
	s->room[len] = '\0';
}

void session_send_password(struct session *s)
{
	s->offered = true;
	buffer_append(&s->out, s->password.data, s->password.len);
	buffer_text(&s->out, "\n");
}

void session_set_password(struct session *s, const char *text, size_t len)
{
	if (s->state == SESSION_CHATD && s->asking) { /* of another room */
		s->asking = false;
		buffer_append(&s->out, text, len);
		buffer_text(&s->out, "\n");
		return;
	}
	buffer_wipe(&s->password);
	buffer_append(&s->password, text, len);
	if (s->asking) {
		s->asking = false;
		session_send_password(s);
	}
}

void session_tell(struct session *s, const char *notice)
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
	struct item *item = scrollback_add_text(&s->scrollback, MESSAGE_OTHER, text, strlen(text));

	if (item)
		item->notice = true;
}

void session_tell_unsent(struct session *s, struct piece line)
{
	struct buffer text = { 0 };

	buffer_text(&text, "not sent: ");
	buffer_append(&text, line.s, line.len);
	scrollback_add_text(&s->scrollback, MESSAGE_ERROR, text.data, text.len);
	buffer_finish(&text);
}

struct piece session_line_at(const struct buffer *lines, size_t *at)
{
	const char *line = lines->data + *at;
	const char *end = memchr(line, '\n', lines->len - *at);

	*at += (size_t)(end - line) + 1;
	return (struct piece){ line, (size_t)(end - line) };
}

void session_connected(struct session *s, struct time now)
{
	s->state = SESSION_HELLO;
	s->heard = false;
	s->dismissed = false;
	s->timed_out = false;
	s->asking = false;
	s->counts = true;
	s->settling = false;
	s->settled = false;
	s->returned_early = s->untold = false;
	s->unanswered = 0;
	s->max_message = MESSAGE_DEFAULT;
	s->who_list = (struct who_list){ 0 };
	s->deadline = now.msec + SESSION_GREETING_MSEC;
}

void session_lost(struct session *s, struct time now, int64_t silence)
{
	int64_t unanswered = s->unanswered ? now.msec - s->unanswered : 0;

	if (s->state >= SESSION_JOINING)
		resume_lost(&s->resume,
			now.utc - (unanswered > silence ? unanswered : silence) / 1000);
	if (s->state == SESSION_CHATD && s->replay.len)
		session_show_replay(s, now);
	if (s->untold)
		session_show(s, &(struct message){ .kind = MESSAGE_ERROR, .text = s->refusal,
			.text_len = strlen(s->refusal) }, false, now);
	s->untold = false;
	s->state = SESSION_DOWN;
	s->deadline = INT64_MAX;
	s->ghost_at = INT64_MAX;
	s->fence = FENCE_NONE;
	s->unanswered = 0;
	session_older_lost(s);
	s->replay.len = 0;
	s->replayed = 0;
	s->settling = false;
	session_move_lost(s);
	identity_lost(&s->identity);
	pending_doubt(&s->pending);
	s->out.len = 0;
}

/* What goes out, canonical and without LF, when it is a command that chatc has a part in. */
static bool send_command(struct session *s, struct piece line, struct time now)
{
	struct piece rest = line, verb = piece_word(&rest), nick;

	if (piece_is_called(verb, "/join")) {
		session_join(s, rest);
		return true;
	}
	if (!piece_is_called(verb, "/nick"))
		return false;
	piece_skip_blanks(&rest);
	nick = piece_word(&rest);
	piece_skip_blanks(&rest);
	s->ghost.len = 0;
	session_ask_nick(s, nick, rest.len ? rest : claims_find(&s->claims, nick));
	return true;
}

void session_send(struct session *s, struct piece line, struct time now)
{
	size_t before = s->out.len;
	struct piece sent;
	struct item *item;

	if (s->state == SESSION_PLAIN) {
		buffer_append(&s->out, line.s, line.len);
		buffer_text(&s->out, "\n");
		/* It will hardly come back from there. */
		item = scrollback_add_text(&s->scrollback, MESSAGE_OTHER, line.s, line.len);
		if (item)
			item->own = true;
		return;
	}
	if (!s->unanswered)
		s->unanswered = now.msec;
	if (send_command(s, line, now))
		return;
	pending_canonical(line, &s->out);
	if (s->out.failed)
		return;
	sent = (struct piece){ s->out.data + before, s->out.len - before - 1 };
	pending_add(&s->pending, sent);
}

static bool may_paste(const struct session *s, struct time now)
{
	if (s->state != SESSION_CHATD)
		return s->state == SESSION_PLAIN;
	return !s->settling && s->move == MOVE_NONE && (now.msec >= s->paste_due ||
		pending_in_flight(&s->pending) < PASTE_IN_FLIGHT);
}

/* Says as much of what was pasted as the server has shown that it takes. */
static void send_paste(struct session *s, struct time now)
{
	struct buffer text = { 0 };
	struct piece line;

	while (may_paste(s, now) && paste_next(&s->paste, &line)) {
		s->paste_due = now.msec + SESSION_RETURN_MSEC;
		text.len = 0;
		if (piece_begins(line, "/") && s->state != SESSION_PLAIN)
			buffer_text(&text, "/");
		buffer_append(&text, line.s, line.len);
		if (!text.failed)
			session_send(s, (struct piece){ text.data, text.len }, now);
	}
	buffer_finish(&text);
}

/* To come back at once would be to ignore what somebody has decided. */
static void heard_why(struct session *s, struct piece text)
{
	s->dismissed = piece_begins(text, "you were kicked") ||
		piece_begins(text, "you were banned") ||
		piece_begins(text, "you have come back on another connection");
	s->timed_out = piece_begins(text, "nothing from you for ") ||
		piece_begins(text, "idle for ");
}

/* An error. True: it is to be shown. */
static bool heard_error(struct session *s, struct piece text, struct time now)
{
	enum session_answer moved;

	heard_why(s, text);
	if (piece_begins(text, "message too long ("))
		pending_refuse(&s->pending, piece_number(text, "message too long ("));
	if (s->state != SESSION_CHATD && s->state != SESSION_PLAIN)
		return session_entry_error(s, text, now);
	moved = session_move_error(s, text, now);
	if (moved != ANSWER_OTHER)
		return moved == ANSWER_SHOWN;
	if (rooms_refused(&s->rooms, text) || session_older_answer(s, text, now))
		return false;
	return session_nick_error(s, text);
}

/*
 * All that was said before we came back has come. If the feed is the one that we know, what of ours
 * is not in it was never said.
 */
static void caught_up(struct session *s, struct time now)
{
	struct buffer unsaid = { 0 };

	session_show_replay(s, now);
	if (s->newcomer)
		roster_doubt(&s->roster);
	s->newcomer = false;
	if (!s->resume.verified || s->settled)
		return;
	pending_take_doubtful(&s->pending, &unsaid);
	for (size_t at = 0; at < unsaid.len;)
		session_send(s, session_line_at(&unsaid, &at), now);
	buffer_finish(&unsaid);
}

/* A line of the server's own, perhaps of a list of who is here. True: it is to be shown. */
static bool heard_of_many(struct session *s, struct piece text, struct time now)
{
	struct piece who;
	enum who_list_line line = who_list_parse(text, &who);

	bool ours = who_list_takes(&s->who_list, line, text);

	if (ours && line == WHO_LIST_HEAD)
		caught_up(s, now);
	if (line == WHO_LIST_PERSON && !identity_is(&s->identity, who))
		roster_came(&s->roster, who.s, who.len);
	if (line == WHO_LIST_SELF)
		identity_told(&s->identity, who);
	if (!ours)
		return true;
	if (!s->who_list.left)
		roster_drop_doubtful(&s->roster);
	return false;
}

/* A line of the list of rooms. True: it was that, and is shown if it should. */
static bool heard_of_rooms(struct session *s, struct piece text, struct time now)
{
	struct buffer shown = { 0 };
	enum rooms_line line = rooms_heard(&s->rooms, text, s->resume.id, &shown);

	if (line == ROOMS_SHOWN)
		session_show(s, &(struct message){ .kind = MESSAGE_ANSWER, .text = shown.data,
			.text_len = shown.len }, false, now);
	buffer_finish(&shown);
	return line != ROOMS_OTHER;
}

/* A line of the server's own. True: it is to be shown. */
static bool heard_answer(struct session *s, struct piece text, struct time now)
{
	enum session_answer moved;

	if (s->state != SESSION_CHATD || (s->settling && session_told_what_was_said(s, text, now)))
		return s->state != SESSION_CHATD && session_entry_answer(s, text, now);
	moved = session_move_answer(s, text, now);
	if (moved != ANSWER_OTHER)
		return moved == ANSWER_SHOWN;
	if (heard_of_rooms(s, text, now) || session_older_answer(s, text, now) ||
		session_found(s, text, now))
		return false;
	claims_heard(&s->claims, text);
	if (resume_answered(&s->resume, text)) /* the person has asked */
		return false;
	return session_nick_answer(s, text) && heard_of_many(s, text, now);
}

/*
 * Whether a line is said now, and not shown again: on demand, or to a newcomer. With tags the
 * IDs tell; before the tags are on, what a chatd sends of the feed is mostly old.
 */
static bool is_live(const struct session *s, const struct message *m)
{
	if (m->tagged)
		return m->id > s->resume.id && s->move != MOVE_ARRIVING;
	return s->resume.tagged || s->state == SESSION_PLAIN || m->kind == MESSAGE_RECEIVED ||
		m->kind == MESSAGE_SENT;
}

/* A tagged line. True: it is only there to be compared with the one that we remember. */
static bool heard_tag(struct session *s, const struct message *m, struct time now)
{
	char notice[RESUME_NOTICE_MAX];
	bool checking = s->resume.checking, seen;

	if (s->replay.len && m->id <= s->resume.id)
		s->replay_again = true;
	if (s->pending.doubtful)
		s->deadline = now.msec + SESSION_DOUBT_MSEC;
	seen = resume_seen(&s->resume, m->id, m->time);
	if (!checking)
		return false;
	resume_tell(&s->resume, now.utc, NULL, notice);
	session_tell(s, notice);
	return seen;
}

static void take_line(struct session *s, const struct message *m, struct piece line,
	struct time now)
{
	struct piece text = { m->text, m->text_len };
	bool live = is_live(s, m), shown;

	if (session_older_takes(s, m, line) || (m->tagged && heard_tag(s, m, now)))
		return;
	switch (m->kind) {
	case MESSAGE_ANSWER:
		shown = s->state == SESSION_PLAIN || heard_answer(s, text, now);
		place_answered(&s->place, text);
		if (!shown)
			return;
		break;
	case MESSAGE_ERROR:
		if (!heard_error(s, text, now))
			return;
		break;
	case MESSAGE_OTHER:
		if (s->state == SESSION_HELLO)
			session_settle(s, false, now);
		break;
	default:
		if (s->state == SESSION_HELLO)
			session_settle(s, false, now);
		if (!session_keep_replay(s, m, line))
			session_message(s, m, live, now);
		return;
	}
	session_show(s, m, live, now);
}

/* The first line of a connection. Where nobody can talk it is of no use to come back. */
static void meet(struct session *s, struct piece line)
{
	const char *alien = greeting_find_alien(line);

	if (!alien)
		return;
	session_notice(s, alien);
	s->dismissed = true;
}

void session_line(struct session *s, const char *line, size_t len, struct time now)
{
	struct message m;

	message_parse(line, len, &m);
	if (!s->heard && s->state == SESSION_PLAIN && m.kind == MESSAGE_ANSWER)
		s->state = SESSION_HELLO; /* a greeting after all, only late */
	if (!s->heard)
		meet(s, (struct piece){ line, len });
	s->heard = true;
	s->unanswered = 0;
	take_line(s, &m, (struct piece){ line, len }, now);
	send_paste(s, now);
}

void session_describe_long_line(uint64_t len, char text[SESSION_NOTICE_MAX])
{
	snprintf(text, SESSION_NOTICE_MAX, "a line of %" PRIu64 " bytes came, too long to show",
		len);
}

void session_long_line(struct session *s, uint64_t len)
{
	char text[SESSION_NOTICE_MAX];

	session_describe_long_line(len, text);
	session_notice(s, text);
}

/* Lines said before the connection was lost that have not come back were never said. */
static void give_up_doubtful(struct session *s)
{
	struct buffer line = { 0 };

	while (pending_give_up(&s->pending, &line))
		if (!s->settled)
			session_tell_unsent(s, (struct piece){ line.data, line.len });
	buffer_finish(&line);
}

void session_tick(struct session *s, struct time now)
{
	if (now.msec >= s->ghost_at)
		session_nick_timeout(s, now);
	if (now.msec < s->deadline) {
		send_paste(s, now);
		return;
	}
	s->deadline = INT64_MAX;
	if (s->state == SESSION_CHATD && !s->settling) {
		session_show_replay(s, now);
		give_up_doubtful(s);
	} else {
		session_entry_timeout(s, now);
	}
	send_paste(s, now);
}

bool session_say(struct session *s, const char *line, size_t len, struct time now)
{
	if (s->state == SESSION_DOWN || s->state == SESSION_PASSWORD)
		return false;
	if (s->pinned && !pinned_allows(line, len)) {
		session_notice(s, "the nick is pinned: not sent");
		return true;
	}
	if (s->state == SESSION_PLAIN ||
		(s->state == SESSION_CHATD && !s->settling && s->move == MOVE_NONE)) {
		session_send(s, (struct piece){ line, len }, now);
	} else {
		buffer_append(&s->held, line, len);
		buffer_text(&s->held, "\n");
	}
	return true;
}

bool session_paste(struct session *s, const char *lines, size_t len, struct time now)
{
	if (s->state == SESSION_DOWN || s->state == SESSION_PASSWORD)
		return false;
	paste_add(&s->paste, (struct piece){ lines, len });
	if (!s->settling)
		send_paste(s, now);
	return true;
}

size_t session_drop_paste(struct session *s)
{
	return paste_drop(&s->paste);
}

void session_tell_held(struct session *s)
{
	for (size_t at = 0; at < s->held.len;)
		session_tell_unsent(s, session_line_at(&s->held, &at));
	s->held.len = 0;
}

static void tell_all_unsent(struct session *s, const struct buffer *lines, size_t from)
{
	for (size_t at = from; at < lines->len;)
		session_tell_unsent(s, session_line_at(lines, &at));
}

void session_abandon(struct session *s)
{
	if (!s->settled)
		tell_all_unsent(s, &s->pending.lines, 0);
	session_tell_held(s);
	tell_all_unsent(s, &s->paste.lines, s->paste.at);
	s->pending.lines.len = s->pending.numbers.len = s->pending.doubtful = 0;
	(void)paste_drop(&s->paste);
}

bool session_is_entering(const struct session *s)
{
	return s->state == SESSION_JOINING || s->state == SESSION_ENTERING || s->settling ||
		s->move != MOVE_NONE;
}

int64_t session_due(const struct session *s)
{
	int64_t due = s->deadline < s->ghost_at ? s->deadline : s->ghost_at;

	return s->paste.left && s->state == SESSION_CHATD && s->paste_due < due
		? s->paste_due : due;
}

void session_leave(struct session *s, const char *line, size_t len, struct time now)
{
	(void)paste_drop(&s->paste);
	who_list_decline(&s->who_list);
	if (s->state == SESSION_PLAIN || s->state == SESSION_DOWN)
		return;
	if (s->state != SESSION_CHATD || s->settling || s->move != MOVE_NONE) {
		s->leave.len = 0;
		buffer_append(&s->leave, line, len);
		return;
	}
	session_send(s, (struct piece){ line, len }, now);
}

int64_t session_unanswered(const struct session *s, int64_t msec)
{
	int64_t since = s->unanswered ? msec - s->unanswered : 0;

	return since >= SESSION_UNANSWERED_MSEC ? since : 0;
}
