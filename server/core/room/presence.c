/*
 * Coming and going (presence.h). The rule: what the room knows of it changes when the
 * event is applied (room.h); here is decided that somebody comes or goes, and what
 * becomes of the connection.
 */
#include "server/core/room/presence.h"

#include <stdio.h>
#include <string.h>

#include "server/core/room/backpressure.h"
#include "server/core/room/delivery.h"
#include "server/core/room/echo.h"
#include "server/core/room/lookup.h"
#include "server/core/room/position.h"
#include "server/core/room/roster.h"
#include "server/core/room/tell.h"
#include "server/core/wire/sniff.h"

static const char default_name[] = "chatd";

static void log_connect(struct chat *chat, const struct client *client)
{
	char address[ADDRESS_TEXT_MAX];

	address_text(address, &client->from);
	log_line(chat->log, LOG_AT_INFO,
		"client (#%u) connect from %s, number of current clients: %u. TIME: %s",
		(unsigned)clients_index(&chat->clients, client) + 1, address,
		(unsigned)chat->client_count, chat_stamp(chat));
}

void presence_begin_telnet(struct chat *chat, struct client *client)
{
	uint8_t ask[TELNET_ANSWER_MAX];
	size_t len = wire_begin_telnet(&client->wire, ask);

	if (len > 0)
		tell_bytes(chat, client, ask, len);
	else
		chat_fail_client(chat, client);
}

void client_close_with(struct client *client, enum websocket_code code)
{
	if (client->close_code == 0)
		client->close_code = (uint16_t)code;
}

void presence_connect(struct chat *chat, struct client *client, const struct address *from,
	unsigned how)
{
	struct room *room = client->member.room;

	client->from = *from;
	client->user.is_operator = (how & CHAT_OPERATOR) != 0;
	client->member.cursor = room_visible(room);
	client->member.grace = BACKPRESSURE_GRACE;
	client->last_activity = chat->now.usec;
	client->user.since = (uint32_t)chat->now.time;
	chat_count(chat, client, true);
	if (chat->client_count > chat->counters.peak)
		chat->counters.peak = chat->client_count;
	log_connect(chat, client);
	if (how & CHAT_TELNET)
		presence_begin_telnet(chat, client);
	if (room->password == NULL || client->user.is_operator) {
		presence_enter(chat, client);
		return;
	}
	client->state = CLIENT_AUTH;
	client->due = chat->now.usec + PRESENCE_AUTH_MS * TIME_MS;
	chat_wake_client(chat, client, client->due);
	tell_answer(chat, client, "password:");
	/* A password that looks like another protocol is a password. */
	client->wire.identified = sniff_line(room->password, strlen(room->password), true) != NULL;
	if (wire_is_telnet(&client->wire))
		echo_hide(chat, client);
}

void presence_motd(struct chat *chat, struct client *client)
{
	const char *motd = chat_motd(chat);

	while (motd != NULL && *motd != '\0') {
		size_t len = strcspn(motd, "\n");

		tell_text(chat, client, MESSAGE_ANSWER, (struct slice){ 0 },
			(struct slice){ motd, len });
		motd += len + (motd[len] == '\n');
	}
}

static void greet(struct chat *chat, struct client *client)
{
	const char *name = chat->settings.name;
	char limit[48] = "", room[NICK_MAX + 16] = "";

	if (chat->settings.max_message != MESSAGE_DEFAULT)
		snprintf(limit, sizeof(limit), "messages up to %u bytes, ",
			(unsigned)chat->settings.max_message);
	if (lookup_count(chat, client) > 1)
		snprintf(room, sizeof(room), "room %s, ", client->member.room->name);
	tell_answer(chat, client, "%s: you are #%u, %u of %u online, %s%s%s/help for help",
		name != NULL ? name : default_name,
		(unsigned)clients_index(&chat->clients, client) + 1, (unsigned)chat->client_count,
		(unsigned)chat->clients.max, room, limit, client->is_reader ? "for reading, " : "");
	presence_motd(chat, client);
	tell_topic(chat, client);
}

void presence_enter(struct chat *chat, struct client *client)
{
	client->state = CLIENT_HERE;
	clients_note_user(&chat->clients, client);
	client->tries = 0;
	client->tat = 0;
	client->member.cursor = room_visible(client->member.room);
	client->last_activity = chat->now.usec;
	greet(chat, client);
	tell_operator_state(chat, client);
	/* One who comes back asks for what it lacks. */
	if (client_resumption(client) == NULL)
		position_replay(client, client->member.room->replay);
	chat_wake_client_about(chat, client,
		client->last_activity + PRESENCE_ANNOUNCE_MS * TIME_MS);
	if (chat->settings.idle_timeout > 0)
		chat_wake_client_about(chat, client,
			client->last_activity + (int64_t)chat->settings.idle_timeout * TIME_SECOND);
}

