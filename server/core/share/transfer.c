/*
 * A node's knowledge as bytes, both ways through the same functions (transfer.h). The rule: a
 * request that may have reached the log is asked again under the same name, so nothing is lost and
 * nothing is stored twice.
 */
#include "server/core/share/transfer.h"

#include <stdlib.h>
#include <string.h>

#include "server/core/room/roster.h"
#include "server/core/share/share.h"

/* Far above every real one: only damage is larger. */
enum { COUNT_MAX = 1 << 24, BYTES_MAX = 1 << 24 };

static uint32_t serialize_32(struct codec *p, uint32_t number)
{
	return (uint32_t)codec_number(p, number, 4, UINT32_MAX);
}

static uint64_t serialize_64(struct codec *p, uint64_t number)
{
	return codec_number(p, number, 8, UINT64_MAX);
}

static void serialize_request(struct codec *p, struct log_request *r)
{
	r->kind = (enum log_request_kind)codec_number(p, r->kind, 1, LOG_REQUESTS - 1);
	r->room = serialize_32(p, r->room);
	r->expected = serialize_64(p, r->expected);
	r->to = codec_slice(p, r->to, BYTES_MAX);
	r->msg_id = codec_slice(p, r->msg_id, BYTES_MAX);
	r->payload = codec_slice(p, r->payload, BYTES_MAX);
	r->purpose = (uint8_t)codec_number(p, r->purpose, 1, UINT8_MAX);
	r->user_id = serialize_32(p, r->user_id);
	r->note = codec_slice(p, r->note, BYTES_MAX);
}

static void serialize_requests(struct shared_log *log, struct codec *p)
{
	const struct log_request *next = p->reading ? NULL : log->first;

	/* Answers that come late are not taken for others. */
	log->last_id = serialize_64(p, log->last_id);
	while (codec_flag(p, next != NULL) && !p->failed) {
		struct log_request request = { 0 };

		if (next != NULL)
			request = *next;
		serialize_request(p, &request);
		if (p->reading && !p->failed && shared_log_add(log, &request) == 0)
			p->failed = true;
		next = next != NULL ? next->next : NULL;
	}
}

static void serialize_event(struct codec *p, struct event *event)
{
	event->kind = (enum event_kind)codec_number(p, event->kind, 1, EVENT_KINDS - 1);
	event->author = serialize_32(p, event->author);
	event->number = serialize_32(p, event->number);
	event->said = serialize_32(p, event->said);
	event->slot = serialize_32(p, event->slot);
	event->silent = codec_flag(p, event->silent);
	event->time = codec_time(p, event->time);
	event->who = codec_slice(p, event->who, BYTES_MAX);
	event->text = codec_slice(p, event->text, BYTES_MAX);
}

static void serialize_order(struct order *order, struct codec *p)
{
	const struct proposal *next = p->reading ? NULL : order->first;

	order->external = codec_flag(p, order->external);
	order->proposed = serialize_32(p, order->proposed);
	order->applied = serialize_32(p, order->applied);
	while (codec_flag(p, next != NULL) && !p->failed) {
		struct event event = { 0 };
		uint32_t room = 0;

		if (next != NULL) {
			event = next->event;
			room = next->room;
		}
		room = serialize_32(p, room);
		serialize_event(p, &event);
		if (p->reading && !p->failed && order_push(order, room, &event) < 0)
			p->failed = true;
		next = next != NULL ? next->next : NULL;
	}
}

static void serialize_ignores(struct codec *p, struct ignores **ignores)
{
	uint64_t count = codec_number(p, *ignores != NULL ? (*ignores)->count : 0, 2, IGNORES_MAX);

	for (uint64_t i = 0; i < count && !p->failed; i++) {
		struct ignored one = { 0 };

		if (!p->reading && *ignores != NULL)
			one = (*ignores)->list[i];
		one.user_id = serialize_32(p, one.user_id);
		one.nick_len = (uint8_t)codec_number(p, one.nick_len, 1, NICK_MAX);
		codec_array(p, one.nick, one.nick_len);
		if (p->reading && !p->failed)
			p->failed = ignores_add(ignores, one.user_id, one.nick, one.nick_len) !=
				IGNORE_DONE;
	}
}

