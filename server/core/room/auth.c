/*
 * The password of a room (auth.h). The rule: a wrong one is answered when its pause is
 * over, whatever else comes.
 */
#include "server/core/room/auth.h"

#include <string.h>

#include "server/core/base/secret.h"
#include "server/core/room/echo.h"
#include "server/core/room/presence.h"
#include "server/core/room/tell.h"

static void wait_for(struct chat *chat, struct client *client, int64_t ms)
{
	client->due = chat->now.usec + ms * TIME_MS;
	chat_wake_client(chat, client, client->due);
}

bool auth_is_ready(const struct client *client)
{
	return !client->pausing;
}

static void let_in(struct chat *chat, struct client *client)
{
	client->pausing = false;
	echo_show(chat, client);
	presence_enter(chat, client);
	/* It may have been asked for before the password. */
	if (client_resumption(client) != NULL)
		chat_await(chat, client);
}

void auth_open(struct chat *chat, struct client *client)
{
	if (client->state == CLIENT_AUTH && client->member.room->password == NULL)
		let_in(chat, client);
}

void auth_try(struct chat *chat, struct client *client, const char *line, size_t len)
{
	const char *password = client->member.room->password;

	if (secret_equal(password, strlen(password), line, len)) {
		let_in(chat, client);
		return;
	}
	log_client(chat, client, LOG_AT_NOTICE, "gave a wrong password");
	client->pausing = true;
	wait_for(chat, client, (int64_t)AUTH_PAUSE_MS << client->tries++);
}

void auth_tick(struct chat *chat, struct client *client)
{
	if (client->pausing) {
		client->pausing = false;
		tell_error(chat, client, "wrong password");
		if (client->tries >= AUTH_TRIES)
			client_close_with(client, WEBSOCKET_WRONG_PASSWORD);
		if (client->tries < AUTH_TRIES) {
			tell_answer(chat, client, "password:");
			wait_for(chat, client, PRESENCE_AUTH_MS);
			return;
		}
	} else {
		tell_error(chat, client, "no password was given");
		client_close_with(client, WEBSOCKET_IDLE);
	}
	presence_leave(chat, client, LEAVING_THROWN, "", 0);
}
