#include "client/core/names.h"

#include <string.h>

#include "proto/text.h"

/* Its place, or count. */
static size_t find(const struct names *n, const char *who, size_t len)
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

void names_spoke(struct names *n, const char *who, size_t len)
{
	size_t place = find(n, who, len);

	if (!is_nick(who, len))
		return;
	if (place == n->count && n->count < NAMES_MAX)
		n->count++;
	else if (place == n->count)
		place--; /* in place of who was silent longest */
	memmove(n->names + 1, n->names, place * sizeof(*n->names));
	put(n->names, who, len);
}

void names_came(struct names *n, const char *who, size_t len)
{
	size_t place = find(n, who, len);

	if (!is_nick(who, len) || place == NAMES_MAX)
		return;
	if (place == n->count)
		n->count++;
	put(&n->names[place], who, len);
}

void names_doubt(struct names *n)
{
	for (size_t i = 0; i < n->count; i++)
		n->names[i].doubtful = true;
}

void names_drop_doubtful(struct names *n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n->count; i++)
		if (!n->names[i].doubtful)
			n->names[kept++] = n->names[i];
	n->count = kept;
}

void names_left(struct names *n, const char *who, size_t len)
{
	size_t place = find(n, who, len);

	if (place == n->count)
		return;
	n->count--;
	memmove(n->names + place, n->names + place + 1, (n->count - place) * sizeof(*n->names));
}

void names_renamed(struct names *n, const char *who, size_t len, const char *now, size_t now_len)
{
	size_t place = find(n, who, len);

	if (place == n->count)
		names_came(n, now, now_len);
	else if (is_nick(now, now_len))
		put(&n->names[place], now, now_len);
}
