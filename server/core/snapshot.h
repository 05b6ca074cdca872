/*
 * The state of a chat as bytes, and a chat from such bytes: what an upgrade hands over. The bytes
 * begin with a version; a program reads the version it writes and that of the release before, and
 * refuses all others.
 */
#ifndef SERVER_CORE_SNAPSHOT_H
#define SERVER_CORE_SNAPSHOT_H

#include "server/core/base/codec.h"
#include "server/core/room/context.h"

/* Adds the state of a chat, and of its log; look at p->failed. No client may be GONE. */
void snapshot_save(struct chat *chat, struct codec *p);

/*
 * Makes a chat from a state. Settings are the new program's own, but for what can't change while
 * it runs. 0, or -1 with *why: a reason for people.
 */
int snapshot_load(struct chat *chat, struct codec *p, const struct chat_setup *setup,
	const char **why);

#endif
