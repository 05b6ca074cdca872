/*
 * Plans as WebSocket frames (delivery_frame.h): RFC 6455, https://www.rfc-editor.org/rfc/rfc6455.
 * The rule: a frame that has begun is finished before anything else is said.
 */
#include "server/core/room/delivery_frame.h"

#include <stdlib.h>
#include <string.h>

#include "server/core/room/room.h"

bool delivery_frame_whole(const struct client *client, struct delivery_plan *plan)
{
	struct delivery_frame *frame = &plan->frame;
	const struct room *room = client->member.room;
	uint64_t from = plan->before[0].cursor, to = plan->after[0].cursor;

	if (plan->bytes > DELIVERY_FRAME_MAX || wire_has_pong(&client->wire))
		return false;
	plan->head_len = websocket_put_text_head(plan->head, plan->bytes);
	plan->is_whole = true;
	if (frame->room == room && frame->from == from && frame->to == to)
		return true;
	memcpy(frame->bytes, plan->head, plan->head_len);
	memcpy(frame->bytes + plan->head_len, plan->iov[0].iov_base, plan->bytes);
	frame->room = room;
	frame->from = from;
	frame->to = to;
	frame->len = plan->head_len + plan->bytes;
	return true;
}

bool delivery_frame_is_raw(const struct client *client)
{
	struct outbox_piece piece;
	uint32_t first = 0;

	return outbox_next(&client->outbox, &first, &piece) && piece.raw;
}

bool delivery_frame_raw(struct client *client, struct delivery_plan *plan)
{
	struct outbox_piece piece;

	while (plan->count < DELIVERY_PIECES &&
		outbox_next(&client->outbox, &plan->outbox_at, &piece) && piece.raw)
		delivery_plan_add(plan, false, (struct iovec){ (char *)piece.bytes, piece.len },
			plan->position);
	return plan->count > 0;
}

static const char *close_reason(uint16_t code)
{
	switch (code) {
	case WEBSOCKET_NORMAL:
		return "goodbye";
	case WEBSOCKET_GOING_AWAY:
		return "the server is shutting down";
	case WEBSOCKET_PROTOCOL_ERROR:
		return "not as RFC 6455 wants it";
	case WEBSOCKET_UNSUPPORTED_DATA:
		return "only text is taken";
	case WEBSOCKET_INVALID_DATA:
		return "this is not UTF-8";
	case WEBSOCKET_TOO_BIG:
		return "a message over 64 KiB";
	case WEBSOCKET_INTERNAL_ERROR:
		return "out of memory";
	case WEBSOCKET_TRY_AGAIN_LATER:
		return "try again later";
	case WEBSOCKET_KICKED:
		return "kicked";
	case WEBSOCKET_BANNED:
		return "banned";
	case WEBSOCKET_RESUMED_ELSEWHERE:
		return "you have come back on another connection";
	case WEBSOCKET_WRONG_PASSWORD:
		return "wrong password";
	case WEBSOCKET_IDLE:
		return "idle for too long";
	default:
		return "";
	}
}

void delivery_frame_close(const struct client *client, struct delivery_plan *plan)
{
	const char *reason = client->close_heard ? "" : close_reason(client->close_code);

	plan->head_len = websocket_put_close(plan->head, (enum websocket_code)client->close_code,
		(struct slice){ reason, strlen(reason) });
}

char *delivery_frame_rest(const struct delivery_plan *plan, size_t from)
{
	char *rest = malloc(plan->head_len + plan->bytes - from), *to = rest;

	if (rest == NULL)
		return NULL;
	for (int i = -1; i < plan->count; i++) {
		const char *bytes = i < 0 ? (const char *)plan->head : plan->iov[i].iov_base;
		size_t len = i < 0 ? plan->head_len : plan->iov[i].iov_len;
		size_t skipped = from < len ? from : len;

		if (len > skipped)
			memcpy(to, bytes + skipped, len - skipped);
		to += len - skipped;
		from -= skipped;
	}
	return rest;
}
