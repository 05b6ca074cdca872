/*
 * Conversations over the core alone: who says what, who hears what. A conversation is a list of
 * rows, each a line of text:
 *
 *	alice connects [ADDRESS]  a new connection (of its own address, unless one is given)
 *	alice operates [ADDRESS]  the same through an ",operator" listener
 *	alice visits ROOM         the same through a ",room=ROOM" listener
 *	alice telnets [ADDRESS]   the same through a ",telnet" listener
 *	alice browses [ADDRESS]   the same through a ",web" listener
 *	alice enters [ADDRESS]    connects, says "/nick alice", and all forget what they heard of it
 *	alice > TEXT              sends TEXT and LF
 *	alice >> TEXT             sends TEXT as it is
 *	alice < TEXT              the next line that it received is TEXT
 *	alice nothing             it has received nothing else
 *	alice forgets             whatever it has received
 *	alice ends                ends its sending side (FIN)
 *	alice resets              is gone (RST)
 *	alice closed              the server has closed it, and it has received nothing else
 *	alice stalls              takes nothing more of what it is sent
 *	alice reads               takes everything again
 *	alice clings              never ends its side, nor has its system ever taken all
 *	wait MS                   so many milliseconds pass
 *	stop                      SIGTERM: the server is to stop in order
 *	log < TEXT                the next line of the log is TEXT
 *	log forgets
 *
 * "all" stands for everyone who is connected. In what is received, STAMP stands for the stamp of
 * any second since the conversation began, EPOCH for that second's number, BINARY for what asks a
 * telnet client for that. The n-th token that is given out is made of bytes of the value n.
 *
 * At its end nobody may have received what no row told of. Nothing here waits for a real clock.
 *
 * With CONVERSE_UPGRADE in the environment the server is replaced by its successor before each
 * row, with all that it knows, and nobody may notice. With CONVERSE_ORDER=K events are ordered from
 * outside: each is applied K turns after it was proposed, and then once more.
 */
#ifndef CONVERSE_H
#define CONVERSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/core/chat.h"

enum {
	CONVERSE_PEOPLE = 600,
	CONVERSE_TIME = 1666214645, /* when each begins: "Wed Oct 19 21:24:05 2022" */
};

struct buffer {
	char *bytes; /* heap */
	size_t len, at, size;
};

struct person {
	char name[40];
	int place;            /* -1: not connected */
	struct buffer said;   /* not yet received by the server */
	struct buffer heard;  /* received from it, at: what rows have told of */
	size_t window;        /* bytes that it still takes */
	bool blocked;         /* the last send fell short */
	bool fin, reset;      /* to be seen by the server */
	bool clings;          /* a fin comes from a row only */
	bool ended;           /* seen */
};

struct converse {
	struct chat *chat;
	struct settings settings; /* the texts are the caller's */
	struct log log;
	struct buffer logged;
	struct time now;
	struct person *people; /* heap */
	size_t count;
	struct web_profile web; /* of the listener that is browsed */
	const char *door;       /* the room of the listener; NULL: the first */
	size_t chunk; /* bytes that arrive at once, at most */
	bool stalled; /* who connects now takes nothing yet */
	bool stopped;
	bool upgrades;
	unsigned successors; /* programs that have taken over */
	unsigned late;        /* turns that an event is on its way; 0: a local order */
	unsigned turn;
	struct flight *first, **end; /* events that are on their way */
	bool (*pump)(void *context, struct converse *c); /* or NULL: a log that is shared has its turn */
	void *pump_context;
	bool failed;  /* said so */
};

/* What people get who say nothing else: 8 clients, no rate, and the defaults. */
extern const struct settings converse_settings;

/* settings: NULL for converse_settings. */
void converse_begin(struct converse *c, const struct settings *settings);

/* The same while there are others, none of whose tokens it gives out. */
void converse_begin_beside(struct converse *c, const struct settings *settings);

/* Whether events come late: then rows about what several people see in one moment do not hold. */
bool converse_is_late(void);

/* Whether all rows held, and nobody has received anything else. */
bool converse_end(struct converse *c);

/* One row, printf(3)'s format. After a row that failed the others do nothing. */
void converse_row(struct converse *c, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void converse_rows(struct converse *c, const char *const *rows, size_t count);

/* New settings, as after SIGHUP. What chat_set() says. */
int converse_set(struct converse *c, const struct settings *settings);

/* One turn; false if nothing happened. And so many milliseconds pass, without one. */
bool converse_turn(struct converse *c);
void converse_pass(struct converse *c, int64_t ms);

/* What rows can't say: any bytes, and how many of them a person still takes. */
void converse_send(struct converse *c, const char *name, const void *bytes, size_t len);
void converse_take(struct converse *c, const char *name, size_t bytes);

/* The next line that a person received, without its LF, or NULL; it counts as told of. */
const char *converse_line(struct converse *c, const char *name, size_t *len);

/* The whole conversation; false if a row did not hold. */
bool converse_run(const struct settings *settings, const char *const *rows, size_t count);

#define ROWS(rows) (rows), sizeof(rows) / sizeof((rows)[0])
#define CONVERSE(settings, rows) CHECK(converse_run((settings), ROWS(rows)))

#endif
