/*
 * A plain array of nodes (nodes.h): there are a few.
 */
#include "server/core/share/nodes.h"

#include <stdlib.h>
#include <string.h>

struct node *nodes_find(const struct nodes *nodes, uint64_t incarnation)
{
	for (uint32_t i = 0; i < nodes->count; i++)
		if (nodes->list[i].incarnation == incarnation)
			return &nodes->list[i];
	return NULL;
}

struct node *nodes_add(struct nodes *nodes, uint64_t incarnation, struct slice name)
{
	struct node *node = nodes_find(nodes, incarnation);

	if (node != NULL)
		return node;
	if (nodes->count == nodes->size) {
		uint32_t size = nodes->size == 0 ? 4 : 2 * nodes->size;
		struct node *list = realloc(nodes->list, size * sizeof(*list));

		if (list == NULL)
			return NULL;
		nodes->list = list;
		nodes->size = size;
	}
	node = &nodes->list[nodes->count++];
	*node = (struct node){ .incarnation = incarnation, .name_len = (uint8_t)name.len };
	memcpy(node->name, name.bytes, name.len);
	return node;
}

void nodes_remove(struct nodes *nodes, struct node *node)
{
	*node = nodes->list[--nodes->count];
}

void nodes_finish(struct nodes *nodes)
{
	free(nodes->list);
	*nodes = (struct nodes){ 0 };
}
