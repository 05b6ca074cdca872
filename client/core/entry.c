/*
 * The steps of coming in: password, room, nick. Each is taken only when the one before it was
 * answered; the last is a /ping, whose answer tells that the nick was granted, since a chatd
 * answers commands in their order. That first command also shows the server that no other protocol
 * is spoken here, whatever the first line that is said may look like.
 */
#include "client/core/entry.h"

#include <string.h>

#include "proto/message.h"

#define QUESTION "/ping chatc\n"
#define ANSWER "pong chatc"

static void send(struct entry *e, const char *command, struct piece argument)
{
	buffer_text(&e->out, command);
	buffer_append(&e->out, argument.s, argument.len);
	buffer_text(&e->out, "\n");
}

static void refuse(struct entry *e, const char *why)
{
	e->state = ENTRY_REFUSED;
	e->why = why;
}

static void ask_nick(struct entry *e)
{
	e->state = ENTRY_NAMING;
	if (e->nick.len) {
		buffer_text(&e->out, "/nick ");
		buffer_append(&e->out, e->nick.s, e->nick.len);
		if (e->key.len)
			send(e, " ", e->key);
		else
			buffer_text(&e->out, "\n");
	}
	buffer_text(&e->out, QUESTION);
}

static void answer_password(struct entry *e)
{
	if (!e->password.len) {
		refuse(e, "a password is asked for: give it with --password-file");
		return;
	}
	if (e->offered) {
		refuse(e, "the password was refused");
		return;
	}
	send(e, "", e->password);
	e->offered = true;
	if (e->state == ENTRY_WAITING)
		e->state = ENTRY_PASSWORD;
}

static bool heard_answer(struct entry *e, struct piece text)
{
	bool at_the_door = e->state == ENTRY_WAITING || e->state == ENTRY_PASSWORD;

	if (e->state == ENTRY_IN)
		return true;
	if (piece_is(text, "password:")) {
		answer_password(e);
	} else if (at_the_door && e->room.len) {
		e->offered = false;
		e->state = ENTRY_JOINING;
		send(e, "/join ", e->room);
	} else if (at_the_door || (e->state == ENTRY_JOINING && piece_begins(text, "room "))) {
		ask_nick(e);
	} else if (e->state == ENTRY_NAMING && piece_is(text, ANSWER)) {
		e->state = ENTRY_IN;
		return false;
	}
	return true;
}

/* A wrong password is asked for again, or the connection is closed: both tell enough. */
static bool heard_error(struct entry *e, struct piece text)
{
	if (e->state == ENTRY_JOINING && !e->offered)
		refuse(e, NULL);
	if (e->state != ENTRY_NAMING)
		return true;
	if (piece_begins(text, "unknown command /ping")) {
		e->state = ENTRY_IN; /* a chatd of before there was such a command */
		return false;
	}
	if (e->nick.len)
		refuse(e, NULL);
	return true;
}

bool entry_line(struct entry *e, const char *line, size_t len)
{
	struct message m;

	message_parse(line, len, &m);
	if (e->state == ENTRY_PLAIN || e->state == ENTRY_REFUSED)
		return true;
	if (m.kind == MESSAGE_ANSWER)
		return heard_answer(e, (struct piece){ m.text, m.text_len });
	if (m.kind == MESSAGE_ERROR)
		return heard_error(e, (struct piece){ m.text, m.text_len });
	if (e->state == ENTRY_WAITING)
		e->state = ENTRY_PLAIN;
	return true;
}

void entry_give_up(struct entry *e)
{
	if (e->state == ENTRY_WAITING)
		e->state = ENTRY_PLAIN;
	else if (e->state == ENTRY_NAMING)
		e->state = ENTRY_IN;
}
