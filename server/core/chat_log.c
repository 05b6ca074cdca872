/*
 * The face towards a shared log (chat_log.h). The rule: it hands on to the module that knows, and
 * keeps a request until that is done with it.
 */
#include "server/core/chat_log.h"

#include "server/core/room/backpressure.h"
#include "server/core/share/ask.h"
#include "server/core/share/beat.h"
#include "server/core/share/claim.h"
#include "server/core/share/follow.h"
#include "server/core/share/numbering.h"
#include "server/core/share/publish.h"
#include "server/core/share/register.h"
#include "server/core/share/share.h"
#include "server/core/shared_store.h"

int chat_share(struct chat *chat, struct slice node, uint64_t incarnation)
{
	if (chat->share != NULL)
		return 0;
	chat->share = share_create(node, incarnation);
	if (chat->share == NULL)
		return -1;
	chat->order.external = true;
	chat->share->down_since = chat->now.usec;
	chat_wake_at(chat, chat->now.usec);
	return 0;
}

const struct log_request *chat_take_request(struct chat *chat)
{
	publish_proposals(chat);
	shared_store_update(chat);
	share_hand_over(chat);
	if (chat->share->has_changed)
		register_update(chat);
	return shared_log_take(&chat->share->log);
}

/* False: the request stays. */
static bool answer_request(struct chat *chat, struct log_request *request, enum log_answer answer,
	uint64_t seq, struct slice payload)
{
	switch ((enum purpose)request->purpose) {
	case PURPOSE_LINE:
		publish_answered(chat, request, answer);
		break;
	case PURPOSE_NICK:
	case PURPOSE_UNWANTED:
		return claim_answered(chat, request, answer, seq);
	case PURPOSE_RECORD:
		register_answered(chat, request, answer, seq);
		break;
	case PURPOSE_END:
		register_ended(chat, request, answer);
		break;
	case PURPOSE_TAKE:
		share_take_answered(chat, request, answer, seq);
		break;
	case PURPOSE_ASK:
		share_ask_answered(chat, request, answer, payload);
		break;
	case PURPOSE_NONE:
		break;
	}
	return true;
}

void chat_log_answer(struct chat *chat, uint64_t id, enum log_answer answer, uint64_t seq,
	struct slice payload)
{
	struct log_request *request = shared_log_find(&chat->share->log, id);

	if (request != NULL && answer_request(chat, request, answer, seq, payload))
		shared_log_remove(&chat->share->log, id);
}

void chat_log_line(struct chat *chat, uint32_t room, uint64_t seq, int64_t ns, struct slice payload)
{
	follow_line(chat, room, seq, ns, payload);
}

void chat_log_state(struct chat *chat, struct slice key, uint64_t seq, struct slice payload)
{
	follow_state(chat, key, seq, payload);
}

void chat_log_tell(struct chat *chat, struct slice payload)
{
	beat_heard(chat, payload);
}

void chat_log_asked(struct chat *chat, struct slice reply_to, struct slice payload)
{
	share_asked(chat, reply_to, payload);
}

void chat_log_namesake(struct chat *chat)
{
	beat_namesake(chat);
}

void chat_log_status(struct chat *chat, bool up)
{
	beat_status(chat, up);
}

void chat_log_set_figures(struct chat *chat, const struct log_figures *figures)
{
	chat->share->figures = *figures;
}

void chat_log_caught_up(struct chat *chat, uint32_t room)
{
	struct share_room *shared = room != LOG_STATE ? share_room(chat, room) : NULL;

	if (room == LOG_STATE)
		chat->share->is_behind = false;
	else if (shared != NULL)
		shared->is_behind = false;
	/* Newcomers, and those on the way to the room, wait for this. */
	chat_wake_at(chat, chat->now.usec);
}

void chat_log_gap(struct chat *chat, uint32_t room, uint64_t first)
{
	struct share_room *shared = share_room(chat, room);

	if (shared != NULL && shared->next < first)
		shared->next = first;
}

void chat_log_replaced(struct chat *chat, uint32_t room)
{
	if (room != LOG_STATE)
		numbering_replaced(chat, room);
}

uint32_t chat_log_rooms(const struct chat *chat)
{
	return chat->rooms.top;
}

struct slice chat_log_room(const struct chat *chat, uint32_t room)
{
	const struct room *found = rooms_at(&chat->rooms, room);

	return found != NULL ? share_room_name(found) : (struct slice){ 0 };
}

uint64_t chat_log_next(struct chat *chat, uint32_t room)
{
	const struct share_room *shared = share_room(chat, room);

	return shared != NULL ? shared->next : 0;
}

bool chat_log_may_take(const struct chat *chat, uint32_t room)
{
	const struct room *found = rooms_at(&chat->rooms, room);

	const struct share_room *shared =
		room < chat->share->room_count ? chat->share->rooms[room] : NULL;

	return found != NULL && backpressure_is_open(found) &&
		(shared == NULL || !shared->is_replaced);
}

const char *chat_log_fault(const struct chat *chat)
{
	return chat->share->fault;
}
