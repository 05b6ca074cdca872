/*
 * A plain array, in the order in which bans came: it is looked through once for each newcomer.
 */
#include "server/core/room/ban.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/stamp.h"

/* In usec: 36,000 years, after which nothing ends that anybody remembers. */
#define LONGEST (INT64_C(1) << 60)

static struct ban *find(const struct bans *b, const struct prefix *prefix)
{
	for (uint32_t i = 0; i < b->count; i++)
		if (prefix_equal(&b->list[i].prefix, prefix))
			return &b->list[i];
	return NULL;
}

/* A copy of a ban with a reason of its own. 0, or -1 when memory is out. */
static int copy(struct ban *to, const struct ban *from)
{
	*to = *from;
	if (from->reason == NULL)
		return 0;
	to->reason = malloc(strlen(from->reason) + 1);
	if (to->reason == NULL)
		return -1;
	memcpy(to->reason, from->reason, strlen(from->reason) + 1);
	return 0;
}

int bans_append(struct bans *b, const struct ban *ban)
{
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
	if (copy(&b->list[b->count], ban) < 0)
		return -1;
	b->count++;
	return 0;
}

int bans_add(struct bans *b, const struct ban *ban)
{
	struct ban *old = find(b, &ban->prefix), fresh;

	if (old == NULL)
		return bans_append(b, ban);
	if (copy(&fresh, ban) < 0)
		return -1;
	free(old->reason);
	*old = fresh;
	return 0;
}

/* The last one takes its place. */
static void forget(struct bans *b, struct ban *ban)
{
	/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): what is past count is not looked at again. */
	free(ban->reason);
	*ban = b->list[--b->count];
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
	forget(b, ban);
	return true;
}

const struct ban *bans_find(const struct bans *b, const struct address *a, int64_t now)
{
	for (uint32_t i = 0; i < b->count; i++) {
		const struct ban *ban = &b->list[i];

		if (ban->until > now && prefix_covers(&ban->prefix, a))
			return ban;
	}
	return NULL;
}

void bans_expire(struct bans *b, int64_t now)
{
	for (uint32_t i = 0; i < b->count;) {
		if (b->list[i].until <= now)
			forget(b, &b->list[i]);
		else
			i++;
	}
}

int64_t ban_end(const struct ban *ban, struct time now)
{
	if (ban->until == TIME_NEVER)
		return 0;
	return now.time + (ban->until - now.usec + TIME_SECOND / 2) / TIME_SECOND;
}

int64_t ban_until(int64_t end, struct time now)
{
	if (end == 0 || end - now.time > LONGEST / TIME_SECOND)
		return TIME_NEVER;
	return end > now.time ? now.usec + (end - now.time) * TIME_SECOND : now.usec;
}

void ban_text(char *out, const struct ban *ban, struct time now)
{
	struct stamp stamp = { 0 };
	size_t len = 0;

	out[0] = '\0';
	if (ban->until != TIME_NEVER)
		len = (size_t)snprintf(out, BAN_TEXT_MAX, " until %s",
			stamp_at(&stamp, ban_end(ban, now)));
	if (ban->reason != NULL)
		snprintf(out + len, BAN_TEXT_MAX - len, ": %s", ban->reason);
}

void bans_finish(struct bans *b)
{
	for (uint32_t i = 0; i < b->count; i++)
		free(b->list[i].reason);
	free(b->list);
	*b = (struct bans){ 0 };
}
