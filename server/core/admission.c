/*
 * Admission (admission.h). The rule: a newcomer gets the lowest free slot or one line that says why
 * not, whatever else goes on.
 */
#include "server/core/admission.h"

#include <stdio.h>

#include "server/core/room/presence.h"

static uint32_t count_host(const struct chat *chat, const struct address *from)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < chat->clients.top && i < chat->clients.max; i++) {
		const struct client *client = &chat->clients.list[i];

		if ((client->state == CLIENT_HERE || client->state == CLIENT_AUTH) &&
			address_same_host(&client->from, from))
			count++;
	}
	return count;
}

struct client *admission_take_place(struct chat *chat)
{
	struct client *client = clients_take(&chat->clients, true);

	if (clients_full(&chat->clients, true))
		chat_wake_at(chat, chat->now.usec);
	return client;
}

static struct client *refuse(struct chat *chat, const struct address *from, unsigned how,
	const char *why)
{
	char address[ADDRESS_TEXT_MAX];
	struct client *client = admission_take_place(chat);

	chat->counters.refused++;
	address_text(address, from);
	log_line(chat->log, LOG_AT_NOTICE, "connect from %s refused: %s. TIME: %s", address, why,
		chat_stamp(chat));
	if (client == NULL)
		return NULL;
	client->wire.crlf = (how & CHAT_TELNET) != 0;
	presence_refuse(chat, client, from, why);
	return client;
}

struct client *admission_connect(struct chat *chat, const struct address *from, unsigned how)
{
	uint32_t most = chat->settings.max_per_host;
	struct client *client;
	char full[96];

	chat->counters.connects++;
	if (bans_find(&chat->bans, from, chat->now.time) != NULL)
		return refuse(chat, from, how, "you are banned from this server");
	if (most > 0 && count_host(chat, from) >= most)
		return refuse(chat, from, how, "too many connections from your address");
	client = clients_take(&chat->clients, false);
	if (client == NULL) {
		snprintf(full, sizeof(full), "server full (%u of %u clients), try again later",
			(unsigned)chat->clients.used, (unsigned)chat->clients.max);
		return refuse(chat, from, how, full);
	}
	presence_connect(chat, client, from, how);
	return client;
}

void admission_make_room(struct chat *chat)
{
	struct client *first = &chat->clients.list[chat->clients.max];

	if (!clients_full(&chat->clients, true))
		return;
	for (int i = 0; i < CLIENTS_REFUSALS / 2; i++) {
		struct client *oldest = first;

		for (struct client *c = first; c < first + CLIENTS_REFUSALS; c++)
			if (oldest->state == CLIENT_GONE ||
				(c->state != CLIENT_GONE && c->due < oldest->due))
				oldest = c;
		oldest->state = CLIENT_GONE;
	}
}
