/*
 * The command line of chatc.
 */
#ifndef CLIENT_SHELL_OPTIONS_H
#define CLIENT_SHELL_OPTIONS_H

#include <stdbool.h>

enum options_color {
	COLOR_AUTO,
	COLOR_ALWAYS,
	COLOR_NEVER,
};

/* Strings are of argv or constant. */
struct options {
	const char *host;
	const char *port;
	const char *path;          /* of a unix socket; NULL for host and port */
	const char *command;       /* to talk to instead of a socket; NULL for none */
	const char *nick;          /* NULL for none */
	const char *password_file; /* NULL for none */
	const char *log;           /* NULL for none */
	bool reconnect;
	bool plain;
	bool bell;
	enum options_color color;
};

/*
 * Fills o. Returns -1 to go on, or the status to exit with: help or version was printed, or what
 * is wrong was said on standard error.
 */
int options_parse(struct options *o, int argc, char **argv);

#endif
