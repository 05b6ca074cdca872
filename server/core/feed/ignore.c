/*
 * Ignore lists (ignore.h). The rule: a list that has a second holder is copied before it is changed,
 * so a connection that drains keeps the list it had.
 */
#include "server/core/feed/ignore.h"

#include <stdlib.h>
#include <string.h>

#include "proto/text.h"

enum { IGNORES_STEP = 4 };

bool ignores_user(const struct ignores *ignores, uint32_t user_id)
{
	for (uint16_t i = 0; ignores != NULL && i < ignores->count; i++)
		if (ignores->list[i].user_id == user_id)
			return true;
	return false;
}

static bool has_nick(const struct ignored *one, const char *nick, size_t len)
{
	return len > 0 && one->nick_len > 0 &&
		text_compare(one->nick, one->nick_len, nick, len) == 0;
}

bool ignores_nick(const struct ignores *ignores, const char *nick, size_t len)
{
	for (uint16_t i = 0; ignores != NULL && i < ignores->count; i++)
		if (has_nick(&ignores->list[i], nick, len))
			return true;
	return false;
}

/* A list of this holder's own with room for one more; NULL when there is no memory. */
static struct ignores *own_with_room(struct ignores *old)
{
	uint16_t count = old != NULL ? old->count : 0;
	uint16_t size = (uint16_t)(count + IGNORES_STEP);
	struct ignores *list;

	if (old != NULL && old->references == 1 && count < old->size)
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
	list = own_with_room(*ignores);
	if (list == NULL)
		return IGNORE_NOMEM;
	one = &list->list[list->count++];
	*one = (struct ignored){ .user_id = user_id, .nick_len = (uint8_t)len };
	if (len > 0)
		memcpy(one->nick, nick, len);
	*ignores = list;
	return IGNORE_DONE;
}

void ignores_remove_at(struct ignores *ignores, uint16_t index)
{
	ignores->list[index] = ignores->list[--ignores->count];
}

bool ignores_remove(struct ignores **ignores, uint32_t user_id, const char *nick, size_t len)
{
	struct ignores *list = *ignores;
	uint16_t before = list != NULL ? list->count : 0;

	for (uint16_t i = before; i > 0; i--) {
		const struct ignored *one = &list->list[i - 1];

		if ((user_id != 0 && one->user_id == user_id) || has_nick(one, nick, len))
			ignores_remove_at(list, (uint16_t)(i - 1));
	}
	if (list == NULL || list->count == before)
		return false;
	if (list->count == 0) {
		ignores_release(list);
		*ignores = NULL;
	}
	return true;
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
