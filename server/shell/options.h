/*
 * What the operator has chosen: the command line, the configuration file, and what the files
 * named there hold. One table tells of every option for all three, and for --help (options.c).
 */
#ifndef SERVER_SHELL_OPTIONS_H
#define SERVER_SHELL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "server/core/base/log.h"
#include "server/core/base/settings.h"
#include "server/shell/endpoint.h"
#include "server/shell/error.h"

/* When the history is made sure to be on disk. */
enum sync {
	SYNC_NONE,     /* when the system likes */
	SYNC_INTERVAL, /* within a second */
	SYNC_ALWAYS,   /* before anyone sees it */
};

/* Strings are heap, or NULL where the option was not given. */
struct options {
	struct settings settings; /* complete after options_load(); its strings are those below */
	struct endpoints listen; /* never empty after options_read() */
	size_t feed;             /* as it was asked for; 0: it was not */
	enum sync sync;
	char *name;
	char *motd_file;
	char *password_file;
	char *operator_file;
	char *history;
	char *user;
	char *config;
	bool check;
	bool help;
	bool version;
	char *motd; /* what the files hold */
	char *password;
	char *operator_password;
};

/*
 * Reads the command line and the configuration file that it names; what the command line says
 * counts more. 0, or -1 with *error. Either way *options must be finished.
 */
int options_read(struct options *o, int argc, char *const *argv, struct error *error);

/* Reads the files that options name. Warnings go to the log. 0, or -1 with *error. */
int options_load(struct options *o, struct log *log, struct error *error);

void options_finish(struct options *o);

/*
 * For a running server that goes on with new options: what needs a restart is exchanged for the
 * old value, and named in the log where that differs.
 */
void options_keep(struct options *fresh, struct options *old, struct log *log);

/* Writes --help. Errors are left in the stream. */
void options_help(FILE *out);

#endif
