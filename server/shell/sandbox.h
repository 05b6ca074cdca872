/*
 * Rights that chatd gives up once it has started, so that a bug in it is worth less to an
 * attacker: new privileges, writing files elsewhere than it must, connections of its own, and
 * system calls that a chat server does not need. Reloading, reopening the history and upgrading
 * work as before; a new program inherits the sandbox.
 */
#ifndef SERVER_SHELL_SANDBOX_H
#define SERVER_SHELL_SANDBOX_H

#include "server/shell/landlock.h"

/*
 * Enters the sandbox for good, as far as the system has one. Returns, for the log, what is active:
 * "no new privileges, Landlock", or "none".
 */
const char *sandbox_enter(const struct landlock_allowed *allowed);

#endif