static void serialize_flags(struct codec *p, struct persona *person)
{
	person->has_token = codec_flag(p, person->has_token);
	person->has_record = codec_flag(p, person->has_record);
	person->is_operator = codec_flag(p, person->is_operator);
	person->is_quiet = codec_flag(p, person->is_quiet);
	person->is_away = codec_flag(p, person->is_away);
	person->counted = codec_flag(p, person->counted);
	person->is_ours = codec_flag(p, person->is_ours);
	person->is_publishing = codec_flag(p, person->is_publishing);
	person->is_recording = codec_flag(p, person->is_recording);
	person->is_taking = codec_flag(p, person->is_taking);
	person->was_told = codec_flag(p, person->was_told);
}

static void serialize_names(struct codec *p, struct persona *person)
{
	person->node_len = (uint8_t)codec_number(p, person->node_len, 1, NODE_MAX);
	codec_array(p, person->node, person->node_len);
	person->nick_len = (uint8_t)codec_number(p, person->nick_len, 1, NICK_MAX);
	codec_array(p, person->nick, person->nick_len);
	codec_array(p, person->look, sizeof(person->look));
	codec_array(p, person->token, sizeof(person->token));
	codec_array(p, person->shown, sizeof(person->shown));
	if (p->reading && person->nick_len > 0 && !nick_is_readable(person->nick, person->nick_len))
		p->failed = true;
	else if (p->reading)
		person_set_nick(person, (struct slice){ person->nick, person->nick_len });
	person->taken_by = codec_text(p, person->taken_by, LOG_REPLY_TO_MAX);
}

static void serialize_progress(struct codec *p, struct persona *person)
{
	uint64_t count = codec_number(p, person->progress_count, 4, ROOMS_MAX);

	for (uint64_t i = 0; i < count && !p->failed; i++) {
		struct progress one = { 0 };
		uint32_t *applied;

		if (!p->reading)
			one = person->progress[i];
		one.room = serialize_32(p, one.room);
		one.applied = serialize_32(p, one.applied);
		applied = p->reading && !p->failed ? person_applied(person, one.room) : NULL;
		if (applied != NULL)
			*applied = one.applied;
		else
			p->failed = p->failed || p->reading;
	}
}

static void serialize_person(struct codec *p, struct persona *person)
{
	person->user_id = serialize_32(p, person->user_id);
	person->applied = serialize_32(p, person->applied);
	person->handed = serialize_32(p, person->handed);
	person->joined = serialize_32(p, person->joined);
	person->said = serialize_32(p, person->said);
	person->since = serialize_32(p, person->since);
	person->number = serialize_32(p, person->number);
	person->room = serialize_32(p, person->room);
	person->last_sender = serialize_32(p, person->last_sender);
	person->asked = serialize_32(p, person->asked);
	person->recorded = serialize_32(p, person->recorded);
	person->home = serialize_64(p, person->home);
	person->record = serialize_64(p, person->record);
	person->heard_at = codec_time(p, person->heard_at);
	person->gone_at = codec_time(p, person->gone_at);
	person->handed_at = codec_time(p, person->handed_at);
	person->since_usec = codec_time(p, person->since_usec);
	serialize_flags(p, person);
	serialize_progress(p, person);
	serialize_names(p, person);
	serialize_ignores(p, &person->ignores);
}

static void serialize_people(struct chat *chat, struct codec *p)
{
	uint64_t count = codec_number(p, chat->people.count, 4, COUNT_MAX);

	for (uint64_t i = 0; i < count && !p->failed; i++) {
		struct person_id id = { 0 };
		struct persona *person = NULL;

		if (!p->reading) {
			person = chat->people.list[i];
			id = person->id;
		}
		id.node = serialize_64(p, id.node);
		id.number = serialize_32(p, id.number);
		if (p->reading && !p->failed)
			person = personas_add(&chat->people, id);
		p->failed = p->failed || person == NULL;
		if (person != NULL)
			serialize_person(p, person);
		if (p->reading && person != NULL && person->counted)
			share_room_of(chat, person->room)->online++;
	}
}

