#include "server/core/room/auth.h"

#include <string.h>

#include "server/core/room/presence.h"
#include "server/core/base/secret.h"

static void wait_for(struct room *room, struct client *client, int64_t ms)
{
	client->due = room->now.usec + ms * TIME_MS;
	room_wake_at(room, client->due);
}

bool auth_is_ready(const struct client *client)
{
	return !client->pausing;
}

static void offer_echo(struct room *room, struct client *client, bool on)
{
	uint8_t offer[TELNET_ANSWER_MAX];
	size_t len;

	if (client->telnet == NULL)
		return;
	len = telnet_offer_echo(client->telnet, on, offer);
	if (len > 0)
		room_tell_raw(room, client, offer, len);
}

void auth_hide_typing(struct room *room, struct client *client)
{
	if (client->state == CLIENT_AUTH)
		offer_echo(room, client, true);
}

void auth_try(struct room *room, struct client *client, const char *line, size_t len)
{
	const char *password = room->settings.password;

	if (password == NULL || secret_equal(password, strlen(password), line, len)) {
		offer_echo(room, client, false);
		presence_enter(room, client);
		return;
	}
	room_log(room, client, LOG_AT_NOTICE, "gave a wrong password");
	client->pausing = true;
	wait_for(room, client, (int64_t)AUTH_PAUSE_MS << client->tries++);
}

void auth_tick(struct room *room, struct client *client)
{
	if (client->pausing) {
		client->pausing = false;
		room_error(room, client, "wrong password");
		if (client->tries < AUTH_TRIES) {
			room_answer(room, client, "password:");
			wait_for(room, client, PRESENCE_AUTH_MS);
			return;
		}
	} else {
		room_error(room, client, "no password was given");
	}
	presence_leave(room, client, LEAVING_THROWN, "", 0);
}
