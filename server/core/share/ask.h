/*
 * Asking the node where somebody is: private messages, kicks and bans, and fetching
 * those who come back here.
 */
#ifndef SERVER_CORE_SHARE_ASK_H
#define SERVER_CORE_SHARE_ASK_H

#include "server/core/share/share.h"

/* Whom a word names among those elsewhere: nick or #NUMBER; NULL: nobody. */
struct persona *share_find(const struct chat *chat, struct slice who);

/* A private message to somebody elsewhere: its author is told what became of it. */
void share_message(struct chat *chat, struct client *client, struct persona *to, struct slice text);

/* An operator throws somebody out who is elsewhere. */
void share_kick(struct chat *chat, struct client *client, struct persona *to, struct slice text);

/* The same, and their address is banned on all nodes; minutes: 0 for good. */
void share_ban(struct chat *chat, struct client *client, struct persona *to, uint64_t minutes,
	struct slice reason);

/*
 * A client shows the token of somebody who may be elsewhere. If so they are fetched, and become a
 * session of this node. False: the token is nobody's.
 */
bool share_take(struct chat *chat, const struct client *client, const uint8_t token[TOKEN_BYTES]);

/* Whether somebody is being fetched by this token. */
bool share_is_taking(const struct chat *chat, const uint8_t token[TOKEN_BYTES]);

/* This node is asked something. */
void share_asked(struct chat *chat, struct slice reply_to, struct slice payload);

/* Those who are waited for on another node go there, as soon as nothing of theirs is on its way. */
void share_hand_over(struct chat *chat);

/* A PURPOSE_ASK is answered; a PURPOSE_TAKE is. */
void share_ask_answered(struct chat *chat, const struct log_request *request,
	enum log_answer answer, struct slice payload);
void share_take_answered(struct chat *chat, const struct log_request *request,
	enum log_answer answer, uint64_t seq);

#endif
