/*
 * The store of a chat (store.h). The rule: what it has is not copied. Bans and claims are the same
 * lists in memory and for the disk.
 */
#include "server/core/store.h"

#include <stdlib.h>
#include <string.h>

/*
 * The rooms, their topics borrowed: their number. Those that somebody has made end with the chat.
 */
static size_t view_rooms(const struct chat *chat, struct store_room *list)
{
	const struct room *room = NULL;
	size_t count = 0;

	while ((room = rooms_next(&chat->rooms, room)) != NULL) {
		struct store_room *view = &list[count];

		*view = (struct store_room){ .topic = room->topic, .slow = room->slow,
			.has_slow = room->slow != room->slow_set };
		memcpy(view->name, room->name, sizeof(view->name));
		count += room->is_configured;
	}
	return count;
}

char *store_save(const struct chat *chat, size_t *len)
{
	struct store view = { .bans = chat->bans, .claims = chat->claims,
		.motd = (char *)chat->motd };
	char *text = NULL;

	view.rooms = malloc((chat->rooms.count + 1) * sizeof(*view.rooms));
	if (view.rooms != NULL) {
		view.room_count = view_rooms(chat, view.rooms);
		text = store_text(&view, chat->now, len);
	}
	free(view.rooms);
	return text;
}

/* What was set in a room; of one that is gone there is nothing to be kept. */
static void load_room(struct chat *chat, struct store_room *from)
{
	struct room *room = rooms_find(&chat->rooms,
		(struct slice){ from->name, strlen(from->name) });

	if (room == NULL)
		return;
	if (from->topic != NULL) {
		free(room->topic);
		room->topic = from->topic;
		from->topic = NULL;
	}
	if (from->has_slow)
		room->slow = from->slow;
}

void store_load(struct chat *chat, struct store *store)
{
	for (size_t i = 0; i < store->room_count; i++)
		load_room(chat, &store->rooms[i]);
	chat->bans = store->bans;
	chat->claims = store->claims;
	store->bans = (struct bans){ 0 };
	store->claims = (struct claims){ 0 };
	chat->motd = store->motd;
	store->motd = NULL;
	if (claims_expire(&chat->claims, chat->now.time))
		chat->store_changes++;
	store_finish(store);
}
