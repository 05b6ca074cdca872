/*
 * The nodes that are heard: each tells the others, once a second, that it lives and how far it is.
 */
#ifndef SERVER_CORE_SHARE_NODES_H
#define SERVER_CORE_SHARE_NODES_H

#include <stdbool.h>
#include <stdint.h>

#include "server/core/client/persona.h"

struct node {
	char name[NODE_MAX];
	uint8_t name_len;
	bool disagrees;  /* its copy of the log was found to differ from ours */
	uint64_t incarnation;
	int64_t heard_at; /* in usec */
};

/* All zero is empty. */
struct nodes {
	struct node *list; /* heap */
	uint32_t count, size;
};

/* The node of an incarnation; NULL: it is not known. */
struct node *nodes_find(const struct nodes *nodes, uint64_t incarnation);

/* The same, new if need be; NULL: no memory. Others may move. */
struct node *nodes_add(struct nodes *nodes, uint64_t incarnation, struct slice name);

void nodes_remove(struct nodes *nodes, struct node *node);
void nodes_finish(struct nodes *nodes);

#endif
