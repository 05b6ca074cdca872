/*
 * The configuration file: lines of "option = value", those under [NAME] for one server, those
 * above the first of these for all.
 */
#ifndef CLIENT_SHELL_CONFIG_H
#define CLIENT_SHELL_CONFIG_H

/* A walk over text that is changed by it; what it yields lies in the text. */
struct config {
	char *rest;
	unsigned line;       /* number of the last line seen */
	const char *section; /* that it stands in; NULL: above the first */
	char *name;
	char *value;
	const char *problem; /* after -1: what is wrong with the line */
};

/* The text of the file, heap; NULL with errno set. A byte-order mark is dropped. */
char *config_load(const char *path);

/* The next setting: 1, or 0 at the end of the text, or -1 with problem. */
int config_next(struct config *c);

#endif
