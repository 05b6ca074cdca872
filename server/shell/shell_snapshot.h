/*
 * What an upgrade hands over: all that the shell knows of its descriptors, and the chat. Versioned;
 * a program reads exactly the form it writes, and refuses all others.
 */
#ifndef SERVER_SHELL_SHELL_SNAPSHOT_H
#define SERVER_SHELL_SHELL_SNAPSHOT_H

#include <stdbool.h>

#include "server/core/base/codec.h"
#include "server/shell/error.h"
#include "server/shell/server.h"

/* Adds the state of a server between two turns; look at p->failed. */
void shell_snapshot_save(struct server *s, struct codec *p);

/*
 * Makes a server from a state: listeners, history, chat and loop. Its descriptors are only
 * numbers so far. *begin: when the state was saved, in usec. 0, or -1 with *error.
 */
int shell_snapshot_load(struct server *s, struct codec *p, int64_t *begin, struct error *error);

/* Whether the descriptors of a server live on over an exec. */
void shell_snapshot_keep(const struct server *s, bool on);

#endif
