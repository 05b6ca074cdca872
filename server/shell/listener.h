/*
 * Sockets that listen.
 */
#ifndef SERVER_SHELL_LISTENER_H
#define SERVER_SHELL_LISTENER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "server/core/base/address.h"
#include "server/core/base/log.h"
#include "server/shell/endpoint.h"
#include "server/shell/error.h"

struct listener {
	int fd;
	bool proxy;    /* connections begin with a PROXY header */
	bool is_operator; /* its clients are operators */
	bool telnet;   /* connections speak telnet from their first byte on */
	bool is_web;   /* connections speak HTTP, as the profile says */
	struct web_profile web;
	char *path;    /* of a unix socket that we made and shall remove; heap, or NULL */
	dev_t device;  /* which file that is */
	ino_t inode;
};

/* The host lacks this family of addresses: that is an error only if no other listener opens. */
enum { LISTENERS_NO_FAMILY = 1 };

struct listeners {
	struct listener *items; /* heap */
	size_t count;
};

/* The listener of a socket that exists already, with the words of an endpoint. */
struct listener listener_of(const struct endpoint *e, int fd);

/*
 * Opens everything an endpoint means and adds it to the list; says so in the log. An address
 * that this host lacks is a warning as long as the endpoint has another. 0; or with *error
 * LISTENERS_NO_FAMILY or -1.
 */
int listeners_open(struct listeners *all, const struct endpoint *e, struct log *log,
	struct error *error);

/* Adds a socket that listens already and is known to the log; 0, or -1 for no memory. */
int listeners_adopt(struct listeners *all, const struct listener *listener);

/* Adds one that a service manager has handed over, and says so in the log. 0, or -1 with *error. */
int listeners_inherit(struct listeners *all, const struct listener *listener, struct log *log,
	struct error *error);

/* Whether all could be opened together if nobody else used them. 0, or -1 with *error. */
int listeners_check(const struct endpoints *all, struct error *error);

/* Closes them; unix sockets that are still ours are removed. */
void listeners_close(struct listeners *all);

/*
 * Accepts a connection (non-blocking, close-on-exec, tuned) and sets *from. Returns its
 * descriptor, or -1 with errno (EAGAIN: there is none).
 */
int listener_accept(const struct listener *listener, struct address *from);

#endif
