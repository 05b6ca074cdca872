/*
 * What the files of the session use of each other.
 */
#ifndef CLIENT_CORE_SESSION_PARTS_H
#define CLIENT_CORE_SESSION_PARTS_H

#include <stdbool.h>

#include "client/core/piece.h"
#include "proto/message.h"

struct buffer;
struct item;
struct session;
struct time;

/* session.c */

/* Says a line to a server that is known. */
void session_send(struct session *s, struct piece line, struct time now);

/* Answers for the password. */
void session_send_password(struct session *s);

/* Shows a notice, unless it is empty. */
void session_tell(struct session *s, const char *notice);

/* Shows a line that will not be said. */
void session_tell_unsent(struct session *s, struct piece line);

/* Shows what is held as lines that will not be said. */
void session_tell_held(struct session *s);

/* The line at a place of lines with LF; moves the place past it. */
struct piece session_line_at(const struct buffer *lines, size_t *at);

/* session_entry.c: from the greeting to the answer of /resume */

bool session_at_the_door(const struct session *s); /* … or before it */
bool session_entry_answer(struct session *s, struct piece text, struct time now);
bool session_entry_error(struct session *s, struct piece text, struct time now);

/* "said N of SENT", or anything else in its place; true: it was that. Then what is held is said. */
bool session_told_what_was_said(struct session *s, struct piece text, struct time now);
void session_entry_timeout(struct session *s, struct time now);

/* It is clear now whether the server is a chatd: what was held back is said. */
void session_settle(struct session *s, bool is_chatd, struct time now);

/* session_nick.c: a nick that is asked for later */

void session_ask_nick(struct session *s, struct piece nick, struct piece key);
bool session_nick_answer(struct session *s, struct piece text);
bool session_nick_error(struct session *s, struct piece text);

/* The nick is not to be had now: it is asked for again when it may be free. */
void session_nick_retry_later(struct session *s, struct piece nick, struct time now);
void session_nick_freed(struct session *s, struct piece nick, struct time now);
void session_nick_timeout(struct session *s, struct time now);

/* session_feed.c: what is shown */

struct item *session_show(struct session *s, const struct message *m, bool live,
	struct time now);

/* Fills in what an item is for the person: when it was said, and whether by or for them. */
void session_mark(struct session *s, struct item *item, const struct message *m, struct time now);
void session_message(struct session *s, const struct message *m, bool live, struct time now);

/*
 * What a newcomer is shown has the server's time of day. It is kept back until it has come again
 * with tags, which tell the time; when it does not it is shown as it came.
 */
bool session_keep_replay(struct session *s, const struct message *m, struct piece line);
void session_ask_replay(struct session *s);
void session_show_replay(struct session *s, struct time now);

/* session_rooms.c: from room to room */

/* What a line of the server's own was, of several that may be meant. */
enum session_answer {
	ANSWER_OTHER,
	ANSWER_SHOWN,
	ANSWER_HIDDEN,
};

/* Goes to a room: what stands after the command. */
void session_join(struct session *s, struct piece where);
enum session_answer session_move_answer(struct session *s, struct piece text, struct time now);
enum session_answer session_move_error(struct session *s, struct piece text, struct time now);
void session_move_lost(struct session *s);

/* The name in "room NAME: 3 online". */
struct piece session_room_name(struct piece answer);

/* session_older.c: what was said before all that is kept */

/* A line of the feed. True: it came for one who looks back, and is not shown otherwise. */
bool session_older_takes(struct session *s, const struct message *m, struct piece line);

/* A line of the server's own. True: it is of the answer to what was asked. */
bool session_older_answer(struct session *s, struct piece text, struct time now);

/* There will be no answer. */
void session_older_lost(struct session *s);

/* session_found.c: "@ID LINE", of the answer to /search. True: it was that, and is shown. */
bool session_found(struct session *s, struct piece text, struct time now);

#endif
