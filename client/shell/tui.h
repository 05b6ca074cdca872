/*
 * chatc on a terminal: what is typed and what is heard, at the same time.
 */
#ifndef CLIENT_SHELL_TUI_H
#define CLIENT_SHELL_TUI_H

#include <stddef.h>

#include "client/shell/connection.h"
#include "client/shell/log.h"
#include "client/shell/options.h"

/*
 * Talks over a connection that is up until the person leaves. Returns the exit status. plain: no
 * redrawing. password: NULL for none.
 */
int tui_run(const struct options *o, struct connection *c, struct log *log, const char *password,
	size_t password_len);

#endif
