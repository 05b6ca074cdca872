/*
 * Keeps a session connected: hands it the lines that come, sends what it has to say, and when
 * the connection is lost tries again, with growing pauses.
 */
#ifndef CHAT_LINK_H
#define CHAT_LINK_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/core/session.h"
#include "client/shell/connection.h"
#include "proto/line.h"

enum link_state {
	LINK_UP,
	LINK_PAUSING,
	LINK_TRYING,
	LINK_ENDED, /* it is over: lost and not to be tried again, or closed after we left */
};

struct link {
	enum link_state state;
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
	int64_t retry_at;  /* PAUSING: in ticks */
	int64_t leave_by;  /* leaving: in ticks */
};

struct moment link_now(void);

/* Takes a connection that is up. The connection must outlive the link. */
void link_init(struct link *l, struct connection *c, const char *nick, bool reconnect);
void link_finish(struct link *l);

/* What poll() should wait for; may_read: there is room for what comes. */
struct pollfd link_wants(const struct link *l, bool may_read);

/* When link_turn() is due at the latest, in ticks. */
int64_t link_deadline(const struct link *l);

/* Does what can be done, once a turn. */
void link_turn(struct link *l, short events);

/* Says goodbye (see session_leave) and ends as soon as the server has closed, or after a while. */
void link_leave(struct link *l, const char *line, size_t len);

/* What there is to say about the connection: "reconnecting in 4 s", or "". */
void link_status(const struct link *l, char *text, size_t size);

#endif
