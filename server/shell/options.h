/*
 * What the operator has chosen: the command line, the configuration file, and what the files
 * named there hold. One table describes every option for all three and for --help (option_def.h).
 */
#ifndef SERVER_SHELL_OPTIONS_H
#define SERVER_SHELL_OPTIONS_H

#include <stdio.h>

#include "server/core/base/log.h"
#include "server/shell/error.h"
#include "server/shell/option_values.h"

/*
 * Reads the command line and the configuration file that it names; what the command line says
 * counts more. 0, or -1 with *error. Either way *options must be finished.
 */
int options_read(struct options *o, int argc, char *const *argv, struct error *error);

/* Whether there is the room that a listener leads to; "": the first. 0, or -1 with *error. */
int options_check_room(const struct options *o, const char *name, const char *label,
	struct error *error);

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
