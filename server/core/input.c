/*
 * Input (input.h): events of the wire become messages and commands. The rule: what may not be acted
 * on yet stays in the wire's backlog, in order, and is taken up before anything newer.
 */
#include "server/core/input.h"

#include <stdlib.h>
#include <string.h>

#include "proto/text.h"
#include "server/core/client/rate.h"
#include "server/core/command/command.h"
#include "server/core/command/join.h"
#include "server/core/command/resume.h"
#include "server/core/command/search.h"
#include "server/core/room/auth.h"
#include "server/core/room/backpressure.h"
#include "server/core/room/delivery.h"
#include "server/core/room/echo.h"
#include "server/core/room/presence.h"
#include "server/core/room/tell.h"

enum { IN_FLIGHT_MAX = 16 }; /* lines of one client that a log does not take for now */

static bool is_listened_to(const struct client *client)
{
	return (client->state == CLIENT_HERE || client->state == CLIENT_AUTH) && !client->failed;
}

bool input_may_go_on(struct chat *chat, struct client *client)
{
	struct rate rate = chat_rate(chat);
	int64_t when;

	if (outbox_waiting(&client->outbox) > OUTBOX_BUSY)
		return false;
	if (client->state == CLIENT_AUTH)
		return auth_is_ready(client);
	if (client_move(client) != NULL)
		return client_move(client)->asks && !client_move(client)->is_pausing;
	if (client->list != LIST_NONE || client->member.replay_end != 0 ||
		client_resumption(client) != NULL || client_held_line(client) != NULL ||
		!backpressure_is_open(client->member.room))
		return false;
	/*
	 * With something in flight nothing is acted on, so answers keep their place; unless it
	 * takes long, and then what only asks is.
	 */
	if (client->user.in_flight > 0 && (!client->is_adrift || client->task != TASK_NONE))
		return false;
	when = rate_next(&rate, client->tat);
	if (when <= chat->now.usec)
		return true;
	chat_wake_at(chat, when);
	return false;
}

static void put_off(struct chat *chat, struct client *client, const void *bytes, size_t len)
{
	if (wire_put_off(&client->wire, bytes, len) < 0)
		chat_fail_client(chat, client);
	else if (client->wire.backlog != NULL)
		chat_await(chat, client);
}

/* Keeps a line until what the client has proposed is applied, so that answers keep their place. */
static void hold_line(struct chat *chat, struct client *client, bool whole,
	const struct line_view *line)
{
	struct held_line *held = malloc(sizeof(*held) + line->kept);

	if (held == NULL) {
		chat_fail_client(chat, client);
		return;
	}
	*held = (struct held_line){ whole, command_is_said(line->text, line->kept), line->len,
		line->kept };
	memcpy(held->bytes, line->text, line->kept);
	client_hold_line(client, held);
}

/* Whether a line has to wait for what is in flight. */
static bool must_wait(const struct client *client, bool whole, const struct line_view *line)
{
	if (!whole)
		return true;
	if (command_is_said(line->text, line->len))
		return client->user.in_flight >= IN_FLIGHT_MAX;
	return !client->is_adrift || !command_asks(line->text, line->len);
}

/* A line of one who is in the room; it may be what tells the room of them. */
static void carry_out(struct chat *chat, struct client *client, bool whole,
	const struct line_view *line)
{
	/* One who only asks is announced once it has stayed, however often it asks. */
	if (client->joining || client->is_reader)
		client->last_activity = chat->now.usec;
	if (client->user.in_flight > 0 && must_wait(client, whole, line))
		hold_line(chat, client, whole, line);
	else if (whole)
		command_line(chat, client, line->text, line->len);
	else
		tell_error(chat, client, "message too long (%zu bytes, at most %u): not sent",
			line->len, (unsigned)chat->settings.max_message);
}

