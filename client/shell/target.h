/*
 * Where chatc is to go: the operand of the command line, or "host" of the configuration.
 */
#ifndef CLIENT_SHELL_TARGET_H
#define CLIENT_SHELL_TARGET_H

#include <stdbool.h>
#include <stddef.h>

enum {
	TARGET_HOSTS_MAX = 8,
	TARGET_NAME_MAX = 512, /* what target_describe() writes at most, with its NUL */
};

enum target_kind {
	TARGET_TCP,
	TARGET_UNIX,
	TARGET_TLS, /* through openssl(1) */
	TARGET_SSH, /* through ssh(1), to the unix socket of the other machine's chatd */
};

struct target_host {
	const char *name; /* an address has no brackets */
	const char *port; /* NULL: ssh's own */
};

/* Strings lie in the text that was parsed, or are constant. */
struct target {
	enum target_kind kind;
	struct target_host hosts[TARGET_HOSTS_MAX];
	size_t count;
	const char *path; /* of a unix socket */
	const char *user; /* ssh: NULL for the user who runs us */
	const char *room; /* to go to; NULL: the one where newcomers come in */
};

/* What is wrong with it: word names the part, value is what stands there. */
struct target_error {
	const char *word;
	const char *value;
	const char *reason;
};

/*
 * Parses HOST[:PORT][,HOST[:PORT]]..., unix:PATH, tls:HOST[:PORT] or ssh:[USER@]HOST[:PORT], all
 * but unix: with /ROOM at the end. port: given as a word of its own, or NULL. The text is changed.
 * 0, or -1 with the error.
 */
int target_parse(struct target *t, char *text, const char *port, struct target_error *error);

/*
 * Whether a host or port may stand in a command: letters, digits, '.', ':', '-', '_', '%', not
 * beginning with '-'. Anything that a shell or a program could take for something else is refused.
 */
bool target_is_safe(const char *text);

/* Writes its name for people: "HOST port PORT". */
void target_describe(const struct target *t, char text[TARGET_NAME_MAX]);

#endif
