/*
 * The nats-servers of --share: nats://HOST:PORT[,HOST:PORT]…, looked up once, when chatd starts.
 */
#ifndef SERVER_SHELL_TARGETS_H
#define SERVER_SHELL_TARGETS_H

#include <stdint.h>
#include <sys/socket.h>

#include "server/shell/error.h"

enum { TARGETS_MAX = 32, TARGET_LABEL_MAX = 80 };

struct target {
	struct sockaddr_storage address;
	socklen_t len;
	uint16_t port;
	char label[TARGET_LABEL_MAX]; /* "nats://HOST:PORT", as it was given, for the log */
};

struct targets {
	struct target *items; /* heap */
	uint32_t count;
};

/* Whether the text is of that form. label: the option, for *error. 0, or -1. */
int targets_check(const char *text, const char *label, struct error *error);

/* All addresses of all hosts in it. 0, or -1 with *error and nothing to finish. */
int targets_look_up(struct targets *t, const char *text, const char *label, struct error *error);
void targets_finish(struct targets *t);

#endif
