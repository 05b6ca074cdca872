/*
 * systemd's interfaces for services, without its library: sockets handed over at the start
 * (sd_listen_fds(3)), and messages to the service manager and its watchdog (sd_notify(3)). Where
 * there is no systemd, all of it does nothing.
 */
#ifndef SERVER_SHELL_SYSTEMD_H
#define SERVER_SHELL_SYSTEMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/shell/error.h"
#include "server/shell/listener.h"

enum { SYSTEMD_SOCKETS_MAX = 64 };

struct systemd {
	int fd;              /* connected to the manager; -1: there is none */
	int64_t period;      /* microseconds between two signs of life; 0: none are wanted */
	int64_t watchdog_at; /* usec, if there is a period */
	uint32_t clients;    /* that the manager knows of */
	bool late;           /* and they are others now */
	int64_t status_at;   /* to be told not before, in usec */
	bool stopping;       /* signs of life are all that may follow */
};

/*
 * Takes the sockets that were handed over to this process, makes them non-blocking and
 * close-on-exec, and takes LISTEN_* out of the environment, so that nobody takes them twice. The
 * words in the name of one mean what they mean after --listen (endpoint_parse_words()). Returns
 * their number, or -1 with *error: too many, what does not listen, words that do not go together.
 */
int systemd_sockets(struct listener sockets[SYSTEMD_SOCKETS_MAX], struct error *error);

/* Finds the manager in the environment. 0, or -1 with errno if it can't be told anything. */
int systemd_init(struct systemd *s);
void systemd_finish(struct systemd *s);

/* Each tells the manager one thing. */
void systemd_ready(const struct systemd *s);
void systemd_stopping(struct systemd *s); /* the last: systemd_tick() says no more of clients */

/* A reload begins; systemd_ready() ends it. usec: CLOCK_MONOTONIC in microseconds. */
void systemd_reloading(const struct systemd *s, int64_t usec);

/* When systemd_tick() is next needed, in usec; INT64_MAX for never. */
int64_t systemd_deadline(const struct systemd *s);

/*
 * Once a turn: gives a sign of life if one is due, and says how many clients there are, if that has
 * changed, at most once a second.
 */
void systemd_tick(struct systemd *s, uint32_t clients, int64_t usec);

#endif
