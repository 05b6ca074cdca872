/*
 * The beat of a node: that it lives, and how far it is, once a second to all; and what is due with
 * it.
 */
#ifndef SERVER_CORE_SHARE_BEAT_H
#define SERVER_CORE_SHARE_BEAT_H

#include "server/core/share/share.h"

/* What is due by now: beats, those who have waited for long, people of nodes that are gone. */
void beat_tick(struct chat *chat);

/* A node has told its beat. */
void beat_heard(struct chat *chat, struct slice payload);

/* Another node has this one's name, and came before: this one has to end. */
void beat_namesake(struct chat *chat);

/* The log can be reached again, or can't. */
void beat_status(struct chat *chat, bool up);

#endif
