/*
 * The conversation with a server: lines in, what to show and what to send out. It finds out
 * whether the other end is a chatd; with one it takes the nick, answers for the password, turns
 * tags on and comes back after a loss where it was. With any other server of lines it says what
 * is typed and shows what comes, and nothing else.
 */
#ifndef CLIENT_CORE_SESSION_H
#define CLIENT_CORE_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/core/attention.h"
#include "client/core/buffer.h"
#include "client/core/identity.h"
#include "client/core/pending.h"
#include "client/core/resume.h"
#include "client/core/roster.h"
#include "client/core/scrollback.h"
#include "client/core/status.h"
#include "client/core/times.h"
#include "client/core/who_list.h"
#include "proto/limits.h"

/* A moment: milliseconds of a clock that nobody sets, and seconds since 1970. */
struct time {
	int64_t msec;
	int64_t utc;
};

enum {
	/* How long a server may take to greet before it counts as none that greets. */
	SESSION_GREETING_MSEC = 2000,

	/* How long after a return what was said before the loss may take to come back. */
	SESSION_DOUBT_MSEC = 5000,

	/* How long the answer to /resume may take before what comes is shown all the same. */
	SESSION_RETURN_MSEC = 10000,

	/* A line from a server: a message of any server, as long as cleaning can make it. */
	SESSION_LINE_MAX = MESSAGE_MAX * 3 + 512,

	SESSION_NOTICE_MAX = 80,
};

enum session_state {
	SESSION_DOWN,     /* no connection */
	SESSION_HELLO,    /* nothing heard yet: what is said now waits until that is clear */
	SESSION_PASSWORD, /* it wants the room's password */
	SESSION_CHATD,
	SESSION_PLAIN,    /* something else */
};

enum session_joins {
	SESSION_SHOW_JOINS,
	SESSION_FOLD_JOINS, /* those in a row as one line */
	SESSION_HIDE_JOINS,
};

/* Puts the local time of a moment in seconds since 1970; returns its length. */
typedef size_t session_time(int64_t utc, char text[ITEM_TIME_MAX]);

struct session {
	enum session_state state;
	bool heard;            /* a line has come on this connection */
	bool dismissed;        /* … which the server closes on purpose, not to be asked again */
	bool tags;             /* to be turned on */
	bool nameless;         /* once they are on, the nick has to be asked for again */
	int64_t deadline;      /* in milliseconds, for session_tick(); INT64_MAX: never */
	size_t max_message;    /* bytes */
	struct identity identity;
	struct resume resume;

	struct buffer out;     /* for the server */
	struct buffer held;    /* said in HELLO, each with LF */
	struct buffer leave;   /* … and then the words to leave with */
	struct pending pending;
	struct buffer password;
	bool asking;           /* the person must type the password */
	bool secret;           /* … and what they type is until it is clear that it was right */
	bool offered;          /* it was sent: if it is asked for again it is wrong */

	struct scrollback scrollback;
	struct roster roster;
	struct roster rooms;   /* that the server told of */
	struct identity_nick correspondent; /* the last one who has written to us alone */
	struct who_list who_list;
	struct times times;
	struct attention attention;
	struct place_info place;
	enum session_joins joins;
	struct buffer folded;  /* FOLD: the joins and leaves that wait for the next line */
	char folded_stamp[STAMP_LEN]; /* … of the last of them */
	session_time *put_time; /* NULL: the time of a message is shown as it stands in its stamp */
};

/* nick may be NULL; tags: to resume after a loss. */
void session_init(struct session *s, const char *nick, bool tags);
void session_finish(struct session *s);

/* The password to answer with. */
void session_set_password(struct session *s, const char *text, size_t len);

void session_connected(struct session *s, struct time now);
void session_lost(struct session *s, struct time now);

/* A line came, without its end; or one that was longer than SESSION_LINE_MAX. */
void session_line(struct session *s, const char *line, size_t len, struct time now);
void session_long_line(struct session *s, uint64_t len);

/* What is shown in place of one of len bytes. */
void session_describe_long_line(uint64_t len, char text[SESSION_NOTICE_MAX]);

/* The deadline is over. */
void session_tick(struct session *s, struct time now);

/*
 * What the person typed: a line without its end, safe and not blank. False: there is nobody to
 * say it to.
 */
bool session_say(struct session *s, const char *line, size_t len);

/* The same for what was pasted, which is text even where it looks like a command. */
bool session_say_text(struct session *s, const char *line, size_t len);

/* Leaves, once all is said; line is "/quit" with or without a text. */
void session_leave(struct session *s, const char *line, size_t len);

/* The terminal has the focus, or has lost it. */
void session_focus(struct session *s, bool has, struct time now);

/* Shows words of chatc's own. */
void session_notice(struct session *s, const char *text);

#endif
