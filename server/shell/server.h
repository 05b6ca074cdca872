/*
 * The server: everything that a running chatd is made of, from its start to its end.
 */
#ifndef SERVER_SHELL_SERVER_H
#define SERVER_SHELL_SERVER_H

#include "server/core/chat.h"
#include "server/core/base/log.h"
#include "server/shell/cluster.h"
#include "server/shell/disk.h"
#include "server/shell/error.h"
#include "server/shell/histories.h"
#include "server/shell/log_sink.h"
#include "server/shell/listener.h"
#include "server/shell/loop.h"
#include "server/shell/options.h"
#include "server/shell/store_file.h"
#include "server/shell/systemd.h"
#include "server/shell/upgrade.h"

struct server {
	int argc;
	char *const *argv;
	struct options options;
	struct log log;
	struct log_sink log_sink;
	struct listeners listeners;
	struct disk disk;
	struct histories histories;
	struct store_file store;
	uint64_t store_changes; /* of the chat, as far as the file has been told */
	struct cluster cluster;
	struct systemd systemd;
	struct upgrade upgrade;
	struct chat *chat;
	struct loop loop;
};

/* Each returns 0, or -1 with *error. The options have been read. */

/* Checks what --check can without disturbing a chatd that runs. */
int server_check(struct server *s, struct error *error);

/* Serves until it is told to stop. */
int server_run(struct server *s, struct error *error);

/* The same, going on from the snapshot of another chatd; forgets it once it is read. */
int server_take_over(struct server *s, struct codec *snapshot, struct error *error);

/* Whether server_take_over() would work. This process must end afterwards, and change nothing. */
int server_try(struct server *s, struct codec *snapshot, struct error *error);

#endif
