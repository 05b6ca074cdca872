/*
 * Landlock, by which a Linux process gives up rights for itself and all programs that it
 * starts: files are written, made and removed only where they must be, and no TCP connection
 * is begun but to a few ports, and no TCP port taken any more. Reading files and running
 * programs goes on as before.
 */
#ifndef SERVER_SHELL_LANDLOCK_H
#define SERVER_SHELL_LANDLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What may still be done. */
struct landlock_allowed {
	const char *const *paths; /* files that go on to be written, created and removed, as do all
				   * others in the same folders */
	size_t paths_count;
	const uint16_t *ports; /* TCP: may be connected to */
	size_t ports_count;
};

/* Needs PR_SET_NO_NEW_PRIVS. False where the system has no Landlock. */
bool landlock_enter(const struct landlock_allowed *allowed);

#endif
