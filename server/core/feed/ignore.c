/*
 * Ignore lists (ignore.h). The rule: a list that has a second holder is copied before it is
 * changed, so a connection that drains keeps the list it had.
 */
#include "server/core/feed/ignore.h"

#include <stdlib.h>
#include <string.h>

enum { IGNORES_STEP = 4 };

bool ignores_user(const struct ignores *ignores, uint32_t user_id)
{
	for (uint16_t i = 0; ignores != NULL && i < ignores->count; i++)
		if (ignores->list[i].user_id == user_id)
			return true;
	return false;
}

/* A list of this holder's own with room for this many more; NULL when there is no memory. */
static struct ignores *own_list(struct ignores *old, uint16_t more)
{
	uint16_t count = old != NULL ? old->count : 0;
	uint16_t size = (uint16_t)(count + (more > 0 ? IGNORES_STEP : 0));
	struct ignores *list;

	if (old != NULL && old->references == 1 && count + more <= old->size)
		return old;
	list = malloc(sizeof(*list) + size * sizeof(list->list[0]));
	if (list == NULL)
		return NULL;
	*list = (struct ignores){ .references = 1, .count = count, .size = size };
	if (count > 0)
		memcpy(list->list, old->list, count * sizeof(list->list[0]));
	ignores_release(old);
	return list;
}

enum ignore_result ignores_add(struct ignores **ignores, uint32_t user_id, const char *nick,
	size_t len)
{
	struct ignored *one;
	struct ignores *list;

	if (*ignores != NULL && (*ignores)->count >= IGNORES_MAX)
		return IGNORE_FULL;
	list = own_list(*ignores, 1);
	if (list == NULL)
		return IGNORE_NOMEM;
	one = &list->list[list->count++];
	*one = (struct ignored){ .user_id = user_id, .nick_len = (uint8_t)len };
	if (len > 0)
		memcpy(one->nick, nick, len);
	*ignores = list;
	return IGNORE_DONE;
}

void ignores_name(struct ignores *ignores, uint32_t user_id, const char *nick, size_t len)
{
	for (uint16_t i = 0; ignores != NULL && i < ignores->count; i++) {
		struct ignored *one = &ignores->list[i];

		if (one->user_id != user_id || one->nick_len > 0)
			continue;
		memcpy(one->nick, nick, len);
		one->nick_len = (uint8_t)len;
	}
}

int ignores_remove_at(struct ignores **ignores, uint16_t index)
{
	struct ignores *list = own_list(*ignores, 0);

	if (list == NULL)
		return -1;
	list->list[index] = list->list[--list->count];
	*ignores = list;
	if (list->count == 0) {
		ignores_release(list);
		*ignores = NULL;
	}
	return 0;
}

struct ignores *ignores_share(struct ignores *ignores)
{
	if (ignores != NULL)
		ignores->references++;
	return ignores;
}

void ignores_release(struct ignores *ignores)
{
	if (ignores != NULL && --ignores->references == 0)
		free(ignores);
}
