/*
 * Coming back to a full server (readmission.h). The rule: a place is its own. The connection that
 * still holds it is moved to an anonymous place, where it is sent the rest and closed; its user is
 * kept as a session, as that of any lost connection is; and the newcomer comes in as any newcomer
 * does, with /resume as its first line.
 */
#include "server/core/readmission.h"

#include "proto/text.h"
#include "server/core/admission.h"
#include "server/core/command/args.h"
#include "server/core/command/command.h"
#include "server/core/command/resume.h"
#include "server/core/input.h"
#include "server/core/room/delivery.h"
#include "server/core/room/presence.h"
#include "server/core/room/tell.h"

void readmission_end(struct chat *chat, struct client *client)
{
	client->state = CLIENT_LEAVING;
	client->until = client->member.cursor;
	client_drain(chat, client);
	chat_touch(chat, client);
}

/* Ends the old connection, which is at an anonymous place now; its user is kept as a session. */
static void put_aside(struct chat *chat, struct client *holder, struct client *place)
{
	tell_error(chat, holder, "you have come back on another connection");
	client_close_with(holder, WEBSOCKET_RESUMED_ELSEWHERE);
	presence_leave(chat, holder, LEAVING_LOST, "", 0);
	chat_move_client(chat, holder, place);
}

/* It comes in, at a slot that is free now. */
static void come_in(struct chat *chat, struct client *client)
{
	client->close_code = 0;
	outbox_hurry(&client->outbox);
	presence_connect(chat, client, &client->from, client->user.is_operator ? CHAT_OPERATOR : 0);
	if (client->is_framed)
		chat_wake_in_step(chat, client, chat->now.usec + PRESENCE_PING_MS * TIME_MS);
	chat_await(chat, client);
}

/* The line of one who was refused. Returns it, perhaps at another place. */
static struct client *take_line(struct chat *chat, struct client *client,
	const struct line_view *line)
{
	struct client *holder = NULL, *place;
	struct args args;
	uint32_t slot;

	if (text_is_blank(line->text, line->len))
		return client;
	if (command_is_resume(line->text, line->len, &args))
		holder = resume_holder(chat, &args);
	if (holder == NULL || !input_is_dealt_with(holder) ||
		!admission_allows_for(chat, holder, &client->from) ||
		(place = admission_take_place(chat)) == NULL) {
		readmission_end(chat, client);
		return client;
	}
	slot = clients_index(&chat->clients, holder);
	put_aside(chat, holder, place);
	place = clients_take_place(&chat->clients, slot);
	chat_move_client(chat, client, place);
	(void)resume_begin(chat, place, &args);
	come_in(chat, place);
	return place;
}

/* One event. Returns the client, perhaps at another place. */
static struct client *take_event(struct chat *chat, struct client *client, enum wire_status status,
	const struct wire_event *event)
{
	switch (status) {
	case WIRE_LINE:
		return take_line(chat, client, &event->line);
	case WIRE_OUT:
		tell_bytes(chat, client, event->out, event->out_len);
		break;
	case WIRE_PING:
		delivery_pong(chat, client, event->span.frame.bytes, event->span.frame.len);
		break;
	case WIRE_MORE:
		break;
	case WIRE_LONG:
	case WIRE_END:
	case WIRE_ALIEN:
	case WIRE_CLOSE:
	case WIRE_FAIL:
	case WIRE_NOMEM:
		client->close_heard = status == WIRE_CLOSE;
		readmission_end(chat, client);
		break;
	}
	return client;
}

void readmission_receive(struct chat *chat, struct client *client, const uint8_t *bytes,
	size_t len)
{
	const uint8_t *in = bytes, *end = bytes + len;
	struct wire_event event;

	if (wire_look(&client->wire, in, end) < 0)
		readmission_end(chat, client);
	while (in < end && client->state == CLIENT_REFUSED) {
		enum wire_status status = wire_next(&client->wire, chat->settings.max_message,
			&in, end, &event);

		client = take_event(chat, client, status, &event);
	}
	wire_release(&client->wire);
	chat->counters.bytes_in += (uint64_t)(in - bytes);
	chat_touch(chat, client);
	/* What came with the line is the client's, or may be a WebSocket's close frame. */
	if (in < end)
		input_receive(chat, client, in, (size_t)(end - in));
}
