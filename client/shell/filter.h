/*
 * chatc where it is not on a terminal, or has one line to say: lines of standard input are said,
 * lines that come are printed as they came.
 */
#ifndef CLIENT_SHELL_FILTER_H
#define CLIENT_SHELL_FILTER_H

#include <stddef.h>

#include "client/shell/connection.h"
#include "client/shell/log.h"
#include "client/shell/options.h"

/*
 * Runs until both sides are done. password: to answer with, NULL for none. The exit status: 0 when
 * it left in order and the server has refused nothing, else 1.
 */
int filter_run(const struct options *o, struct connection *c, struct log *log,
	const char *password, size_t password_len);

#endif
