#include "client/core/scroll.h"

#include <stdlib.h>
#include <string.h>

#include "proto/text.h"

static size_t item_size(const struct item *item)
{
	return sizeof(*item) + item->who_len + item->text_len;
}

static void drop_oldest(struct scroll *s)
{
	struct item *item = s->items[s->first];

	s->bytes -= item_size(item);
	s->items[s->first] = NULL;
	s->first = (s->first + 1) % SCROLL_ITEMS;
	s->count--;
	if (s->fresh > s->count)
		s->fresh = s->count;
	free(item);
}

void scroll_clear(struct scroll *s)
{
	while (s->count)
		drop_oldest(s);
}

void scroll_finish(struct scroll *s)
{
	scroll_clear(s);
	*s = (struct scroll){ 0 };
}

bool scroll_has_room(const struct scroll *s)
{
	size_t bytes = 0;

	for (size_t i = s->count - s->fresh; i < s->count; i++)
		bytes += item_size(scroll_at(s, i));
	return s->fresh < SCROLL_ITEMS / 2 && bytes < SCROLL_BYTES / 4;
}

static struct item *item_create(const char *who, size_t who_len, const char *text, size_t text_len)
{
	struct item *item = malloc(sizeof(*item) + TEXT_GROWTH * (who_len + text_len));
	struct item *smaller;

	if (!item)
		return NULL;
	*item = (struct item){ 0 };
	item->who_len = text_clean(item->bytes, who, who_len);
	item->text_len = text_clean(item->bytes + item->who_len, text, text_len);
	smaller = realloc(item, item_size(item));
	if (smaller)
		item = smaller;
	return item;
}

struct item *scroll_add(struct scroll *s, enum message_kind kind, const char *who, size_t who_len,
	const char *text, size_t text_len, const char *stamp)
{
	struct item *item = item_create(who, who_len, text, text_len);

	if (!item) {
		s->failed = true;
		return NULL;
	}
	item->kind = kind;
	if (stamp)
		memcpy(item->stamp, stamp, STAMP_LEN);
	if (s->count == SCROLL_ITEMS)
		drop_oldest(s);
	s->items[(s->first + s->count) % SCROLL_ITEMS] = item;
	s->count++;
	s->fresh++;
	s->added++;
	s->bytes += item_size(item);
	while (s->bytes > SCROLL_BYTES && s->count > s->fresh)
		drop_oldest(s);
	return item;
}

const struct item *scroll_at(const struct scroll *s, size_t place)
{
	return s->items[(s->first + place) % SCROLL_ITEMS];
}

const char *item_who(const struct item *item)
{
	return item->bytes;
}

const char *item_text(const struct item *item)
{
	return item->bytes + item->who_len;
}
