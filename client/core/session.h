/*
 * The conversation with a server: lines in, what to show and what to send out. It finds out
 * whether the other end is a chatd; with one it goes to the room, takes the nick, answers for the
 * password, turns tags on and comes back after a loss where it was. With any other server of lines
 * it says what is typed and shows what comes, and nothing else.
 */
#ifndef CLIENT_CORE_SESSION_H
#define CLIENT_CORE_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/core/attention.h"
#include "client/core/buffer.h"
#include "client/core/claims.h"
#include "client/core/identity.h"
#include "client/core/paste.h"
#include "client/core/pending.h"
#include "client/core/resume.h"
#include "client/core/rooms.h"
#include "client/core/roster.h"
#include "client/core/scrollback.h"
#include "client/core/status.h"
#include "client/core/times.h"
#include "client/core/who_list.h"
#include "proto/limits.h"

/* Milliseconds of a clock that nobody sets, and seconds since 1970. */
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

	/* How long what was said may go without a word from the server before that is told. */
	SESSION_UNANSWERED_MSEC = 5000,

	/*
	 * A nick that is taken may be held by the connection that we lost: it is asked for again so
	 * long after that at the latest, so often.
	 */
	SESSION_GHOST_MSEC = 31000,
	SESSION_GHOST_TRIES = 3,

	/* So often the server takes a password before it lets nobody in. */
	SESSION_PASSWORD_TRIES = 3,

	/* A line from a server: a message of any server, as long as cleaning can make it. */
	SESSION_LINE_MAX = MESSAGE_MAX * 3 + 512,

	SESSION_NOTICE_MAX = 80,
	SESSION_ROOM_MAX = 64,
	SESSION_REFUSAL_MAX = 160,
};

/* What is asked of the server for one who looks back. All zero: nothing. */
struct session_older {
	bool asked;
	uint64_t before;     /* the ID of the oldest line that was known then */
	uint64_t first;      /* … and of the one that the server has nothing before; 0: not known */
	struct buffer lines; /* that have come, each with LF */
};

enum session_state {
	SESSION_DOWN,     /* no connection */
	SESSION_HELLO,    /* nothing heard yet: what is said now waits until that is clear */
	SESSION_PASSWORD, /* it wants the room's password */
	SESSION_JOINING,  /* the room is asked for; what is said waits */
	SESSION_ENTERING, /* nick and tags are asked for; what is said waits */
	SESSION_CHATD,
	SESSION_PLAIN,    /* something else */
};

/*
 * Where a nick that was typed is between two questions whose answers tell what it was answered:
 * an error between them is its refusal.
 */
enum session_fence {
	FENCE_NONE,
	FENCE_BEFORE,
	FENCE_INSIDE,
};

/* On the way to another room. */
enum session_move {
	MOVE_NONE,
	MOVE_ASKED,    /* the question before the command is not answered yet */
	MOVE_DUE,      /* … it is: what comes next is the answer, or a question for the password */
	MOVE_ARRIVING, /* we are there; what comes was said before */
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
	bool timed_out;        /* … which the server closes since nothing was said */
	bool welcomes;         /* it is to be told, once, that one can talk */
	bool pinned;           /* the nick stays as it is */
	bool counts;           /* the server is told how much was sent, and says what came of it */
	bool settling;         /* … and is about to */
	bool nameless;         /* it is another: the nick is to be asked for once we are in */
	bool newcomer;         /* whom we know from what newcomers are shown may be gone */
	bool settled;          /* what is in doubt was dealt with: it comes back, or was refused */
	enum session_fence fence;
	int64_t deadline;      /* of the step under way, in milliseconds; INT64_MAX: none */
	int64_t unanswered;    /* since when nothing came after something was sent; 0: it did */
	size_t max_message;    /* bytes */
	struct identity identity;
	struct resume resume;
	struct claims claims;

	struct identity_nick ghost; /* a nick to be asked for again; len 0: none */
	unsigned ghost_tries;
	bool ghost_asked;      /* … is being asked for: its refusal is not shown */
	int64_t ghost_at;      /* … when, at the latest */

