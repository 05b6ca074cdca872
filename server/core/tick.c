/*
 * The tick (tick.h). The rule: one who is looked at because of a deadline, and has another that is
 * still ahead, is put down for that.
 */
#include "server/core/tick.h"

#include "server/core/admission.h"
#include "server/core/command/join.h"
#include "server/core/input.h"
#include "server/core/readmission.h"
#include "server/core/room/auth.h"
#include "server/core/room/backpressure.h"
#include "server/core/room/presence.h"
#include "server/core/room/tell.h"
#include "server/core/share/beat.h"
#include "server/core/share/share.h"
#include "server/core/web.h"

/* One who is in the room: announced after a while, closed after a longer one. */
static void tick_here(struct chat *chat, struct client *client)
{
	int64_t announce = client->last_activity + PRESENCE_ANNOUNCE_MS * TIME_MS;
	int64_t idle = client->last_activity + (int64_t)chat->settings.idle_timeout * TIME_SECOND;

	if (chat->settings.idle_timeout > 0 && chat->now.usec >= idle) {
		tell_error(chat, client, "idle for %u seconds, disconnected",
			(unsigned)chat->settings.idle_timeout);
		client_close_with(client, WEBSOCKET_IDLE);
		presence_leave(chat, client, LEAVING_THROWN, "timed out", 9);
		return;
	}
	if (chat->settings.idle_timeout > 0)
		chat_wake_client_about(chat, client, idle);
	if (client->task == TASK_MOVE)
		join_tick(chat, client);
	if (client->is_reader)
		return;
	if (!client->member.announced && chat->now.usec >= announce)
		presence_announce(chat, client);
	else if (!client->member.announced)
		chat_wake_client_about(chat, client, announce);
}

/*
 * A browser that has been silent is asked whether it is there; one that is silent after that is
 * not. As long as nothing is read from it, it can't be heard.
 */
static void tick_websocket(struct chat *chat, struct client *client)
{
	uint8_t ping[WEBSOCKET_PUT_CONTROL_MAX];
	int64_t due;

	if (client->wire.backlog != NULL || !input_may_go_on(chat, client))
		client->wire.heard_at = (uint32_t)(chat->now.usec / CLIENT_STEP);
	due = client->wire.heard_at * CLIENT_STEP + PRESENCE_PING_MS * TIME_MS;
	if (client->is_pinged)
		due += PRESENCE_PONG_MS * TIME_MS;
	if (chat->now.usec < due) {
		chat_wake_in_step(chat, client, due);
		return;
	}
	if (client->is_pinged) {
		log_client(chat, client, LOG_AT_INFO, "does not answer");
		client->deaf = true;
		presence_leave(chat, client, LEAVING_LOST, "", 0);
		return;
	}
	client->is_pinged = true;
	if (outbox_add_raw(&client->outbox, ping, websocket_put_ping(ping)) < 0)
		chat_fail_client(chat, client);
	chat_wake_in_step(chat, client, due + PRESENCE_PONG_MS * TIME_MS);
}

/*
 * There was no memory for it: it goes. A WebSocket still gets the rest of a frame that has begun,
 * and a close frame, which take none; unless the handshake or a frame has begun that can't be
 * ended. No line goes out, so that none is missing before another.
 */
static void drop_failed(struct chat *chat, struct client *client)
{
	bool is_told = client->is_framed && !client->close_sent &&
		(client->state == CLIENT_HERE || client->state == CLIENT_AUTH);

	if (is_told) {
		client->failed = client->deaf = false;
		client_close_with(client, WEBSOCKET_INTERNAL_ERROR);
	}
	presence_leave(chat, client, LEAVING_THROWN, "out of memory", 13);
	if (is_told) {
		outbox_forget_lines(&client->outbox);
		client->until = client->member.cursor;
		client->member.replay_end = 0;
		client->member.replay_back = 0;
	}
}

