/*
 * chatc when it is not on a terminal: each line of the input is said, each line that comes is
 * printed. Neither side is read faster than the other takes.
 */
#ifndef CLIENT_SHELL_FILTER_H
#define CLIENT_SHELL_FILTER_H

#include <stddef.h>

#include "client/shell/connection.h"
#include "client/shell/log.h"
#include "client/shell/options.h"

/*
 * Runs until the input has ended and all that was owed has come, or the server is lost. Returns
 * the exit status. password: NULL for none.
 */
int filter_run(const struct options *o, struct connection *c, struct log *log,
	const char *password, size_t password_len);

#endif
