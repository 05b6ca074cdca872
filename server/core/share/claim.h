/*
 * Taking a nick where there are several nodes: its key in the log's state is set first
 * (nick_keys.h), then the room hears of it.
 */
#ifndef SERVER_CORE_SHARE_CLAIM_H
#define SERVER_CORE_SHARE_CLAIM_H

#include "server/core/share/share.h"

/* One of ours asks for a nick: event is the RENAME that is to come of it. */
void claim_nick(struct chat *chat, struct persona *person, struct room *room,
	const struct event *event);

/*
 * The log has answered a PURPOSE_NICK, or a PURPOSE_UNWANTED. False: the request stays, until
 * more of the state is known.
 */
bool claim_answered(struct chat *chat, struct log_request *request, enum log_answer answer,
	uint64_t seq);

/* More of the state is known: those who waited for it are answered. */
void claim_go_on(struct chat *chat);

/* Those who have waited for too long are refused. */
void claim_expire(struct chat *chat);

/* A nick that nobody has any more may be taken. */
void claim_release(struct chat *chat, struct nick_key *key);

#endif