static void carry_out_held(struct chat *chat, struct client *client)
{
	struct held_line *held = client_held_line(client);
	struct line_view line = { .text = held->bytes, .len = held->len, .kept = held->kept };

	client->task = TASK_NONE;
	carry_out(chat, client, held->whole, &line);
	free(held);
}

static void act_on(struct chat *chat, struct client *client, bool whole,
	const struct line_view *line)
{
	bool is_said;

	/* A line typed when the password has just gone is said. */
	auth_open(chat, client);
	if (client->state == CLIENT_AUTH) {
		client->wire.identified = true;
		auth_try(chat, client, line->text, whole ? line->len : 0);
		return;
	}
	if (client_move(client) != NULL) {
		join_try_password(chat, client, line->text, whole ? line->len : 0);
		return;
	}
	if (whole && text_is_blank(line->text, line->len))
		return;
	client->wire.identified = true;
	is_said = command_is_said(line->text, line->kept);
	chat_charge(chat, client, is_said);
	client->user.said += is_said;
	if (client->is_reader && !(whole && command_is_for_readers(line->text, line->len)))
		tell_error(chat, client, "this door is for reading");
	else
		carry_out(chat, client, whole, line);
}

/* One who is only asked for a password is not: that will not come any more. */
static bool is_moving(const struct client *client)
{
	const struct move *m = client_move(client);

	return m != NULL && (!m->asks || (m->is_pausing && !client->deaf));
}

/* Whether it goes on with its /resume; before the password one may only have been asked for. */
static bool is_resuming(const struct client *client)
{
	return client->state == CLIENT_HERE && client_resumption(client) != NULL;
}

bool input_is_dealt_with(const struct client *client)
{
	return client->wire.backlog == NULL && client->user.in_flight == 0 &&
		client_held_line(client) == NULL && !is_resuming(client) &&
		client_move(client) == NULL;
}

/* Whether the end of the input has to wait, since something before it is still to be answered. */
static bool is_busy(const struct client *client)
{
	return client->wire.backlog != NULL || client->list != LIST_NONE ||
		client->user.in_flight > 0 || client_held_line(client) != NULL ||
		is_resuming(client) || is_moving(client) || (client->pausing && !client->deaf);
}

static void end_line(struct chat *chat, struct client *client)
{
	struct wire_event event;
	enum wire_status status = wire_end(&client->wire, chat->settings.max_message, &event);

	if (status == WIRE_LINE || status == WIRE_LONG)
		act_on(chat, client, status == WIRE_LINE, &event.line);
	else if (status == WIRE_ALIEN)
		client_reject(chat, client, event.alien);
	wire_release(&client->wire);
}

/* The client leaves as soon as it has been answered. */
static void leave(struct chat *chat, struct client *client)
{
	if (is_busy(client))
		chat_await(chat, client);
	else
		presence_leave(chat, client, LEAVING_LOST, "", 0);
}

/* Telnet's EOF: the connection goes on, but not what is sent over it. */
static void end_by_telnet(struct chat *chat, struct client *client)
{
	end_line(chat, client);
	client->eof = true;
	if (is_listened_to(client))
		leave(chat, client);
}

/* A WebSocket that its peer closes, or that is to be closed with a code: no more counts of it. */
static void end_websocket(struct chat *chat, struct client *client, enum wire_status status,
	const struct websocket_span *frame)
{
	client_close_with(client, frame->code);
	client->close_heard = status == WIRE_CLOSE;
	if (status == WIRE_FAIL)
		log_client(chat, client, LOG_AT_NOTICE, "is closed with %u: %s",
			(unsigned)frame->code, frame->reason);
	client->eof = true;
	if (is_listened_to(client))
		leave(chat, client);
}

