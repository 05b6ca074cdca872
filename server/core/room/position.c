/*
 * Where clients stand in their streams (position.h). The rule: a cursor stands only between lines,
 * and goes back only to show what was said before again.
 */
#include "server/core/room/position.h"

#include "server/core/room/room.h"

uint64_t position_end(const struct client *client)
{
	switch (client->state) {
	case CLIENT_HERE:
		switch (client->task) {
		case TASK_RESUME: /* it goes on when it has its answer */
			return client_resumption(client)->answered ? client->member.room->feed.next
								  : client->member.cursor;
		case TASK_MOVE: /* it has left a room, and is not in the next yet */
			return client_move(client)->is_gone ? client_move(client)->until
							    : client->member.room->feed.next;
		default:
			return client->member.room->feed.next;
		}
	case CLIENT_LEAVING:
		return client->until;
	default:
		return client->member.cursor;
	}
}

uint64_t position_visible_end(const struct client *client)
{
	uint64_t end = position_end(client), visible = room_visible(client->member.room);

	return visible < end ? visible : end;
}

struct position position_of(const struct client *client)
{
	return (struct position){ client->member.cursor, client->member.replay_end,
		client->member.replay_back };
}

void position_set(struct client *client, struct position position)
{
	client->member.cursor = position.cursor;
	client->member.replay_end = position.replay_end;
	client->member.replay_back = position.replay_back;
}

void position_turn(const struct feed *f, struct position *position)
{
	if (position->replay_back == 0) {
		position->replay_end = 0;
		return;
	}
	position->cursor -= position->replay_back;
	if (position->cursor < f->first)
		position->cursor = f->first < position->replay_end
			? f->first : position->replay_end;
	position->replay_back = 0;
}

struct framing position_framing(const struct client *client, const struct position *position)
{
	bool replaying = position->replay_end != 0 && position->replay_back == 0;

	return (struct framing){
		.crlf = client->wire.crlf,
		.tagged = client->member.tagged_from != 0 &&
			(replaying || position->cursor >= client->member.tagged_from),
		.messages_only = replaying,
		.quiet = client->user.is_quiet,
		.ignored = client->user.ignores,
	};
}

/* The ID from which on there are this many messages before end, or the oldest. */
static uint64_t replay_start(const struct feed *f, uint64_t end, uint32_t count)
{
	uint64_t id = end;

	for (uint64_t at = end; at > f->first && count > 0; at--) {
		const struct record *r = feed_record(f, at - 1);

		if (r->kind != MESSAGE_EVENT && r->len > 0) {
			id = at - 1;
			count--;
		}
	}
	return id;
}

void position_replay(struct client *client, uint32_t count)
{
	struct member *m = &client->member;
	uint64_t visible = room_visible(m->room);
	uint64_t end = m->cursor > visible ? m->cursor : visible;
	uint64_t from = replay_start(&m->room->feed, end, count);

	if (from == end || client->deaf)
		return;
	m->replay_end = end;
	m->replay_back = (uint32_t)(end - from);
}
