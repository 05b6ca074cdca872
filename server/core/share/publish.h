/*
 * From what happens here to requests to the shared log: events, nicks, and the records of people.
 */
#ifndef SERVER_CORE_SHARE_PUBLISH_H
#define SERVER_CORE_SHARE_PUBLISH_H

#include "server/core/share/share.h"

/* Publishes what has been proposed, as far as its authors have nothing else on the way. */
void publish_proposals(struct chat *chat);

/* Publishes an event of one of ours: the next on their way. */
void publish_event(struct chat *chat, struct persona *person, struct room *room,
	const struct event *event);

/* Says that somebody elsewhere has left, whose node is gone. */
void publish_leave(struct chat *chat, struct persona *person, struct event *event);

/* A line has been stored, or there was no room. */
void publish_answered(struct chat *chat, const struct log_request *request, enum log_answer answer);

/*
 * An event of one of ours has come from another node, where they were before: if something of
 * theirs is on its way under the same name, the log will not take it.
 */
void publish_crossed(struct chat *chat, struct persona *person, const struct event *event);

/* One of ours has been applied, or never will be. */
void publish_landed(struct chat *chat, uint32_t room, enum event_kind kind);

#endif
