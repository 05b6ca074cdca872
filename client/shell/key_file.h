/*
 * The file in which the keys of claimed nicks are kept, each with the server that it is for:
 * $XDG_STATE_HOME/chatc/keys, readable to its owner only.
 */
#ifndef CLIENT_SHELL_KEY_FILE_H
#define CLIENT_SHELL_KEY_FILE_H

#include "client/core/claims.h"
#include "client/shell/target.h"

/* Reads the keys for a server. One without a file has none. */
void key_file_load(const struct target *target, struct claims *claims);

/*
 * Writes the keys that have come since (claims->changed). 0, or -1 with errno set: they are not
 * kept, and the person had better be told.
 */
int key_file_save(const struct target *target, struct claims *claims);

#endif
