/*
 * What the shell is to do with the connection of a place (wants.h). The rule: whatever changes the
 * answer names the place (chat_change()), so that nothing has to be asked of those that are quiet.
 */
#include "server/core/wants.h"

#include "server/core/chat.h"
#include "server/core/input.h"
#include "server/core/room/context.h"
#include "server/core/room/delivery.h"
#include "server/core/web.h"

/*
 * One that leaves and has been sent all. A WebSocket is closed by both before its connection ends.
 */
static unsigned wants_at_end(const struct client *client)
{
	if (client->ended || client->deaf)
		return CHAT_FREE;
	if (client->is_framed && wire_awaits_close(&client->wire))
		return CHAT_READ;
	return CHAT_SHUT | CHAT_READ | (client->quits ? CHAT_DONE : 0u);
}

/* One that may not be read from yet is asked again in each turn. */
static unsigned listen(struct chat *chat, struct client *client)
{
	if (client->wire.backlog == NULL && !client->ended && !client->eof && !client->failed &&
		input_may_go_on(chat, client))
		return CHAT_READ;
	chat_change(chat, client);
	return 0;
}

unsigned wants_of(struct chat *chat, struct client *client)
{
	unsigned wants = 0;

	if (client->state != CLIENT_HTTP && delivery_is_pending(client))
		wants = CHAT_WRITE;
	switch ((enum client_state)client->state) {
	case CLIENT_FREE:
		return 0;
	case CLIENT_AUTH:
	case CLIENT_HERE:
		return wants | listen(chat, client);
	case CLIENT_LEAVING:
		if (!delivery_is_owing(client))
			return wants_at_end(client);
		return client->ended ? wants : wants | CHAT_READ;
	case CLIENT_HTTP:
		return web_is_answering(client) ? CHAT_WRITE : CHAT_READ;
	case CLIENT_REFUSED:
		return wants | CHAT_READ;
	case CLIENT_GONE:
		break;
	}
	return CHAT_FREE;
}
