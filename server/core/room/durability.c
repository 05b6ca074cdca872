/*
 * Whether lines are on disk (durability.h). The rule: a line that may not be seen yet is seen by
 * nobody, its author included.
 */
#include "server/core/room/durability.h"

#include <stdio.h>

#include "server/core/room/context.h"
#include "server/core/room/tell.h"

void durability_set(struct chat *chat, struct room *room, uint64_t id)
{
	if (room->durable == id)
		return;
	chat_owe_room(chat, room);
	rooms_stir(&chat->rooms, room);
	room->durable = id;
}

/* What operators are told of the history of one room; the only room there is needs no name. */
static void name_history(const struct chat *chat, const struct room *room, char out[64])
{
	if (chat->rooms.count == 1)
		snprintf(out, 64, "the history");
	else
		snprintf(out, 64, "the history of room %s", room->name);
}

void durability_failed(struct chat *chat, struct room *room, const char *reason)
{
	char history[64];

	name_history(chat, room, history);
	snprintf(room->history_fault, sizeof(room->history_fault), "%s can't be written: %s",
		history, reason);
	log_line(chat->log, LOG_AT_ERROR, "%s. TIME: %s", room->history_fault, chat_stamp(chat));
	tell_operators(chat, room->history_fault);
}

void durability_works(struct chat *chat, struct room *room, uint64_t lost)
{
	char text[192], history[64];

	chat->counters.history_lost += lost;
	*room->history_fault = '\0';
	name_history(chat, room, history);
	snprintf(text, sizeof(text), "%s is written again, %llu lines are not in it", history,
		(unsigned long long)lost);
	log_line(chat->log, LOG_AT_NOTICE, "%s. TIME: %s", text, chat_stamp(chat));
	tell_operators(chat, text);
}
