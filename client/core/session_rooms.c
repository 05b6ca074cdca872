/*
 * Going from room to room. The rule: what is typed after the command that leads to a room is said
 * there or not at all, so it is held until the answer has come. The command stands after a
 * question; an error that comes after its answer is the refusal, and nothing but the password may
 * be sent then.
 */
#include <inttypes.h>
#include <string.h>

#include "client/core/session.h"
#include "client/core/session_parts.h"
#include "proto/text.h"

#define QUESTION "/ping chatc room\n"
#define ANSWER "pong chatc room"
#define NO_PASSWORD "chatc: no password\n" /* of nobody's: three of them and one stays */
#define NO_ANSWER "unknown command /ping" /* of a chatd of before there was such a command */

/* The ID to go on from in a room: the one that was typed, or that of the last line seen there. */
static uint64_t find_id(const struct session *s, struct piece room, struct piece id)
{
	uint64_t number;

	if (!s->resume.tagged)
		return 0;
	if (text_number(id.s, id.len, UINT64_MAX, &number))
		return number;
	return id.len ? 0 : rooms_read(&s->rooms, room).id;
}

void session_join(struct session *s, struct piece where)
{
	struct piece room, id = where;

	piece_skip_blanks(&id);
	room = piece_word(&id);
	piece_skip_blanks(&id);
	if (piece_begins(room, "#"))
		room = (struct piece){ room.s + 1, room.len - 1 };
	if (!s->place.room_len && s->resume.tagged)
		rooms_ask(&s->rooms, &s->out); /* what is the room called that is left? */
	s->move = MOVE_ASKED;
	s->tries = 0;
	s->gives_up = false;
	s->move_id = find_id(s, room, id);
	buffer_text(&s->out, QUESTION "/join ");
	buffer_append(&s->out, room.s, room.len);
	if (s->move_id)
		buffer_format(&s->out, " %" PRIu64, s->move_id);
	else if (id.len)
		buffer_text(&s->out, " ");
	if (!s->move_id)
		buffer_append(&s->out, id.s, id.len);
	buffer_text(&s->out, "\n");
}

bool session_stay(struct session *s)
{
	if (s->move != MOVE_DUE || !s->secret)
		return false;
	if (s->asking)
		buffer_text(&s->out, NO_PASSWORD);
	s->gives_up = true;
	s->asking = s->secret = false;
	session_tell_held(s);
	return true;
}

bool session_join_number(struct session *s, unsigned number)
{
	const struct name *name = &s->rooms.list.names[number - 1];

	if (s->state != SESSION_CHATD || s->settling || s->move != MOVE_NONE ||
		number > s->rooms.list.count)
		return false;
	if (text_compare(name->text, name->len, s->place.room, s->place.room_len) != 0)
		session_join(s, (struct piece){ name->text, name->len });
	return true;
}

void session_ask_rooms(struct session *s)
{
	if (s->state == SESSION_CHATD && !s->settling && s->move == MOVE_NONE && !s->rooms.asked)
		rooms_ask(&s->rooms, &s->out);
}

/* All that is shown from here on is of another room. */
static void leave_room(struct session *s)
{
	struct piece room = { s->place.room, s->place.room_len };

	if (!room.len)
		room = (struct piece){ s->rooms.here.text, s->rooms.here.len };
	if (s->resume.tagged)
		rooms_set_read(&s->rooms, room,
			(struct room_place){ s->resume.id, s->resume.epoch });
	scrollback_move_on(&s->scrollback);
	session_older_lost(s);
	s->older.first = 0;
	s->roster.count = 0;
	s->newcomer = true;
}

/* We are in another room. Where it was left before, all that comes now was said since. */
static void arrive(struct session *s, struct piece name, struct time now)
{
	leave_room(s);
	session_set_room(s, name.s, name.len);
	s->resume.id = s->move_id;
	s->resume.epoch = 0;
	s->move = s->move_id || !s->resume.tagged ? MOVE_NONE : MOVE_ARRIVING;
	if (s->move == MOVE_ARRIVING)
		buffer_text(&s->out, "/resume\n");
	s->who_list = (struct who_list){ 0 };
	who_list_ask(&s->who_list, &s->out);
	rooms_ask(&s->rooms, &s->out);
	if (s->move == MOVE_NONE)
		session_settle(s, true, now);
}

struct piece session_room_name(struct piece answer)
{
	struct piece name;

	(void)piece_word(&answer);
	name = piece_word(&answer);
	name.len -= name.len && name.s[name.len - 1] == ':';
	return name;
}

/*
 * Lines typed for a room that is not to be entered are not said elsewhere; but one who has given
 * up has typed it for where they are.
 */
static void refused(struct session *s, struct time now)
{
	s->move = MOVE_NONE;
	s->asking = false;
	if (!s->gives_up)
		session_tell_held(s);
	session_settle(s, true, now);
}

enum session_answer session_move_answer(struct session *s, struct piece text, struct time now)
{
	if (s->move == MOVE_ASKED && piece_is(text, ANSWER)) {
		s->move = MOVE_DUE;
		return ANSWER_HIDDEN;
	}
	if (s->move == MOVE_DUE && piece_is(text, "password:")) {
		s->asking = s->secret = !s->gives_up;
		if (s->gives_up)
			buffer_text(&s->out, NO_PASSWORD);
		return ANSWER_HIDDEN;
	}
	if (s->move == MOVE_DUE && piece_begins(text, "room ")) {
		s->asking = s->secret = false;
		arrive(s, session_room_name(text), now);
		return ANSWER_SHOWN;
	}
	if (s->move == MOVE_ARRIVING && resume_answered(&s->resume, text)) {
		s->move = MOVE_NONE;
		session_settle(s, true, now);
		return ANSWER_HIDDEN;
	}
	return ANSWER_OTHER;
}

enum session_answer session_move_error(struct session *s, struct piece text, struct time now)
{
	bool shown;

	if (s->move == MOVE_ASKED && piece_begins(text, NO_ANSWER)) {
		s->move = MOVE_DUE;
		return ANSWER_HIDDEN;
	}
	if (s->move != MOVE_DUE)
		return ANSWER_OTHER;
	if (piece_has(text, "has not been said yet")) {
		s->move_id = 0;
		return ANSWER_HIDDEN;
	}
	shown = !s->gives_up;
	if (s->asking || !(s->secret || s->gives_up) || ++s->tries == SESSION_PASSWORD_TRIES)
		refused(s, now);
	return shown ? ANSWER_SHOWN : ANSWER_HIDDEN;
}

void session_move_lost(struct session *s)
{
	if (s->move != MOVE_NONE)
		session_tell_held(s);
	s->move = MOVE_NONE;
	rooms_lost(&s->rooms);
}