/* A session has left, as far as the room is told; it may still come back, as a newcomer does. */
static void give_up(struct chat *chat, struct session *session)
{
	char who[WHO_MAX];
	size_t len = session->user.nick_len;
	bool is_known = len > 0 || session->number > 0;

	if (len > 0)
		memcpy(who, session->user.nick, len);
	else
		len = (size_t)snprintf(who, sizeof(who), "#%u", (unsigned)session->number);
	session->number = 0;
	if (is_known)
		room_leave(chat, session->room, &session->user, (struct slice){ who, len },
			(struct slice){ 0 });
}

void presence_take_number(struct chat *chat, const struct client *client)
{
	struct session *namesake = sessions_by_number(&chat->sessions,
		clients_index(&chat->clients, client) + 1);

	if (client->user.nick_len == 0 && namesake != NULL)
		give_up(chat, namesake);
}

void presence_announce(struct chat *chat, struct client *client)
{
	if (client->member.announced || client->joining || client->is_reader ||
		client->state != CLIENT_HERE)
		return;
	presence_take_number(chat, client);
	client->joining = true;
	/*
	 * The time of its announcement does not count any more: its deadlines are looked at again.
	 */
	chat_wake_client(chat, client, chat->now.usec);
	room_join(chat, client);
}

void presence_part(struct chat *chat, struct client *client)
{
	if (client->member.announced || client->joining)
		room_part(chat, client);
}

struct room *presence_make_room(struct chat *chat, const char *name)
{
	const struct room_settings made = { .name = name, .feed_bytes = chat->settings.feed_bytes,
		.replay = chat->settings.replay };
	struct room *room = rooms_add(&chat->rooms, &made, chat->now);

	if (room != NULL)
		presence_left_room(chat, room);
	return room;
}

void presence_left_room(struct chat *chat, struct room *room)
{
	if (room->is_configured)
		return;
	room->ends_at = chat->now.usec + (int64_t)PRESENCE_EMPTY_S * TIME_SECOND;
	if (room->ends_at < chat->rooms.ends_at)
		chat->rooms.ends_at = room->ends_at;
	chat_wake_at(chat, room->ends_at);
}

void presence_move(struct chat *chat, struct client *client, struct room *room)
{
	struct member *m = &client->member;
	uint64_t visible = room_visible(room);

	presence_left_room(chat, m->room);
	chat_enter(chat, client, room);
	chat_touch(chat, client);
	outbox_hurry(&client->outbox);
	*m = (struct member){ .room = room, .cursor = visible,
		.tagged_from = m->tagged_from > 0 ? visible : 0,
		.unread_bytes = m->unread_bytes, .grace = m->grace };
	client->joining = false;
	client->member.lagging = false;
	log_client(chat, client, LOG_AT_INFO, "goes to room %s", room->name);
}

/* Moves a user out of its client; what the client still sends is filtered as before. */
static struct session *keep_user(struct chat *chat, struct client *client)
{
	struct session *session = sessions_add(&chat->sessions);

	if (session == NULL)
		return NULL;
	user_move(&session->user, &client->user);
	client->user.ignores = ignores_share(session->user.ignores);
	client->user.is_quiet = session->user.is_quiet;
	session->room = client->member.room;
	session->number = clients_index(&chat->clients, client) + 1;
	sessions_note_user(&chat->sessions, session);
	return session;
}

/* Keeps the session of one who may come back; false if it can't, or there is no memory to. */
static bool keep_session(struct chat *chat, struct client *client, enum leaving how)
{
	int64_t due = chat->now.usec + (int64_t)SESSION_SECONDS * TIME_SECOND;
	struct session *session;

	if (how != LEAVING_LOST || !client->user.has_token)
		return false;
	session = keep_user(chat, client);
	if (session == NULL)
		return false;
	session->due = due;
	/* One that the room does not know of has no number there. */
	if (!client->member.announced && !client->joining)
		session->number = 0;
	if (client->member.announced)
		client->member.room->online--;
	client->member.announced = false;
	/* No more are waited for than could come back. */
	if (chat->sessions.count > chat->clients.max)
		session_expire(chat, sessions_first(&chat->sessions));
	chat_wake_at(chat, due);
	return true;
}

/* The room is told that an announced client has left; an external order says when. */
void presence_leave_room(struct chat *chat, struct client *client, struct slice reason)
{
	char who[WHO_MAX];
	size_t len = roster_who(chat, client, who);
	struct session *session;

	if (!client->member.announced && !client->joining)
		return;
	session = chat->order.external ? keep_user(chat, client) : NULL;
	if (session != NULL) {
		session->leaving = true;
		session->counted = client->member.announced;
		client->member.announced = false;
	}
	room_leave(chat, client->member.room, session != NULL ? &session->user : &client->user,
		(struct slice){ who, len }, reason);
}

