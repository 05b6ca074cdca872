/*
 * Several servers as one (--share): moves data between the core, which is a node, and the log on a
 * NATS JetStream cluster. It decides nothing.
 */
#ifndef SERVER_SHELL_CLUSTER_H
#define SERVER_SHELL_CLUSTER_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "server/core/base/log.h"
#include "server/core/base/time.h"
#include "server/core/chat.h"
#include "server/core/nats/jetstream.h"
#include "server/shell/error.h"
#include "server/shell/nats.h"
#include "server/shell/options.h"
#include "server/shell/targets.h"

struct cluster {
	bool is_on;
	struct chat *chat;
	struct log *log;
	struct targets targets;
	struct nats nats;
	struct js_settings settings;
	struct jetstream js;
	char id[JS_ID_LEN];
	char label[TARGET_LABEL_MAX]; /* of the server that was used last */
	bool was_linked, was_up; /* as far as the operator knows */
	char fault[JS_WHY_MAX]; /* the same; empty: none */
};

/* All zero but this. */
void cluster_init(struct cluster *c);

/*
 * With --share: looks the servers up, connects, and waits until the log is known to be as it should
 * be, or that it can't be, or for some seconds; then it goes on in the loop. 0, or -1 with *error.
 */
int cluster_start(struct cluster *c, const struct options *o, struct chat *chat, struct log *log,
	struct error *error);

/* The same for a program that takes over from another: waits for nothing. */
int cluster_continue(struct cluster *c, const struct options *o, struct chat *chat,
	struct log *log, struct error *error);

/* Connects and looks, and changes nothing but the chat. 0, or -1 with *error. */
int cluster_check(const struct options *o, struct chat *chat, struct log *log, struct error *error);
void cluster_finish(struct cluster *c);

struct pollfd cluster_poll(const struct cluster *c);
int64_t cluster_deadline(const struct cluster *c);

/* Early in a turn: what the log says. Whether it said anything. */
bool cluster_receive(struct cluster *c, short revents, struct time now);

/* Later: what it is asked. */
void cluster_send(struct cluster *c, struct time now);

/* Why this node has to end, for its operator; NULL: it need not. */
const char *cluster_fault(const struct cluster *c);

/* The ports that are connected to; returns how many there are. */
size_t cluster_ports(const struct cluster *c, uint16_t ports[TARGETS_MAX]);

#endif
