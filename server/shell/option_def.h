/*
 * Each option: its names, its argument, where its value is kept, whether it can change while chatd
 * runs. The command line, the configuration file, reloading
 * and --help all read the same table.
 */
#ifndef SERVER_SHELL_OPTION_DEF_H
#define SERVER_SHELL_OPTION_DEF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "server/shell/error.h"
#include "server/shell/number.h"
#include "server/shell/option_values.h"

enum option_def_kind {
	OPTION_NUMBER,
	OPTION_SIZE,
	OPTION_TEXT, /* shown to people */
	OPTION_PATH, /* any bytes: the name of a file or a user */
	OPTION_FLAG, /* yes or no */
	OPTION_LISTEN,
	OPTION_SYNC,
	OPTION_SHARE, /* nats-servers; a string as those that follow */
	OPTION_NODE,  /* a name in a cluster */
	OPTION_HOSTS,   /* words, one each time it is given: hosts */
	OPTION_ORIGINS, /* origins of pages */
	OPTION_FRAMES,  /* the same, as a policy names them */
	OPTION_LOBBY,   /* the name of a room */
	OPTION_ROOM,    /* a room and its keys, one each time it is given */
};

enum option_def_change {
	OPTION_RELOADS, /* takes effect when the configuration is read again */
	OPTION_RESTART, /* needs a restart */
	OPTION_ONCE,    /* of the command line only */
};

struct option_def {
	const char *name;
	char letter;          /* 0: none */
	const char *argument; /* NULL: none, which means yes */
	enum option_def_kind kind;
	enum option_def_change change;
	size_t field; /* offset in struct options */
	size_t width; /* its size there */
	uint32_t min, max; /* the value; of TEXT and PATH, its bytes */
	const char *help;
};

/* By its place in the table, or NULL after the last; by its long name; by its letter. */
const struct option_def *option_def_at(size_t i);
const struct option_def *option_def_named(const char *name, size_t len);
const struct option_def *option_def_lettered(char letter);

/* By its name in a configuration file, where case does not count and '_' is '-'. */
const struct option_def *option_def_written(const char *name);

/*
 * Sets the option from text; OPTION_LISTEN, OPTION_ROOM and words add to what there is.
 * label: what the error calls it, "--rate" or "chatd.conf:3: rate". 0, or -1 with
 * *error and nothing changed.
 */
int option_def_set(const struct option_def *def, struct options *o, const char *value,
	const char *label, struct error *error);

/* Whether two have the same value. */
bool option_def_same(const struct option_def *def, const struct options *a,
	const struct options *b);

/* Exchanges the values of two. */
void option_def_swap(const struct option_def *def, struct options *a, struct options *b);

/* Frees what the option holds. */
void option_def_finish(const struct option_def *def, struct options *o);

/* The line or lines of --help; o has the default values. */
void option_def_help(const struct option_def *def, const struct options *o, FILE *out);

#endif
