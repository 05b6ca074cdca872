/*
 * What has been shown of late. The rule: nothing that was not drawn yet is ever dropped, and
 * nothing gets in that is not safe for a terminal.
 */
#include "client/core/scrollback.h"

#include <stdlib.h>
#include <string.h>

#include "proto/text.h"

static size_t item_size(const struct item *item)
{
	return sizeof(*item) + item->who_len + item->text_len;
}

static void drop_oldest(struct scrollback *s)
{
	struct item *item = s->items[s->first];

	s->bytes -= item_size(item);
	s->items[s->first] = NULL;
	s->first = (s->first + 1) % s->size;
	s->count--;
	free(item);
}

void scrollback_clear(struct scrollback *s)
{
	while (s->count > s->fresh)
		drop_oldest(s);
}

void scrollback_finish(struct scrollback *s)
{
	s->fresh = 0;
	scrollback_clear(s);
	free(s->items);
	*s = (struct scrollback){ 0 };
}

bool scrollback_has_room(const struct scrollback *s)
{
	size_t bytes = 0;

	for (size_t i = s->count - s->fresh; i < s->count; i++)
		bytes += item_size(scrollback_at(s, i));
	return s->fresh < SCROLLBACK_ITEMS / 2 && bytes < SCROLLBACK_BYTES / 4;
}

static struct item *item_create(const struct message *m, const char *stamp)
{
	struct item *item = malloc(sizeof(*item) + TEXT_GROWTH * (m->who_len + m->text_len));
	struct item *smaller;

	if (!item)
		return NULL;
	*item = (struct item){ .kind = m->kind, .id = m->tagged ? m->id : 0 };
	if (stamp)
		memcpy(item->stamp, stamp, STAMP_LEN);
	item->who_len = text_clean(item->bytes, m->who, m->who_len);
	item->text_len = text_clean(item->bytes + item->who_len, m->text, m->text_len);
	smaller = realloc(item, item_size(item));
	if (smaller)
		item = smaller;
	return item;
}

/* Drops what is too much beside an item of this size, but nothing that has not been drawn. */
static void drop_surplus(struct scrollback *s, size_t size)
{
	while (!s->keeps && s->count > s->fresh &&
		(s->count >= SCROLLBACK_ITEMS || s->bytes + size > SCROLLBACK_BYTES))
		drop_oldest(s);
}

/*
 * Sees to it that the ring has a place for one more. It grows where what comes at once is many
 * short lines, of which one read can bring thousands. False: there is no memory.
 */
static bool make_place(struct scrollback *s)
{
	size_t size = s->size ? 2 * s->size : SCROLLBACK_ITEMS;
	struct item **items;

	if (s->count < s->size)
		return true;
	items = malloc(size * sizeof(struct item *));
	if (!items)
		return false;
	for (size_t i = 0; i < s->count; i++) /* it is full */
		items[i] = s->items[(s->first + i) % s->count];
	free(s->items);
	s->items = items;
	s->size = size;
	s->first = 0;
	return true;
}

/* An item that there is a place for; NULL if there was no memory. */
static struct item *take_item(struct scrollback *s, const struct message *m, const char *stamp)
{
	struct item *item = item_create(m, stamp);

	if (item)
		drop_surplus(s, item_size(item));
	if (!item || !make_place(s)) {
		free(item);
		s->failed = true;
		return NULL;
	}
	s->count++;
	s->bytes += item_size(item);
	return item;
}

struct item *scrollback_add(struct scrollback *s, const struct message *m, const char *stamp)
{
	struct item *item = take_item(s, m, stamp);

	if (item) {
		s->items[(s->first + s->count - 1) % s->size] = item;
		s->fresh++;
		s->added++;
	}
	return item;
}

struct item *scrollback_add_text(struct scrollback *s, enum message_kind kind, const char *text,
	size_t len)
{
	return scrollback_add(s,
		&(struct message){ .kind = kind, .who = "", .text = text, .text_len = len }, NULL);
}

struct item *scrollback_add_older(struct scrollback *s, const struct message *m,
	const char *stamp)
{
	size_t place = scrollback_here(s);
	struct item *item = take_item(s, m, stamp);

	if (!item)
		return NULL;
	s->first = (s->first + s->size - 1) % s->size;
	for (size_t i = 0; i < place; i++)
		s->items[(s->first + i) % s->size] = s->items[(s->first + i + 1) % s->size];
	s->items[(s->first + place) % s->size] = item;
	return item;
}

size_t scrollback_here(const struct scrollback *s)
{
	size_t place = 0;

	while (place < s->count && scrollback_at(s, place)->elsewhere)
		place++;
	return place;
}

void scrollback_move_on(struct scrollback *s)
{
	for (size_t i = 0; i < s->count; i++)
		s->items[(s->first + i) % s->size]->elsewhere = true;
}

const struct item *scrollback_at(const struct scrollback *s, size_t place)
{
	return s->items[(s->first + place) % s->size];
}

void scrollback_drawn(struct scrollback *s, size_t place, size_t width, size_t from)
{
	struct item *item = s->items[(s->first + place) % s->size];

	item->drawn_width = width;
	item->drawn_from = from;
}

const char *item_who(const struct item *item)
{
	return item->bytes;
}

const char *item_text(const struct item *item)
{
	return item->bytes + item->who_len;
}
