/*
 * A seccomp filter, by which a Linux process gives up system calls for itself and all programs
 * that it starts: those that serve to leave a sandbox or to change the machine. It names what is
 * refused, not what is allowed: a new program or another C library must find all that it may need.
 */
#ifndef SERVER_SHELL_SECCOMP_H
#define SERVER_SHELL_SECCOMP_H

#include <stdbool.h>

/* Needs PR_SET_NO_NEW_PRIVS. False where the system has no such filters. */
bool seccomp_enter(void);

#endif
