/*
 * Landlock, by which a Linux process gives up rights for itself and all programs that it starts:
 * files are written, made and removed only where they must be, and no TCP connection is begun and
 * no TCP port taken any more. Reading files and running programs goes on as before.
 */
#ifndef SERVER_SHELL_LANDLOCK_H
#define SERVER_SHELL_LANDLOCK_H

#include <stdbool.h>
#include <stddef.h>

/*
 * paths: count files that go on to be written, created and removed, as do all others in the
 * same folders. Needs PR_SET_NO_NEW_PRIVS. False where the system has no Landlock.
 */
bool landlock_enter(const char *const *paths, size_t count);

#endif
