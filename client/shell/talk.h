/*
 * chatc on a terminal: what is typed and what is heard, at the same time.
 */
#ifndef CHAT_TALK_H
#define CHAT_TALK_H

#include <stddef.h>

#include "client/shell/connection.h"
#include "client/shell/log.h"
#include "client/shell/options.h"

/*
 * Talks over a connection that is up until the person leaves. Returns the exit status. plain: no
 * redrawing. password: NULL for none.
 */
int talk_run(const struct options *o, struct connection *c, struct log *log, const char *password,
	size_t password_len);

#endif
