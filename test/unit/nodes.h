/*
 * Conversations over several nodes that share a log, which is a model of one: each node is a converse
 * (converse.h). A row begins with the name of its node, from "a" on: "a alice > hello". Beside what
 * converse knows there are
 *
 *	wait MS        time passes for all
 *	a down         the log can't be reached from there, or takes nothing (no quorum)
 *	a up
 *	a forks        what it reads of the log differs from here on
 *	a dies         and its connections with it
 *	a dies late    the same, but what it has asked of the log is done
 *	a returns      another program of that name, which knows nothing
 *	log full       no more lines fit
 *	log empty
 *	log late N     what is asked or said takes N turns from here on
 *	log replaced   lines begin at 1 again, in a log that has none
 *	log gap N      lines before number N are gone
 *	log twice      each line is handed in twice, and each answer lost once
 */
#ifndef NODES_H
#define NODES_H

#include "test/unit/converse.h"

enum { NODES_MAX = 3 };

struct model;

struct cluster {
	struct converse nodes[NODES_MAX];
	bool is_dead[NODES_MAX];
	const struct settings *settings;
	size_t count;
	struct model *log;
	unsigned programs; /* that there were */
	bool failed;
};

/* Nodes with these settings, NULL for converse_settings. */
void nodes_begin(struct cluster *k, size_t count, const struct settings *settings);
void nodes_row(struct cluster *k, const char *row);

/* Whether all rows held, and nobody has received anything else. */
bool nodes_end(struct cluster *k);

bool nodes_run(size_t count, const char *const *rows, size_t row_count);

#define NODES(count, rows) CHECK(nodes_run((count), (rows), sizeof(rows) / sizeof((rows)[0])))

#endif
