/*
 * The user that chatd runs as, once it has opened what only root may open.
 */
#ifndef SERVER_SHELL_USER_H
#define SERVER_SHELL_USER_H

#include "server/shell/error.h"

/* Becomes a user for good, with that user's groups and no privileges. 0, or -1 with *error. */
int user_become(const char *user, struct error *error);

#endif
