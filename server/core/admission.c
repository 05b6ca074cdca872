/*
 * Admission (admission.h). The rule: a newcomer gets the lowest free slot or one line that says why
 * not, whatever else goes on.
 */
#include "server/core/admission.h"

#include <stdio.h>
#include <string.h>

#include "server/core/room/presence.h"

/* Those that speak HTTP, of a host. */
static uint32_t count_http(const struct chat *chat, const struct address *from)
{
	uint32_t count = 0;

	for (uint32_t i = chat->clients.max + chat->clients.refusals; i < chat->clients.top; i++)
		if (chat->clients.list[i].state == CLIENT_HTTP &&
			address_same_host(&chat->clients.list[i].from, from))
			count++;
	return count;
}

/* Whether there are so many of a host. They are looked at only if as many have its hash. */
static bool has_host(const struct chat *chat, const struct address *from, uint32_t most)
{
	uint32_t count = count_http(chat, from);

	if (count + chat->hosts[address_host_hash(from) % CHAT_HOSTS] < most)
		return false;
	for (uint32_t i = 0; i < chat->clients.top && i < chat->clients.max && count < most; i++) {
		const struct client *client = &chat->clients.list[i];

		if ((client->state == CLIENT_HERE || client->state == CLIENT_AUTH) &&
			address_same_host(&client->from, from))
			count++;
	}
	return count >= most;
}

struct client *admission_take_place(struct chat *chat)
{
	struct client *client = clients_take(&chat->clients, CLIENTS_REFUSED);

	if (clients_full(&chat->clients, CLIENTS_REFUSED))
		chat_wake_at(chat, chat->now.usec);
	return client;
}

bool admission_is_crowded(const struct chat *chat, const struct address *from, uint32_t others)
{
	uint32_t most = address_is_loopback(from) ? chat->settings.max_per_host_local
						  : chat->settings.max_per_host;

	return most > 0 && has_host(chat, from, most + others);
}

struct room *admission_room(const struct chat *chat, const char *name, unsigned how)
{
	struct room *room;

	if (name == NULL || *name == '\0')
		return rooms_first(&chat->rooms);
	room = rooms_find(&chat->rooms, (struct slice){ name, strlen(name) });
	return room != NULL && room->is_for_operators && !(how & CHAT_OPERATOR) ? NULL : room;
}

bool admission_allows(struct chat *chat, const struct room *room, const struct address *from,
	uint32_t others, struct refusal *refusal)
{
	const struct ban *ban = bans_find(&chat->bans, from, chat->now.usec);
	char text[BAN_TEXT_MAX];

	refusal->code = WEBSOCKET_TRY_AGAIN_LATER;
	refusal->is_for_now = ban == NULL && room != NULL;
	if (ban != NULL) {
		refusal->code = WEBSOCKET_BANNED;
		ban_text(text, ban, chat->now);
		snprintf(refusal->why, sizeof(refusal->why), "you are banned from this server%s",
			text);
	} else if (admission_is_crowded(chat, from, others)) {
		snprintf(refusal->why, sizeof(refusal->why),
			"too many connections from your address");
	} else if (clients_full(&chat->clients, CLIENTS_SLOTS)) {
		snprintf(refusal->why, sizeof(refusal->why),
			"server full (%u of %u clients), try again later",
			(unsigned)chat->clients.used, (unsigned)chat->clients.max);
	} else if (room == NULL) {
		snprintf(refusal->why, sizeof(refusal->why), "the room of this address is closed");
	} else {
		return true;
	}
	return false;
}

bool admission_allows_for(struct chat *chat, const struct client *other, const struct address *from)
{
	return bans_find(&chat->bans, from, chat->now.usec) == NULL &&
		!admission_is_crowded(chat, from, address_same_host(&other->from, from));
}

/* Whether somebody who is here has a token that might be shown. */
static bool is_token_held(struct chat *chat)
{
	struct client *c = NULL;

	while (chat->may_hold_tokens && (c = chat_next_client(chat, c)) != NULL)
		if (c->user.has_token)
			return true;
	chat->may_hold_tokens = false;
	return false;
}

void admission_refuse(struct chat *chat, struct client *client, struct room *room,
	const struct refusal *refusal)
{
	if (!refusal->is_for_now)
		room = rooms_first(&chat->rooms);
	presence_refuse(chat, client, room, refusal->why);
	if (!refusal->is_for_now || !is_token_held(chat))
		return;
	client->state = CLIENT_REFUSED;
	client->due = chat->now.usec + PRESENCE_RETURN_MS * TIME_MS;
	chat_wake_client(chat, client, client->due);
}

void admission_log_refusal(struct chat *chat, const struct address *from, const char *why)
{
	char address[ADDRESS_TEXT_MAX], head[sizeof(struct refusal) + ADDRESS_TEXT_MAX + 64];
	int len;

	chat->counters.refused++;
	address_text(address, from);
	len = snprintf(head, sizeof(head), "connect from %s refused: %s. TIME: %s", address, why,
		chat_stamp(chat));
	log_text(chat->log, LOG_AT_NOTICE, (struct slice){ head, (size_t)len },
		(struct slice){ "", 0 });
}

struct client *admission_connect(struct chat *chat, const struct address *from, unsigned how,
	const char *room_name)
{
	struct room *room = admission_room(chat, room_name, how);
	struct refusal refusal;
	struct client *client;

	chat->counters.connects++;
	if (admission_allows(chat, room, from, 0, &refusal)) {
		client = clients_take(&chat->clients, CLIENTS_SLOTS);
		chat_enter(chat, client, room);
		chat_touch(chat, client);
		presence_connect(chat, client, from, how);
		return client;
	}
	client = admission_take_place(chat);
	admission_log_refusal(chat, from, refusal.why);
	if (client == NULL)
		return NULL;
	client->from = *from;
	client->user.is_operator = (how & CHAT_OPERATOR) != 0;
	client->wire.crlf = (how & CHAT_TELNET) != 0;
	admission_refuse(chat, client, room, &refusal);
	if ((how & CHAT_TELNET) && client->state == CLIENT_REFUSED)
		presence_begin_telnet(chat, client);
	return client;
}

void admission_make_room(struct chat *chat)
{
	struct client *first = &chat->clients.list[chat->clients.max];

	if (!clients_full(&chat->clients, CLIENTS_REFUSED))
		return;
	for (int i = 0; i < CLIENTS_REFUSALS / 2; i++) {
		struct client *oldest = first;

		for (struct client *c = first; c < first + CLIENTS_REFUSALS; c++)
			if (oldest->state == CLIENT_GONE ||
				(c->state != CLIENT_GONE && c->due < oldest->due))
				oldest = c;
		oldest->state = CLIENT_GONE;
		chat_touch(chat, oldest);
	}
}
