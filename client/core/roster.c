/*
 * The people in the room, in an array of fixed size. The rule: the last one who spoke stands first,
 * and leaves last when there is no place for all.
 */
#include "client/core/roster.h"

#include <string.h>

#include "proto/text.h"

/* Its place, or count. */
static size_t find(const struct roster *n, const char *who, size_t len)
{
	size_t i = 0;

	while (i < n->count && text_compare(n->names[i].text, n->names[i].len, who, len) != 0)
		i++;
	return i;
}

static void put(struct name *name, const char *who, size_t len)
{
	memcpy(name->text, who, len);
	name->len = len;
	name->doubtful = false;
}

/* Those without a nick are not offered: "#3" is typed sooner than completed. */
static bool is_nick(const char *who, size_t len)
{
	return len > 0 && len <= WHO_MAX && who[0] != '#' && text_is_clean(who, len);
}

void roster_spoke(struct roster *n, const char *who, size_t len)
{
	size_t place = find(n, who, len);

	if (!is_nick(who, len))
		return;
	if (place == n->count && n->count < ROSTER_MAX)
		n->count++;
	else if (place == n->count)
		place--; /* in place of who was silent longest */
	memmove(n->names + 1, n->names, place * sizeof(*n->names));
	put(n->names, who, len);
}

void roster_came(struct roster *n, const char *who, size_t len)
{
	size_t place = find(n, who, len);

	if (!is_nick(who, len) || place == ROSTER_MAX)
		return;
	if (place == n->count)
		n->count++;
	put(&n->names[place], who, len);
}

void roster_doubt(struct roster *n)
{
	for (size_t i = 0; i < n->count; i++)
		n->names[i].doubtful = true;
}

void roster_drop_doubtful(struct roster *n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n->count; i++)
		if (!n->names[i].doubtful)
			n->names[kept++] = n->names[i];
	n->count = kept;
}

void roster_left(struct roster *n, const char *who, size_t len)
{
	size_t place = find(n, who, len);

	if (place == n->count)
		return;
	n->count--;
	memmove(n->names + place, n->names + place + 1, (n->count - place) * sizeof(*n->names));
}

void roster_renamed(struct roster *n, const char *who, size_t len, const char *now, size_t now_len)
{
	size_t place = find(n, who, len);

	if (place == n->count)
		roster_came(n, now, now_len);
	else if (is_nick(now, now_len))
		put(&n->names[place], now, now_len);
}