void presence_leave(struct chat *chat, struct client *client, enum leaving how, const char *text,
	size_t len)
{
	bool was_here = client->state == CLIENT_HERE;
	uint64_t until = was_here ? client->member.room->feed.next : client->member.cursor;

	if (!was_here && client->state != CLIENT_AUTH)
		return;
	chat_count(chat, client, false);
	if (client->user.nick_len > 0)
		chat->store_changes += claims_touch(&chat->claims,
			(struct slice){ client->user.nick, client->user.nick_len }, chat->now.time);
	log_client(chat, client, LOG_AT_INFO, "exit, number of current clients: %u",
		(unsigned)chat->client_count);
	presence_left_room(chat, client->member.room);
	if (!keep_session(chat, client, how))
		presence_leave_room(chat, client, (struct slice){ text, len });
	client->user.nick_len = 0;
	client->list = LIST_NONE;
	client->pausing = client->joining = client->is_moving = false;
	/* One who says that it leaves need not end its side: its slot is free when it has all. */
	client->quits = how == LEAVING_WISH;
	client_close_with(client, how == LEAVING_WISH ? WEBSOCKET_NORMAL : WEBSOCKET_GOING_AWAY);
	client_forget_input(client);
	client->state = client->deaf ? CLIENT_GONE : CLIENT_LEAVING;
	client->until = until;
	chat_touch(chat, client);
	client->due = chat->now.usec + PRESENCE_OWED_MS * TIME_MS;
	chat_wake_client(chat, client, client->due);
	client_drain(chat, client);
}

void presence_throw_out(struct chat *chat, struct client *client, enum websocket_code code,
	struct slice reason)
{
	const char *how = code == WEBSOCKET_KICKED ? "kicked" : "banned";

	if (reason.len == 0)
		reason = (struct slice){ how, strlen(how) };
	client_close_with(client, code);
	presence_leave(chat, client, LEAVING_THROWN, reason.bytes, reason.len);
}

void presence_close_banned(struct chat *chat, const struct ban *ban)
{
	struct slice reason = { ban->reason, ban->reason != NULL ? strlen(ban->reason) : 0 };
	char text[BAN_TEXT_MAX];

	ban_text(text, ban, chat->now);
	for (uint32_t i = 0; i < chat->clients.top && i < chat->clients.max; i++) {
		struct client *person = &chat->clients.list[i];

		if ((person->state != CLIENT_HERE && person->state != CLIENT_AUTH) ||
			person->user.is_operator || !prefix_covers(&ban->prefix, &person->from))
			continue;
		tell_error(chat, person, "you were banned%s", text);
		presence_throw_out(chat, person, WEBSOCKET_BANNED, reason);
	}
}

void presence_kick(struct chat *chat, struct client *client, struct slice reason)
{
	if (reason.len > 0)
		tell_error(chat, client, "you were kicked: %.*s", (int)reason.len, reason.bytes);
	else
		tell_error(chat, client, "you were kicked");
	presence_throw_out(chat, client, WEBSOCKET_KICKED, reason);
}

void client_reject(struct chat *chat, struct client *client, const struct alien *alien)
{
	log_line(chat->log, alien->misrouted ? LOG_AT_WARNING : LOG_AT_NOTICE,
		"client (#%u) is no chat client: %s",
		(unsigned)clients_index(&chat->clients, client) + 1, alien->name);
	chat->counters.strangers++;
	if (alien->answer != NULL)
		tell_error(chat, client, "%s", alien->answer);
	else
		client->deaf = true;
	presence_leave(chat, client, LEAVING_THROWN, "", 0);
}

void client_stand_aside(struct chat *chat, struct client *client, struct room *room)
{
	client->state = CLIENT_LEAVING;
	chat_enter(chat, client, room);
	chat_touch(chat, client);
	client->member.cursor = client->until = client->member.room->feed.next;
}

void presence_refuse(struct chat *chat, struct client *client, struct room *room, const char *text)
{
	client_stand_aside(chat, client, room);
	client->due = chat->now.usec + PRESENCE_LINGER_MS * TIME_MS;
	chat_wake_client(chat, client, client->due);
	tell_error(chat, client, "%s", text);
}

void client_linger(struct chat *chat, struct client *client)
{
	client_stand_aside(chat, client, rooms_first(&chat->rooms));
	client_drain(chat, client);
}

void client_drain(struct chat *chat, struct client *client)
{
	int64_t patience = PRESENCE_OWED_MS;

	if (client->state != CLIENT_LEAVING || client->shut)
		return;
	if (!delivery_is_owing(client)) {
		client->shut = true;
		chat_change(chat, client);
		patience = PRESENCE_LINGER_MS;
	}
	client->due = chat->now.usec + patience * TIME_MS;
	chat_wake_client(chat, client, client->due);
}

void session_expire(struct chat *chat, struct session *session)
{
	/* An order that applies later takes the session away then. */
	if (chat->order.external && (session->user.nick_len > 0 || session->number > 0)) {
		session->leaving = true;
		give_up(chat, session);
		return;
	}
	give_up(chat, session);
	sessions_remove(&chat->sessions, session);
}