static void serialize_keys(struct nick_keys *keys, struct codec *p)
{
	uint64_t count = codec_number(p, keys->count, 4, COUNT_MAX);

	for (uint64_t i = 0; i < count && !p->failed; i++) {
		struct nick_key key = { 0 };

		if (!p->reading)
			key = keys->list[i];
		codec_array(p, key.look, sizeof(key.look));
		key.holder.node = serialize_64(p, key.holder.node);
		key.holder.number = serialize_32(p, key.holder.number);
		key.seq = serialize_64(p, key.seq);
		if (p->reading && !p->failed)
			p->failed = nick_keys_set(keys, key.look, key.holder, key.seq) < 0;
	}
}

static void serialize_nodes(struct nodes *nodes, struct codec *p)
{
	uint64_t count = codec_number(p, nodes->count, 4, COUNT_MAX);

	for (uint64_t i = 0; i < count && !p->failed; i++) {
		struct node *node = p->reading ? NULL : &nodes->list[i];
		struct slice name = { 0 };
		uint64_t incarnation = serialize_64(p, node != NULL ? node->incarnation : 0);

		if (node != NULL)
			name = (struct slice){ node->name, node->name_len };
		name = codec_slice(p, name, BYTES_MAX);
		if (p->reading && !p->failed)
			node = name.len <= NODE_MAX ? nodes_add(nodes, incarnation, name) : NULL;
		p->failed = p->failed || node == NULL;
		if (node == NULL)
			return;
		node->disagrees = codec_flag(p, node->disagrees);
		node->heard_at = codec_time(p, node->heard_at);
	}
}

static void serialize_rooms(struct chat *chat, struct codec *p)
{
	uint64_t count = codec_number(p, chat->share->room_count, 4, COUNT_MAX);

	for (uint64_t i = 0; i < count && !p->failed; i++) {
		struct share_room *room = share_room(chat, (uint32_t)i);
		struct mark *last;

		p->failed = p->failed || room == NULL;
		if (room == NULL)
			return;
		room->next = serialize_64(p, room->next);
		room->offset = serialize_64(p, room->offset);
		last = &room->marks[(room->next - 1) % SHARE_MARKS];
		last->seq = serialize_64(p, last->seq);
		last->digest = serialize_64(p, last->digest);
		room->joining = serialize_32(p, room->joining);
		room->leaving = serialize_32(p, room->leaving);
	}
}

static void serialize_share(struct chat *chat, struct codec *p)
{
	struct share *share = chat->share;

	share->puts = serialize_64(p, share->puts);
	share->state_seq = serialize_64(p, share->state_seq);
	share->disagrees_since = serialize_64(p, share->disagrees_since);
	codec_array(p, chat->share_fault, sizeof(chat->share_fault) - 1);
	share->checked_at = codec_time(p, share->checked_at);
	share->down_since = codec_time(p, share->is_up ? chat->now.usec : share->down_since);
	serialize_rooms(chat, p);
	serialize_requests(&share->log, p);
	serialize_keys(&share->keys, p);
	serialize_nodes(&share->nodes, p);
	serialize_people(chat, p);
}

void share_serialize(struct chat *chat, struct codec *p)
{
	struct slice node = { 0 };
	uint64_t incarnation = 0;

	serialize_order(&chat->order, p);
	if (!codec_flag(p, chat->share != NULL) || p->failed)
		return;
	if (!p->reading && chat->share != NULL) {
		node = (struct slice){ chat->share->node, chat->share->node_len };
		incarnation = chat->share->incarnation;
	}
	node = codec_slice(p, node, BYTES_MAX);
	incarnation = serialize_64(p, incarnation);
	if (p->reading && !p->failed && node.len <= NODE_MAX)
		chat->share = share_create(node, incarnation);
	p->failed = p->failed || chat->share == NULL;
	if (chat->share != NULL)
		serialize_share(chat, p);
}
