/*
 * A plain array: it is looked through once for each newcomer.
 */
#include "server/core/room/ban.h"

#include <stdlib.h>

static struct ban *find(const struct bans *b, const struct prefix *prefix)
{
	for (uint32_t i = 0; i < b->count; i++)
		if (prefix_equal(&b->list[i].prefix, prefix))
			return &b->list[i];
	return NULL;
}

int bans_add(struct bans *b, const struct prefix *prefix, int64_t until)
{
	struct ban *ban = find(b, prefix);

	if (ban != NULL) {
		ban->until = until;
		return 0;
	}
	if (b->count >= BANS_MAX)
		return -1;
	if (b->count == b->size) {
		uint32_t size = b->size == 0 ? 8 : 2 * b->size;
		struct ban *list = realloc(b->list, size * sizeof(*list));

		if (list == NULL)
			return -1;
		b->list = list;
		b->size = size;
	}
	b->list[b->count++] = (struct ban){ *prefix, until };
	return 0;
}

bool bans_remove(struct bans *b, const struct prefix *prefix, struct prefix *lifted)
{
	struct ban *ban = find(b, prefix);

	for (uint32_t i = 0; i < b->count && ban == NULL; i++)
		if (prefix_contains(&b->list[i].prefix, prefix))
			ban = &b->list[i];
	if (ban == NULL)
		return false;
	*lifted = ban->prefix;
	*ban = b->list[--b->count];
	return true;
}

const struct ban *bans_find(const struct bans *b, const struct address *a, int64_t now)
{
	for (uint32_t i = 0; i < b->count; i++) {
		const struct ban *ban = &b->list[i];

		if ((ban->until == 0 || ban->until > now) && prefix_covers(&ban->prefix, a))
			return ban;
	}
	return NULL;
}

void bans_expire(struct bans *b, int64_t now)
{
	for (uint32_t i = 0; i < b->count;) {
		if (b->list[i].until != 0 && b->list[i].until <= now)
			b->list[i] = b->list[--b->count];
		else
			i++;
	}
}

void bans_finish(struct bans *b)
{
	free(b->list);
	*b = (struct bans){ 0 };
}
