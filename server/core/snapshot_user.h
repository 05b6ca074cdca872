/*
 * The part of a snapshot that is a user's, with a client or in a session.
 */
#ifndef SERVER_CORE_SNAPSHOT_USER_H
#define SERVER_CORE_SNAPSHOT_USER_H

#include "server/core/base/codec.h"
#include "server/core/client/user.h"

/* Both ways (codec.h). A nick of NICK_MAX bytes at most; returns its length, 0 for none. */
uint8_t snapshot_nick(char *nick, uint8_t len, struct codec *p);
void snapshot_nick_hash(struct user *u, struct codec *p);
void snapshot_ignored(struct ignores **ignores, struct codec *p);

/* What a user has since version 5. */
void snapshot_user_5(struct user *u, struct codec *p);

#endif
