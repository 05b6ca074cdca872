/*
 * The rooms (rooms.h): a list of pointers, since a room must not move while people are in it. The
 * rule: the memory of a room is taken when it begins, all or nothing.
 */
#include "server/core/room/rooms.h"

#include <stdlib.h>
#include <string.h>

static struct slice without_sign(struct slice name)
{
	if (name.len > 0 && name.bytes[0] == '#')
		return (struct slice){ name.bytes + 1, name.len - 1 };
	return name;
}

const char *room_name_read(struct slice text, char out[NICK_MAX], size_t *len)
{
	enum nick_fault fault;

	text = without_sign(text);
	fault = nick_normalize(text.bytes, text.len, out, len);
	if (fault == NICK_FINE)
		fault = nick_check(out, *len);
	if (fault != NICK_FINE)
		return nick_rule(fault);
	return memchr(out, '/', *len) != NULL ? "must not contain /" : NULL;
}

int rooms_init(struct rooms *rooms, uint32_t places)
{
	*rooms = (struct rooms){ .places = places };
	return place_set_init(&rooms->stirred, ROOMS_MAX);
}

/* Makes the list long enough for an index. 0, or -1 when there is no memory. */
static int fit(struct rooms *rooms, uint32_t index)
{
	uint32_t size = rooms->size > 0 ? rooms->size : 4;
	struct room **list;

	while (size <= index)
		size *= 2;
	if (size == rooms->size)
		return 0;
	list = realloc(rooms->list, size * sizeof(struct room *));
	if (list == NULL)
		return -1;
	rooms->list = list;
	rooms->size = size;
	return 0;
}

struct room *rooms_add_at(struct rooms *rooms, uint32_t index, const struct room_settings *settings,
	struct time now)
{
	struct room *room;

	if (index >= ROOMS_MAX || rooms_at(rooms, index) != NULL || fit(rooms, index) < 0)
		return NULL;
	room = room_create(settings, rooms->places, now);
	if (room == NULL)
		return NULL;
	while (rooms->top <= index)
		rooms->list[rooms->top++] = NULL;
	room->index = index;
	room->serial = ++rooms->made;
	rooms->list[index] = room;
	rooms->count++;
	rooms_stir(rooms, room);
	return room;
}

struct room *rooms_add(struct rooms *rooms, const struct room_settings *settings, struct time now)
{
	uint32_t index = 0;

	while (rooms_at(rooms, index) != NULL)
		index++;
	return rooms_add_at(rooms, index, settings, now);
}

void rooms_remove(struct rooms *rooms, struct room *room)
{
	rooms->list[room->index] = NULL;
	place_set_remove(&rooms->stirred, room->index);
	rooms->count--;
	while (rooms->top > 0 && rooms->list[rooms->top - 1] == NULL)
		rooms->top--;
	room_destroy(room);
}

void rooms_finish(struct rooms *rooms)
{
	for (uint32_t i = 0; i < rooms->top; i++)
		room_destroy(rooms->list[i]);
	free(rooms->list);
	place_set_finish(&rooms->stirred);
	*rooms = (struct rooms){ 0 };
}

struct room *rooms_at(const struct rooms *rooms, uint32_t index)
{
	return index < rooms->top ? rooms->list[index] : NULL;
}

struct room *rooms_next(const struct rooms *rooms, const struct room *after)
{
	for (uint32_t i = after != NULL ? after->index + 1 : 0; i < rooms->top; i++)
		if (rooms->list[i] != NULL)
			return rooms->list[i];
	return NULL;
}

struct room_name room_name(struct slice text)
{
	text = without_sign(text);
	return (struct room_name){ text, nick_hash(text.bytes, text.len) };
}

bool room_is_called(const struct room *room, const struct room_name *name)
{
	return nick_hash_meets(room->name_hash, name->hash) &&
		nick_same(room->name, strlen(room->name), name->text.bytes, name->text.len);
}

struct room *rooms_find(const struct rooms *rooms, struct slice text)
{
	struct room_name name = room_name(text);
	struct room *room = NULL;

	while ((room = rooms_next(rooms, room)) != NULL)
		if (room_is_called(room, &name))
			return room;
	return NULL;
}

size_t room_memory(size_t feed_bytes)
{
	return sizeof(struct room) + feed_memory(feed_bytes);
}
