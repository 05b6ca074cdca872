/*
 * What systemd and its services talk about, without its library: sockets handed over at the start
 * (sd_listen_fds(3)), and messages to the service manager and its watchdog (sd_notify(3)). Where
 * there is no systemd, all of it does nothing.
 */
#ifndef CHAT_SYSTEMD_H
#define CHAT_SYSTEMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/shell/fault.h"

enum { SYSTEMD_SOCKETS_MAX = 64 };

/* A listening socket that was handed over. */
struct systemd_socket {
	int fd;
	bool proxy;    /* its name has the word "proxy", between commas */
	bool operator; /* … "operator" */
};

struct systemd {
	int fd;              /* connected to the manager; -1: there is none */
	int64_t period;      /* microseconds between two signs of life; 0: none are wanted */
	int64_t watchdog_at; /* ticks, if there is a period */
};

/*
 * Takes the sockets that were handed over to this process, makes them non-blocking and
 * close-on-exec, and takes LISTEN_* out of the environment, so that nobody takes them twice.
 * Returns their number, or -1 with *fault for too many, or what does not listen for streams.
 */
int systemd_sockets(struct systemd_socket sockets[SYSTEMD_SOCKETS_MAX], struct fault *fault);

/* Finds the manager in the environment. */
void systemd_init(struct systemd *s);
void systemd_finish(struct systemd *s);

/* Each tells the manager one thing. status: a line of text for people, NULL for none. */
void systemd_ready(const struct systemd *s, const char *status);
void systemd_stopping(const struct systemd *s);
void systemd_status(const struct systemd *s, const char *status);

/* A reload begins; systemd_ready() ends it. ticks: CLOCK_MONOTONIC in microseconds. */
void systemd_reloading(const struct systemd *s, int64_t ticks);

/* When systemd_tick() is next needed, in ticks; INT64_MAX for never. */
int64_t systemd_deadline(const struct systemd *s);

/* Gives a sign of life if one is due. */
void systemd_tick(struct systemd *s, int64_t ticks);

#endif
