/*
 * The way to the server: a TCP socket to the first address that answers, a unix socket, or the
 * standard input and output of a program. Nothing here blocks but connection_wait().
 */
#ifndef CLIENT_SHELL_CONNECTION_H
#define CLIENT_SHELL_CONNECTION_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/shell/child.h"
#include "client/shell/resolver.h"
#include "client/shell/target.h"

enum {
	CONNECTION_POLLED = RESOLVER_MAX + 1, /* most that connection_wants() names */
	CONNECTION_ARGUMENTS = 24,
};

enum connection_state {
	CONNECTION_FAILED, /* nothing is left to try; reason says why */
	CONNECTION_TRYING, /* call connection_advance() as connection_wants() and deadline say */
	CONNECTION_UP,
};

struct attempt {
	int fd;           /* -1: not begun, or failed */
	int64_t deadline; /* in milliseconds */
};

struct connection {
	const struct target *target;
	int fd;                 /* UP: non-blocking; -1 for none */
	int64_t deadline;       /* TRYING: when connection_advance() is due at the latest */
	bool is_command;        /* a program is in between */
	bool has_terminal;      /* … that may ask the person something until the server speaks */
	bool keeps_errors;      /* … whose standard error, child.errors, is shown as lines */
	bool half_closes;       /* the end of what we say can be told without closing it all */

	struct resolver resolver;
	struct resolver_address addresses[RESOLVER_MAX];
	struct attempt attempts[RESOLVER_MAX];
	size_t first;           /* the host to begin with: the one after that which was lost */
	size_t count;           /* addresses */
	size_t begun;           /* … that were tried */
	int64_t next_at;        /* … and when the next one is, in milliseconds */

	struct child child;
	char *command;          /* expanded; NULL: none was given */
	char *arguments[CONNECTION_ARGUMENTS];
	char peer[TARGET_NAME_MAX]; /* for tls: "HOST:PORT", as openssl takes it */
	char name[TARGET_NAME_MAX]; /* for people */
	char reason[CHILD_REASON_MAX];
};

struct options;

/* Takes what the options name; they must outlive it. 0, or -1 with the reason. */
int connection_init(struct connection *c, const struct options *o);
void connection_finish(struct connection *c);

/* Looks the names up again and starts with the first address. */
enum connection_state connection_begin(struct connection *c);
enum connection_state connection_advance(struct connection *c);

/* TRYING: what to poll. Returns how many there are. */
size_t connection_wants(const struct connection *c, struct pollfd polled[CONNECTION_POLLED]);

/* Begins and waits for the outcome; tells on standard error what it waits for if told to. */
enum connection_state connection_wait(struct connection *c, bool tell);

/* Closes it, whatever its state. A program sees the end of its input. */
void connection_close(struct connection *c);

/* Nothing more comes from a program's standard error. */
void connection_end_errors(struct connection *c);

/* Ends our side (FIN), where that can be told. */
void connection_half_close(struct connection *c);

/*
 * Milliseconds since the other end's system was last heard of, as far as the system can tell; else
 * 0.
 */
int64_t connection_silence(const struct connection *c);

/*
 * After the end of what a program had to say: why it has failed, if it ended by itself with a
 * status that says so; NULL otherwise. It is c->reason from then on.
 */
const char *connection_post_mortem(struct connection *c);

/* "NAME: REASON", or the reason of a command, which has no name. */
void connection_explain(const struct connection *c, char *text, size_t size);

#endif
