/*
 * The state of a room as bytes, and a room from such bytes: what an upgrade hands over. The bytes
 * begin with a version; a program reads exactly the version it writes and refuses all others.
 */
#ifndef CHAT_STATE_H
#define CHAT_STATE_H

#include "server/core/pack.h"
#include "server/core/room.h"

/* Adds the state of a room, and of its log; look at p->failed. No slot may be GONE. */
void state_save(struct room *room, struct pack *p);

/*
 * Makes a room from a state. Settings are the new program's own, but for what can't change while
 * it runs. 0, or -1 with *why: a reason for people.
 */
int state_load(struct room *room, struct pack *p, const struct settings *settings,
	struct log *log, chat_random *random, struct moment now, const char **why);

#endif
