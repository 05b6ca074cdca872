/*
 * Keeps a session connected: hands it the lines that come, sends what it has to say, and when
 * the connection is lost tries again, with growing pauses.
 */
#ifndef CLIENT_SHELL_RECONNECT_H
#define CLIENT_SHELL_RECONNECT_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/core/inbound.h"
#include "client/core/session.h"
#include "client/shell/connection.h"
#include "proto/line.h"

enum {
	RECONNECT_POLLED = CONNECTION_POLLED + 1,
	RECONNECT_STATUS_MAX = TARGET_NAME_MAX + CHILD_REASON_MAX + 64,
};

enum reconnect_state {
	RECONNECT_UP,
	RECONNECT_PAUSING,
	RECONNECT_TRYING,
	RECONNECT_ASLEEP, /* the server closed since nothing was said: until a key is pressed */
	RECONNECT_ENDED,  /* it is over: lost and not to be tried again, or closed after we left */
};

struct reconnect {
	enum reconnect_state state;
	struct connection *connection;
	struct session session;
	struct inbound inbound;
	struct line line;
	struct line error;  /* what a program writes to its standard error */
	bool enabled;       /* it is to be tried again */
	bool announced;     /* the first connection was said to be up */
	bool mourned;       /* that it is lost was said, and it was of no use since */
	bool heard;         /* a byte has come on this connection */
	bool failed;        /* ENDED: a command came to nothing; connection->reason says why */
	bool leaving;
	bool silence_told;  /* that the server says nothing */
	unsigned attempts;  /* since it last was of use */
	uint64_t chance;    /* what makes pauses differ */
	int64_t up_at;      /* UP: since when; TRYING: when it began; in milliseconds */
	int64_t retry_at;   /* PAUSING: in milliseconds */
	int64_t leave_by;   /* leaving: in milliseconds */
};

struct time reconnect_now(void);

/* Takes a connection that is up. The connection must outlive it. */
void reconnect_init(struct reconnect *r, struct connection *c, const struct options *o);
void reconnect_finish(struct reconnect *r);

/* What to poll, and how many that are; may_read: there is room for what comes. */
size_t reconnect_wants(const struct reconnect *r, bool may_read,
	struct pollfd polled[RECONNECT_POLLED]);

/* When reconnect_turn() is due at the latest, in milliseconds. */
int64_t reconnect_deadline(const struct reconnect *r);

/* Does what can be done, once a turn. */
void reconnect_turn(struct reconnect *r, const struct pollfd polled[RECONNECT_POLLED],
	size_t count);

/*
 * Whether the terminal is a program's: one that may ask something there, until the server's first
 * byte.
 */
bool reconnect_lends_terminal(const struct reconnect *r);

/* A key was pressed: one who was timed out comes back. */
void reconnect_wake(struct reconnect *r);

/* Says goodbye (see session_leave) and ends as soon as the server has closed, or after a while. */
void reconnect_leave(struct reconnect *r, const char *line, size_t len);

/* What there is to say about the connection: "reconnecting in 4 s", or "". */
void reconnect_status(const struct reconnect *r, char text[RECONNECT_STATUS_MAX]);

#endif
