/*
 * The text of a configuration file: lines of "option = value". Blank lines are skipped; a '#' at
 * the beginning of a line or after a blank begins a comment. A value in double quotes is taken
 * as it stands between them. Where there may be sections, "[NAME]" begins one.
 */
#ifndef PROTO_CONFIG_H
#define PROTO_CONFIG_H

#include <stdbool.h>

/* A walk over text that is changed by it; what it yields lies in the text. */
struct config {
	char *rest;
	bool has_sections;   /* there may be some */
	unsigned line;       /* number of the last line seen */
	const char *section; /* that it stands in; NULL: above the first */
	char *name;
	char *value;
	const char *problem; /* after -1: what is wrong with the line */
};

/* The next setting: 1, or 0 at the end of the text, or -1 with problem. */
int config_next(struct config *c);

#endif
