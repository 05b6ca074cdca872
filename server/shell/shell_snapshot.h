/*
 * The snapshot that an upgrade hands over: what the shell knows of its descriptors, and the chat's
 * own snapshot. A program reads the form that it writes and that of the release before, and refuses
 * all others.
 */
#ifndef SERVER_SHELL_SHELL_SNAPSHOT_H
#define SERVER_SHELL_SHELL_SNAPSHOT_H

#include <stdbool.h>

#include "server/core/base/codec.h"
#include "server/shell/error.h"
#include "server/shell/histories.h"
#include "server/shell/listener.h"
#include "server/shell/loop.h"
#include "server/shell/options.h"
#include "server/shell/store_file.h"

/* The parts of a server that live on; the caller's. The loop has all but its chat set. */
struct shell_parts {
	struct options *options;
	struct log *log;
	struct listeners *listeners;
	struct histories *histories;
	struct store_file *store;
	struct chat **chat;
	struct loop *loop;
};

/* Adds the snapshot of a server between two turns; errors are left in p->failed. */
void shell_snapshot_save(const struct shell_parts *s, struct codec *p);

/*
 * Makes listeners, history, chat and loop from a snapshot. Descriptors are only numbers here.
 * *began: when the snapshot was taken, in usec. 0, or -1 with *error.
 */
int shell_snapshot_load(const struct shell_parts *s, struct codec *p, int64_t *began,
	struct error *error);

/* Has the descriptors survive an exec, or not. */
void shell_snapshot_keep(const struct shell_parts *s, bool on);

#endif
