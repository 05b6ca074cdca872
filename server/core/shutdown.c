/*
 * The end of the server (shutdown.h). The rule: everybody is told, and gets what they are owed.
 */
#include "server/core/shutdown.h"

#include <stdio.h>

#include "server/core/room/context.h"
#include "server/core/room/tell.h"
#include "server/core/tick.h"

enum { SHUTDOWN_TEXT = 1024 }; /* bytes of a reason that one node gives its people */

/* Of several nodes one ends: the room goes on, so its own people alone are told. */
static void tell_shutdown(struct chat *chat, struct slice text)
{
	static const char why[] = "server shutting down";
	char line[sizeof(why) + 3 + SHUTDOWN_TEXT];
	int all = text.len > 0 ? snprintf(line, sizeof(line), "%s (%.*s)", why,
		(int)(text.len < SHUTDOWN_TEXT ? text.len : SHUTDOWN_TEXT), text.bytes)
		: snprintf(line, sizeof(line), "%s", why);

	for (struct client *c = NULL; (c = chat_next_client(chat, c)) != NULL;)
		tell_text(chat, c, MESSAGE_EVENT, (struct slice){ 0 },
			(struct slice){ line, (size_t)all });
}

void shutdown_begin(struct chat *chat, struct slice text)
{
	struct room *room = NULL;

	chat->closing = true;
	if (chat->share != NULL) {
		tell_shutdown(chat, text);
		tick_close(chat);
		return;
	}
	while ((room = rooms_next(&chat->rooms, room)) != NULL) {
		if (text.len > 0)
			room_notice(chat, room, "server shutting down (%.*s)", (int)text.len,
				text.bytes);
		else
			room_notice(chat, room, "server shutting down");
	}
	tick_close(chat);
}
