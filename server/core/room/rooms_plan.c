/*
 * The rooms as new settings want them (rooms_plan.h). The rule: all memory is taken while the plan
 * is made, so that carrying it out can't fail.
 */
#include "server/core/room/rooms_plan.h"

#include <stdlib.h>
#include <string.h>

/* The settings of a room; NULL if there are none any more. */
static const struct room_settings *settings_of(const struct room_settings *list, size_t count,
	const struct room *room)
{
	if (room->index == 0)
		return &list[0];
	for (size_t i = 1; i < count; i++)
		if (nick_same(list[i].name, strlen(list[i].name), room->name, strlen(room->name)))
			return &list[i];
	return NULL;
}

/* Makes the rooms that there are not yet. 0, or -1. */
static int add_rooms(struct rooms *rooms, const struct room_settings *list, size_t count,
	struct time now)
{
	struct room *room;

	for (size_t i = 0; i < count; i++) {
		if (rooms_find(rooms, (struct slice){ list[i].name, strlen(list[i].name) }) != NULL)
			continue;
		room = rooms_add(rooms, &list[i], now);
		if (room == NULL)
			return -1;
		room->is_new = true;
	}
	return 0;
}

/* password: heap, the room's from now on. */
static void set_room(struct room *room, const struct room_settings *settings,
	const char *password)
{
	free((char *)room->password);
	room->password = password;
	room->replay = settings->replay;
	room->is_hidden = settings->is_hidden;
	room->is_for_operators = settings->is_for_operators;
	room->topic_is_open = settings->topic_is_open;
	/* A pause that an operator has set since holds until the settings say something else. */
	if (room->slow_set != settings->slow)
		room->slow = settings->slow;
	room->slow_set = settings->slow;
	room->is_configured = true;
	room->is_new = false;
	room->ends_at = 0;
}

static void drop_room(struct chat *chat, struct room *room)
{
	if (chat_room_is_used(chat, room))
		log_line(chat->log, LOG_AT_WARNING,
			"room %s is gone from the settings, and in use: "
			"that needs a restart", room->name);
	else
		chat_end_room(chat, room);
}

void rooms_plan_warn(const struct rooms_plan *plan, struct chat *chat)
{
	const struct room *room = NULL;

	while ((room = rooms_next(&chat->rooms, room)) != NULL) {
		const struct room_settings *settings = settings_of(plan->list, plan->count, room);

		if (settings != NULL && settings->feed_bytes != room->feed.size)
			log_line(chat->log, LOG_AT_WARNING,
				"the feed of room %s has changed: that needs a restart",
				room->name);
	}
}

void rooms_plan_carry_out(struct rooms_plan *plan, struct chat *chat)
{
	struct room *room, *next;

	for (room = rooms_first(&chat->rooms); room != NULL; room = next) {
		const struct room_settings *settings = settings_of(plan->list, plan->count, room);

		next = rooms_next(&chat->rooms, room);
		if (settings != NULL) {
			set_room(room, settings, plan->passwords[settings - plan->list]);
			plan->passwords[settings - plan->list] = NULL;
		} else if (room->is_configured) {
			drop_room(chat, room);
		}
	}
	rooms_plan_finish(plan, chat);
}

void rooms_plan_finish(struct rooms_plan *plan, struct chat *chat)
{
	for (uint32_t i = chat->rooms.top; i-- > 0;) {
		struct room *room = rooms_at(&chat->rooms, i);

		if (room != NULL && room->is_new)
			rooms_remove(&chat->rooms, room);
	}
	for (size_t i = 0; plan->passwords != NULL && i < plan->count; i++)
		free((char *)plan->passwords[i]);
	free(plan->passwords);
	free(plan->list);
	*plan = (struct rooms_plan){ 0 };
}

static int copy_passwords(struct rooms_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		if (settings_copy_text(&plan->passwords[i], plan->list[i].password) < 0)
			return -1;
	return 0;
}

int rooms_plan_make(struct rooms_plan *plan, struct chat *chat, const struct settings *settings)
{
	plan->count = settings->room_count + 1;
	plan->list = calloc(plan->count, sizeof(*plan->list));
	plan->passwords = calloc(plan->count, sizeof(*plan->passwords));
	if (plan->list != NULL && plan->passwords != NULL) {
		plan->list[0] = settings_first_room(settings);
		for (size_t i = 1; i < plan->count; i++)
			plan->list[i] = settings->rooms[i - 1];
		if (copy_passwords(plan) == 0 &&
			add_rooms(&chat->rooms, plan->list, plan->count, chat->now) == 0)
			return 0;
	}
	rooms_plan_finish(plan, chat);
	return -1;
}

