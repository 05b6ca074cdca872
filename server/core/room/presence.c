#include "server/core/room/presence.h"

#include <stdio.h>
#include <string.h>

#include "server/core/room/backpressure.h"
#include "server/core/room/delivery.h"

static const char default_name[] = "chatd";

static void log_connect(struct room *room, const struct client *client)
{
	char address[ADDRESS_TEXT_MAX];

	address_text(address, &client->from);
	log_line(room->log, LOG_AT_INFO,
		"client (#%u) connect from %s, number of current clients: %u. TIME: %s",
		(unsigned)clients_index(&room->clients, client) + 1, address, (unsigned)room->client_count,
		room_stamp(room));
}

void presence_connect(struct room *room, struct client *client, const struct address *from,
	bool is_operator)
{
	client->from = *from;
	client->is_operator = is_operator;
	client->cursor = room_visible(room);
	client->grace = BACKPRESSURE_GRACE;
	client->last_activity = room->now.usec;
	client->since = (uint32_t)room->now.time;
	if (++room->client_count > room->counters.peak)
		room->counters.peak = room->client_count;
	log_connect(room, client);
	if (room->settings.password == NULL) {
		presence_enter(room, client);
		return;
	}
	client->state = CLIENT_AUTH;
	client->due = room->now.usec + PRESENCE_AUTH_MS * TIME_MS;
	room_wake_at(room, client->due);
	room_answer(room, client, "password:");
}

void presence_motd(struct room *room, struct client *client)
{
	const char *motd = room->settings.motd;

	while (motd != NULL && *motd != '\0') {
		size_t len = strcspn(motd, "\n");

		room_tell_text(room, client, MESSAGE_ANSWER, NULL, 0, motd, len);
		motd += len + (motd[len] == '\n');
	}
}

static void greet(struct room *room, struct client *client)
{
	const char *name = room->settings.name;
	char limit[48] = "";

	if (room->settings.max_message != MESSAGE_DEFAULT)
		snprintf(limit, sizeof(limit), "messages up to %u bytes, ",
			(unsigned)room->settings.max_message);
	room_answer(room, client, "%s: you are #%u, %u of %u online, %s/help for help",
		name != NULL ? name : default_name,
		(unsigned)clients_index(&room->clients, client) + 1, (unsigned)room->client_count,
		(unsigned)room->clients.max, limit);
	presence_motd(room, client);
}

void presence_enter(struct room *room, struct client *client)
{
	client->state = CLIENT_HERE;
	client->tat = 0;
	client->cursor = room_visible(room);
	client->last_activity = room->now.usec;
	greet(room, client);
	room_tell_operator(room, client);
	delivery_replay(room, client, room->settings.replay);
	room_wake_about(room, client->last_activity + PRESENCE_ANNOUNCE_MS * TIME_MS);
	if (room->settings.idle_timeout > 0)
		room_wake_about(room,
			client->last_activity + (int64_t)room->settings.idle_timeout * TIME_SECOND);
}

/* Above so many people nobody's coming and going is said. */
static bool is_announced(const struct room *room, uint32_t online)
{
	return online <= room->settings.announce_max;
}

/* One less is online already. */
static void say_left(struct room *room, const char *who, size_t who_len, const char *text,
	size_t len)
{
	if (!is_announced(room, room->online + 1))
		return;
	if (len > 0)
		room_event(room, "%.*s left (%.*s)", (int)who_len, who, (int)len, text);
	else
		room_event(room, "%.*s left (%u online)", (int)who_len, who,
			(unsigned)room->online);
}

/* The one who is waited for has left, for the room; *who is what it was called. */
static void give_up(struct room *room, struct session *session)
{
	char who[WHO_MAX];
	size_t len = session->nick_len;

	if (len > 0)
		memcpy(who, session->nick, len);
	else
		len = (size_t)snprintf(who, sizeof(who), "#%u", (unsigned)session->number);
	if (session->nick_len > 0 || session->number > 0)
		say_left(room, who, len, "", 0);
	session->number = 0;
}

