/*
 * The way to the server: a TCP socket to the first address that answers, a unix socket, or the
 * standard input and output of a command. The name is resolved once, at the start; everything
 * after that never blocks.
 */
#ifndef CLIENT_SHELL_CONNECTION_H
#define CLIENT_SHELL_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum connection_state {
	CONNECTION_FAILED, /* no address is left; reason says why */
	CONNECTION_TRYING, /* call connection_advance() when fd is writable or deadline is over */
	CONNECTION_UP,
};

struct connection {
	struct endpoint *endpoints;
	size_t count;
	size_t next;       /* the endpoint to try after this one */
	char *command;     /* expanded; NULL for a socket */
	int fd;            /* non-blocking; -1 for none */
	pid_t child;       /* of the command; 0 for none */
	int64_t deadline;  /* of this attempt, in milliseconds */
	char reason[160];
};

struct options;

/* Finds the addresses of what the options name; may block. 0, or -1 with the reason. */
int connection_init(struct connection *c, const struct options *o);
void connection_finish(struct connection *c);

/* Starts over with the first address. */
enum connection_state connection_begin(struct connection *c);
enum connection_state connection_advance(struct connection *c);

/* Begins and waits for the outcome. */
enum connection_state connection_wait(struct connection *c);

/* Closes it, whatever its state. A command sees the end of its input. */
void connection_close(struct connection *c);

/*
 * After the end of what a command had to say: how it ended, if it did so by itself with a status
 * that says it failed, as a reason; NULL otherwise.
 */
const char *connection_post_mortem(struct connection *c);

#endif