static void act_on_event(struct chat *chat, struct client *client, enum wire_status status,
	const struct wire_event *event)
{
	switch (status) {
	case WIRE_LINE:
	case WIRE_LONG:
		act_on(chat, client, status == WIRE_LINE, &event->line);
		break;
	case WIRE_OUT:
		tell_bytes(chat, client, event->out, event->out_len);
		break;
	case WIRE_END:
		end_by_telnet(chat, client);
		break;
	case WIRE_ALIEN:
		client_reject(chat, client, event->alien);
		break;
	case WIRE_PING:
		delivery_pong(chat, client, event->span.frame.bytes, event->span.frame.len);
		break;
	case WIRE_CLOSE:
	case WIRE_FAIL:
		end_websocket(chat, client, status, &event->span.frame);
		break;
	case WIRE_NOMEM:
		chat_fail_client(chat, client);
		break;
	case WIRE_MORE:
		break;
	}
	if (is_listened_to(client) && wire_is_telnet(&client->wire))
		echo_hide(chat, client);
}

/* Whether more of what is being taken can be; not if something else is to be taken first. */
static bool may_take(struct chat *chat, struct client *client)
{
	return is_listened_to(client) && client->wire.backlog == NULL &&
		input_may_go_on(chat, client);
}

/* Returns how many bytes were taken. */
static size_t take(struct chat *chat, struct client *client, const uint8_t *bytes, size_t len)
{
	const uint8_t *in = bytes, *end = bytes + len;
	struct wire_event event;

	if (may_take(chat, client) && wire_look(&client->wire, in, end) < 0)
		chat_fail_client(chat, client);
	while (in < end && may_take(chat, client)) {
		enum wire_status status = wire_next(&client->wire, chat->settings.max_message,
			&in, end, &event);

		act_on_event(chat, client, status, &event);
	}
	wire_release(&client->wire);
	return is_listened_to(client) ? (size_t)(in - bytes) : len;
}

void input_receive(struct chat *chat, struct client *client, const uint8_t *bytes, size_t len)
{
	size_t taken;

	chat->counters.bytes_in += len;
	if (client->is_framed) {
		client->wire.heard_at = (uint32_t)(chat->now.usec / CLIENT_STEP);
		client->is_pinged = false;
	}
	if (client->state == CLIENT_LEAVING)
		wire_skip(&client->wire, bytes, bytes + len);
	if (client->eof)
		return;
	taken = take(chat, client, bytes, len);
	put_off(chat, client, bytes + taken, len - taken);
}

void input_end(struct chat *chat, struct client *client)
{
	if (!is_busy(client) && is_listened_to(client) && !client->deaf)
		end_line(chat, client);
	leave(chat, client);
}

static void take_up_backlog(struct chat *chat, struct client *client)
{
	/* Taken out of the wire, so that nothing frees it underfoot. */
	struct backlog *b = wire_take_backlog(&client->wire);

	b->at += (uint32_t)take(chat, client, b->bytes + b->at, b->len - b->at);
	wire_return_backlog(&client->wire, b);
}

void input_resume(struct chat *chat, struct client *client)
{
	if (!is_listened_to(client))
		return;
	if (search_is_due(client))
		search_go_on(chat, client);
	if (is_resuming(client))
		resume_continue(chat, client);
	if (client_move(client) != NULL)
		join_continue(chat, client);
	if (client_held_line(client) != NULL && client->user.in_flight == 0)
		carry_out_held(chat, client);
	if (!is_listened_to(client))
		return;
	if (client->wire.backlog != NULL && input_may_go_on(chat, client))
		take_up_backlog(chat, client);
	if (client->wire.backlog != NULL || is_resuming(client) || client_held_line(client) != NULL)
		chat_await(chat, client);
	else if (client->ended || client->eof)
		input_end(chat, client);
}

bool input_is_due(struct chat *chat, struct client *client)
{
	if (!is_listened_to(client))
		return false;
	if (search_is_due(client))
		return true;
	if (is_resuming(client))
		return resume_is_due(chat, client);
	if (join_is_due(chat, client))
		return true;
	if (client_held_line(client) != NULL)
		return client->user.in_flight == 0;
	if (client->wire.backlog != NULL)
		return input_may_go_on(chat, client);
	return (client->ended || client->eof) && !is_busy(client);
}