void presence_take_number(struct room *room, const struct client *client)
{
	struct session *namesake = sessions_by_number(&room->sessions,
		clients_index(&room->clients, client) + 1);

	if (client->nick_len == 0 && namesake != NULL)
		give_up(room, namesake);
}

void presence_announce(struct room *room, struct client *client)
{
	char who[WHO_MAX];
	int len;

	if (client->announced || client->state != CLIENT_HERE)
		return;
	presence_take_number(room, client);
	client->announced = true;
	room->online++;
	len = (int)room_who(room, client, who);
	if (is_announced(room, room->online))
		room_event(room, "%.*s joined (%u online)", len, who, (unsigned)room->online);
}

/* Keeps the place of one who may come back; false if there is no reason or no memory to. */
static bool keep(struct room *room, struct client *client, enum leaving how)
{
	int64_t due = room->now.usec + (int64_t)SESSION_SECONDS * TIME_SECOND;

	if (how != LEAVING_LOST || !client->has_token)
		return false;
	/* No more are waited for than could come back. */
	if (room->sessions.count >= room->clients.max)
		session_expire(room, sessions_first(&room->sessions));
	if (sessions_add(&room->sessions, client, clients_index(&room->clients, client) + 1, due) < 0)
		return false;
	room_wake_at(room, due);
	return true;
}

void presence_leave(struct room *room, struct client *client, enum leaving how, const char *text,
	size_t len)
{
	char who[WHO_MAX];

	if (client->state != CLIENT_HERE && client->state != CLIENT_AUTH)
		return;
	client->until = client->state == CLIENT_HERE ? room->feed.next : client->cursor;
	if (client->announced) {
		room->online--;
		if (!keep(room, client, how))
			say_left(room, who, room_who(room, client, who), text, len);
	}
	room->client_count--;
	room_log(room, client, LOG_AT_INFO, "exit, number of current clients: %u",
		(unsigned)room->client_count);
	client->announced = false;
	client->nick_len = 0;
	client->list = LIST_NONE;
	client->pausing = false;
	/* Who says that it leaves need not end its side: its place is free as soon as it has all. */
	client->quits = how == LEAVING_WISH;
	client_forget_input(client);
	client->state = client->deaf ? CLIENT_GONE : CLIENT_LEAVING;
	client->due = room->now.usec + PRESENCE_OWED_MS * TIME_MS;
	room_wake_at(room, client->due);
	client_drain(room, client);
}

void client_reject(struct room *room, struct client *client, const struct alien *alien)
{
	log_line(room->log, alien->misrouted ? LOG_AT_WARNING : LOG_AT_NOTICE,
		"client (#%u) is no chat client: %s",
		(unsigned)clients_index(&room->clients, client) + 1, alien->name);
	room->counters.strangers++;
	if (alien->answer != NULL)
		room_error(room, client, "%s", alien->answer);
	else
		client->deaf = true;
	presence_leave(room, client, LEAVING_THROWN, "", 0);
}

void presence_refuse(struct room *room, struct client *client, const struct address *from,
	const char *text)
{
	client->from = *from;
	client->state = CLIENT_LEAVING;
	client->cursor = client->until = room->feed.next;
	client->due = room->now.usec + PRESENCE_LINGER_MS * TIME_MS;
	room_wake_at(room, client->due);
	room_error(room, client, "%s", text);
}

void client_linger(struct room *room, struct client *client)
{
	client->state = CLIENT_LEAVING;
	client->cursor = client->until = room->feed.next;
	client_drain(room, client);
}

void client_drain(struct room *room, struct client *client)
{
	int64_t patience = PRESENCE_OWED_MS;

	if (client->state != CLIENT_LEAVING || client->shut)
		return;
	if (!delivery_is_owing(room, client)) {
		client->shut = true;
		patience = PRESENCE_LINGER_MS;
	}
	client->due = room->now.usec + patience * TIME_MS;
	room_wake_at(room, client->due);
}

void session_expire(struct room *room, struct session *session)
{
	give_up(room, session);
	sessions_remove(&room->sessions, session);
}