static void tick_client(struct chat *chat, struct client *client)
{
	if (client->failed)
		drop_failed(chat, client);
	switch ((enum client_state)client->state) {
	case CLIENT_HERE:
		tick_here(chat, client);
		break;
	case CLIENT_AUTH:
		auth_open(chat, client);
		if (client->state == CLIENT_AUTH && chat->now.usec >= client->due)
			auth_tick(chat, client);
		if (client->state == CLIENT_AUTH)
			chat_wake_client(chat, client, client->due);
		break;
	case CLIENT_HTTP:
		web_tick(chat, client);
		break;
	case CLIENT_LEAVING:
		if (chat->now.usec >= client->due || client->failed)
			client->state = CLIENT_GONE;
		else
			chat_wake_client(chat, client, client->due);
		break;
	case CLIENT_REFUSED:
		if (client->failed)
			client->state = CLIENT_GONE;
		else if (chat->now.usec >= client->due)
			readmission_end(chat, client);
		else
			chat_wake_client(chat, client, client->due);
		break;
	case CLIENT_FREE:
	case CLIENT_GONE:
		break;
	}
	if (client->is_framed && (client->state == CLIENT_HERE || client->state == CLIENT_AUTH))
		tick_websocket(chat, client);
	chat_touch(chat, client);
}

/* Those whose deadlines have come. */
static void tick_clients(struct chat *chat)
{
	struct deadlines *d = &chat->work.deadlines;
	uint32_t place;

	/* One that is due again at once is so in the next turn. */
	for (uint32_t left = d->count; left > 0 &&
		deadlines_take(d, chat->now.usec, &place); left--)
		tick_client(chat, &chat->clients.list[place]);
}

/* Input that waits may have become due without an event. */
static void tick_waiting(struct chat *chat)
{
	const struct place_set *waiting = &chat->work.waiting;

	for (uint32_t i = 0; (i = place_set_next(waiting, i)) < waiting->size; i++)
		if (input_is_due(chat, &chat->clients.list[i]))
			chat_wake_at(chat, chat->now.usec);
}

static void tick_sessions(struct chat *chat)
{
	struct session *first;

	while ((first = sessions_first(&chat->sessions)) != NULL) {
		if (chat->now.usec < first->due) {
			chat_wake_at(chat, first->due);
			return;
		}
		session_expire(chat, first);
	}
}

static void end_room(struct chat *chat, struct room *room)
{
	share_end_room(chat, room);
	chat_end_room(chat, room);
}

/* Rooms that were made with /join and that nobody has been in for long enough end. */
static void end_rooms(struct chat *chat)
{
	struct room *room = NULL, *next;

	chat->rooms.ends_at = TIME_NEVER;
	for (room = rooms_first(&chat->rooms); room != NULL; room = next) {
		next = rooms_next(&chat->rooms, room);
		if (room->ends_at == 0)
			continue;
		if (chat->now.usec < room->ends_at && room->ends_at < chat->rooms.ends_at)
			chat->rooms.ends_at = room->ends_at;
		if (chat->now.usec < room->ends_at)
			continue;
		if (chat_room_is_used(chat, room))
			room->ends_at = 0;
		else
			end_room(chat, room);
	}
}

static void tick_rooms(struct chat *chat)
{
	if (chat->now.usec >= chat->rooms.ends_at)
		end_rooms(chat);
	chat_wake_at(chat, chat->rooms.ends_at);
}

void tick_close(struct chat *chat)
{
	if (!chat->closing || (chat->order.external && chat->order.applied != chat->order.proposed))
		return;
	chat->closing = false;
	/*
	 * On several nodes others are told that they leave, unless they can come back to another.
	 */
	if (chat->share == NULL)
		chat->settings.announce_max = 0;
	for (uint32_t i = 0; i < chat->clients.top; i++) {
		presence_leave(chat, &chat->clients.list[i],
			chat->share != NULL ? LEAVING_LOST : LEAVING_THROWN, "", 0);
		web_close(chat, &chat->clients.list[i]);
	}
}

void tick_run(struct chat *chat)
{
	bool due = chat->now.usec >= chat->wake || !place_set_is_empty(&chat->work.waiting);

	chat->search_left = SEARCH_BYTES;
	if (due)
		chat->wake = TIME_NEVER;
	tick_close(chat);
	if (due && chat->share != NULL)
		beat_tick(chat);
	backpressure_update(chat);
	tick_clients(chat);
	if (!due)
		return;
	tick_waiting(chat);
	admission_make_room(chat);
	tick_sessions(chat);
	tick_rooms(chat);
}
