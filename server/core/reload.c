/*
 * New settings (reload.h). The rule: all memory is taken first, so everything changes or nothing.
 */
#include "server/core/reload.h"

#include <string.h>

#include "server/core/room/context.h"
#include "server/core/room/rooms_plan.h"

static bool same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

int reload_settings(struct chat *chat, const struct settings *settings)
{
	struct settings copy, old = chat->settings;
	struct rooms_plan plan = { 0 };

	if (settings_copy(&copy, settings) < 0)
		return -1;
	copy.max_clients = old.max_clients;
	copy.feed_bytes = old.feed_bytes;
	chat->settings = copy;
	if (chat_fit(chat) < 0 || rooms_plan_make(&plan, chat, &copy) < 0 ||
		bots_read(&chat->bots, copy.bots) < 0) {
		rooms_plan_finish(&plan, chat);
		chat->settings = old;
		settings_finish(&copy);
		return -1;
	}
	rooms_plan_warn(&plan, chat);
	rooms_plan_carry_out(&plan, chat);
	/* The newest counts: a file that was changed, or else what /motd has set. */
	if (chat->motd != NULL && !same_text(old.motd, copy.motd)) {
		settings_set_text(&chat->motd, NULL, 0);
		chat->store_changes++;
	}
	settings_finish(&old);
	chat->stamp = (struct stamp){ 0 }; /* the time zone may be another one, too */
	for (uint32_t i = 0; i < chat->clients.top; i++) {
		if (chat->clients.list[i].state == CLIENT_HERE)
			chat_reset_rate(chat, &chat->clients.list[i]);
		if (chat->clients.list[i].state != CLIENT_FREE)
			chat_wake_client(chat, &chat->clients.list[i], chat->now.usec);
	}
	chat_wake_at(chat, chat->now.usec);
	return 0;
}