	enum session_move move;
	uint64_t move_id;      /* … the last line that was seen there; 0: not known */
	unsigned tries;        /* passwords that were wrong */
	bool gives_up;         /* … and the person does not want to be asked again */

	char room[SESSION_ROOM_MAX];       /* to be in; "": where newcomers come in */
	char refusal[SESSION_REFUSAL_MAX]; /* what we were told when we could not come in */
	bool returned_early;   /* the token was shown for all that: the place may be our own */
	bool untold;           /* … and the refusal is shown only if that was no use */

	struct buffer out;     /* for the server */
	struct buffer held;    /* said before that could be, each with LF */
	struct buffer leave;   /* … and then the words to leave with */
	struct session_older older;
	struct buffer replay;  /* what newcomers are shown, with LFs, until it comes with tags */
	unsigned replayed;     /* messages of that */
	bool replay_again;     /* it has come with tags */
	struct pending pending;
	struct paste paste;
	int64_t paste_due;     /* when the next line of it is said whatever became of the last */
	struct buffer password;
	bool asking;           /* the person must type the password */
	bool secret;           /* … and what they type is until it is clear that it was right */
	bool offered;          /* it was sent: if it is asked for again it is wrong */

	struct scrollback scrollback;
	struct roster roster;
	struct rooms rooms;
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

/* nick may be NULL. */
void session_init(struct session *s, const char *nick);
void session_finish(struct session *s);

/* The room to go to; one of more than SESSION_ROOM_MAX - 1 bytes is not gone to. */
void session_set_room(struct session *s, const char *room, size_t len);

/* The password to answer with. */
void session_set_password(struct session *s, const char *text, size_t len);

void session_connected(struct session *s, struct time now);

/* silence: for how many milliseconds nothing was heard from the other end's system, if known. */
void session_lost(struct session *s, struct time now, int64_t silence);

/* A line came, without its end; or one that was longer than SESSION_LINE_MAX. */
void session_line(struct session *s, const char *line, size_t len, struct time now);
void session_long_line(struct session *s, uint64_t len);

/* What is shown in place of one of len bytes. */
void session_describe_long_line(uint64_t len, char text[SESSION_NOTICE_MAX]);

/* When session_tick() is due at the latest, in milliseconds; INT64_MAX: never. */
int64_t session_due(const struct session *s);
void session_tick(struct session *s, struct time now);

/*
 * What the person typed: a line without its end, safe and not blank. False: there is nobody to
 * say it to.
 */
bool session_say(struct session *s, const char *line, size_t len, struct time now);

/*
 * Lines that were pasted, each with LF: they are text even where they look like commands, and are
 * said as the server takes them.
 */
bool session_paste(struct session *s, const char *lines, size_t len, struct time now);

/* The rest of a paste will not be said. Returns how many lines that is. */
size_t session_drop_paste(struct session *s);

/* Leaves, once all is said but for what was pasted; line is "/quit" with or without a text. */
void session_leave(struct session *s, const char *line, size_t len, struct time now);

/* Goes to a room by its number in the list, from 1. False: there is none, or it can't be now. */
bool session_join_number(struct session *s, unsigned number);

/* Stays, rather than give the password of a room. False: none is asked for. */
bool session_stay(struct session *s);

/* Asks for the list of rooms, unseen. */
void session_ask_rooms(struct session *s);

/* It is over: what was not said is shown as such. */
void session_abandon(struct session *s);

/* Whether it is about to be in the room: what is said until then is held. */
bool session_is_entering(const struct session *s);

/* How long nothing has come though something was sent, if that is long; else 0. In milliseconds. */
int64_t session_unanswered(const struct session *s, int64_t msec);

/* The terminal has the focus, or has lost it. */
void session_focus(struct session *s, bool has, struct time now);

/*
 * Asks the server for what was said in this room before all of it that the scrollback keeps; it
 * goes before that once it has come (scrollback.h: keeps). False: the server has no more.
 */
bool session_ask_older(struct session *s);

/* Shows words of chatc's own. */
void session_notice(struct session *s, const char *text);

#endif
