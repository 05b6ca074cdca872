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

#include "client/core/session.h"
#include "client/shell/connection.h"
#include "proto/line.h"

enum { RECONNECT_POLLED = CONNECTION_POLLED };

enum reconnect_state {
	RECONNECT_UP,
	RECONNECT_PAUSING,
	RECONNECT_TRYING,
	RECONNECT_ENDED, /* it is over: lost and not to be tried again, or closed after we left */
};

struct reconnect {
	enum reconnect_state state;
	struct connection *connection;
	struct session session;
	struct line line;
	bool reconnect;
	bool announced;    /* the first connection was said to be up */
	bool mourned;      /* that it is lost was said, and it was of no use since */
	bool failed;       /* ENDED: a command came to nothing; connection->reason says why */
	bool leaving;
	unsigned attempts; /* since it last was of use */
	uint64_t chance;   /* what makes pauses differ */
	int64_t retry_at;  /* PAUSING: in milliseconds */
	int64_t leave_by;  /* leaving: in milliseconds */
};

struct time reconnect_now(void);

/* Takes a connection that is up. The connection must outlive it. */
void reconnect_init(struct reconnect *r, struct connection *c, const char *nick, bool reconnect);
void reconnect_finish(struct reconnect *r);

/* What to poll, and how many that are; may_read: there is room for what comes. */
size_t reconnect_wants(const struct reconnect *r, bool may_read,
	struct pollfd polled[RECONNECT_POLLED]);

/* When reconnect_turn() is due at the latest, in milliseconds. */
int64_t reconnect_deadline(const struct reconnect *r);

/* Does what can be done, once a turn. */
void reconnect_turn(struct reconnect *r, const struct pollfd polled[RECONNECT_POLLED],
	size_t count);

/* Says goodbye (see session_leave) and ends as soon as the server has closed, or after a while. */
void reconnect_leave(struct reconnect *r, const char *line, size_t len);

/* What there is to say about the connection: "reconnecting in 4 s", or "". */
void reconnect_status(const struct reconnect *r, char *text, size_t size);

#endif
