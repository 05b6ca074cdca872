/*
 * What a pure core may not ask for, and a daemon wants of its host: the time, random bytes,
 * enough descriptors, another user.
 */
#ifndef SERVER_SHELL_HOST_H
#define SERVER_SHELL_HOST_H

#include <stddef.h>
#include <stdint.h>

#include "server/core/chat.h"
#include "server/shell/error.h"

struct time host_now(void);

/*
 * Fills a buffer with up to 256 bytes that nobody can guess (POSIX.1-2024, getentropy()); ends the
 * program if the system has none.
 */
void host_random(void *buffer, size_t len);

/* Opens /dev/null where standard input, output or error is closed, so that no socket gets there. */
void host_standard_files(void);

/*
 * Makes room for so many clients and `others` descriptors beside them. 0, or -1 with *error,
 * which names how many are needed and how many are allowed.
 */
int host_descriptors(uint32_t clients, uint32_t others, struct error *error);

/* The folder that a file is in, with a slash behind it unless it is the current one; heap, or NULL. */
char *host_folder_of(const char *path);

/* Whether a file may be made there, as far as its folder tells: 0, or -1 with errno. */
int host_can_make(const char *path);

/*
 * Becomes a user for good, with that user's groups and none of root's powers.
 * 0, or -1 with *error.
 */
int host_become(const char *user, struct error *error);

/* Whether host_become() could work. 0, or -1 with *error. */
int host_knows(const char *user, struct error *error);

#endif
