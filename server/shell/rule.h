/*
 * What there is to know of each option: its names, what may stand behind it, where it is kept,
 * whether it can change while chatd runs. The command line, the configuration file, reloading
 * and --help all read the same table.
 */
#ifndef CHAT_RULE_H
#define CHAT_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "server/shell/fault.h"
#include "server/shell/options.h"

enum rule_kind {
	RULE_NUMBER,
	RULE_SIZE,
	RULE_TEXT, /* shown to people */
	RULE_PATH, /* any bytes: the name of a file or a user */
	RULE_FLAG, /* yes or no */
	RULE_LISTEN,
	RULE_SYNC,
};

enum rule_change {
	RULE_RELOADS, /* takes effect when the configuration is read again */
	RULE_RESTART, /* needs a restart */
	RULE_ONCE,    /* of the command line only */
};

struct rule {
	const char *name;
	char letter;          /* 0: none */
	const char *argument; /* NULL: none, which means yes */
	enum rule_kind kind;
	enum rule_change change;
	size_t field; /* offset in struct options */
	size_t width; /* its size there */
	uint32_t min, max; /* the value; of TEXT and PATH, its bytes */
	const char *help;
};

/* By its place in the table, or NULL behind the last; by its long name; by its letter. */
const struct rule *rule_at(size_t i);
const struct rule *rule_named(const char *name, size_t len);
const struct rule *rule_lettered(char letter);

/*
 * Sets the option from text; RULE_LISTEN adds to what there is. label: what the fault calls it,
 * "--rate" or "chatd.conf:3: rate". 0, or -1 with *fault and nothing changed.
 */
int rule_set(const struct rule *rule, struct options *o, const char *value, const char *label,
	struct fault *fault);

/* Whether two have the same value. */
bool rule_same(const struct rule *rule, const struct options *a, const struct options *b);

/* Exchanges the values of two. */
void rule_swap(const struct rule *rule, struct options *a, struct options *b);

/* Frees what the option holds. */
void rule_finish(const struct rule *rule, struct options *o);

/* The line or lines of --help; o has the default values. */
void rule_help(const struct rule *rule, const struct options *o, FILE *out);

#endif
