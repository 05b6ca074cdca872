/*
 * The commands that chatc knows of: to complete, and to tell what may be remembered. The server
 * has the say on what they mean.
 */
#ifndef CLIENT_CORE_COMMANDS_H
#define CLIENT_CORE_COMMANDS_H

#include <stddef.h>

enum command_secrecy {
	COMMAND_PUBLIC,
	COMMAND_PRIVATE, /* what it says is between two people */
	COMMAND_SECRET,  /* it holds a password or the like */
};

struct command {
	const char *name; /* with its slash */
	enum command_secrecy secrecy;
};

/* In the order in which they are offered; ends with a NULL name. */
extern const struct command commands[];

/* The command of that name, without regard to ASCII case; NULL: it is not known. */
const struct command *command_find(const char *name, size_t len);

#endif
