/*
 * Passwords that are not shown (echo.h): the server offers ECHO (RFC 857,
 * https://www.rfc-editor.org/rfc/rfc857) and echoes nothing. The rule: it is offered only to those
 * who speak telnet and are asked for a password.
 */
#include "server/core/room/echo.h"

#include "server/core/room/context.h"
#include "server/core/room/tell.h"

static void offer(struct chat *chat, struct client *client, bool on)
{
	uint8_t bytes[TELNET_ANSWER_MAX];
	size_t len = wire_offer_echo(&client->wire, on, bytes);

	if (len > 0)
		tell_bytes(chat, client, bytes, len);
}

void echo_hide(struct chat *chat, struct client *client)
{
	const struct move *m = client_move(client);

	if (client->state == CLIENT_AUTH || (m != NULL && m->asks))
		offer(chat, client, true);
}

void echo_show(struct chat *chat, struct client *client)
{
	offer(chat, client, false);
}
