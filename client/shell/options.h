/*
 * The command line of chatc, and the configuration file below it.
 */
#ifndef CLIENT_SHELL_OPTIONS_H
#define CLIENT_SHELL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "client/shell/target.h"

enum { OPTIONS_HIGHLIGHTS_MAX = 16 };

enum options_color {
	COLOR_AUTO,
	COLOR_ALWAYS,
	COLOR_NEVER,
};

enum options_bell {
	BELL_MENTIONS, /* what is marked as a mention; a key that is of no use */
	BELL_ALL,      /* every message */
	BELL_OFF,
};

enum options_joins {
	JOINS_SHOW,
	JOINS_FOLD, /* several in a row as one line */
	JOINS_HIDE,
};

/* Strings are of argv, of the configuration that was read, or constant. */
struct options {
	struct target target;
	const char *command;       /* to talk to instead of a socket; NULL for none */
	const char *nick;          /* NULL for none */
	const char *room;          /* NULL for none */
	const char *password_file; /* NULL for none */
	const char *log;           /* NULL for none */
	const char *say;           /* NULL: talk, or pass lines on */
	const char *time_format;   /* of strftime(); NULL for the usual */
	const char *highlights[OPTIONS_HIGHLIGHTS_MAX]; /* words that count as the nick does */
	size_t highlight_count;
	bool relay;                /* pass bytes on, as they come */
	bool pinned;               /* the nick stays as it is */
	bool reconnect;
	bool plain;
	bool notify;               /* tell the terminal of mentions that come unseen */
	bool status_line;
	enum options_bell bell;
	enum options_joins joins;
	enum options_color color;

	char *config;              /* the text of the file; heap */
	char *place;               /* the text that target lies in; heap */
};

/*
 * Fills o. Returns -1 to go on, or the status to exit with: help or version was printed, or what
 * is wrong was said on standard error. options_finish() in any case.
 */
int options_parse(struct options *o, int argc, char **argv);
void options_finish(struct options *o);

#endif
