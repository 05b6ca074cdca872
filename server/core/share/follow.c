/*
 * The log followed (follow.h). The rule: what a line does depends on the log alone, and on nothing
 * that differs between nodes, so that all feeds are the same.
 */
#include "server/core/share/follow.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/text.h"
#include "server/core/room/presence.h"
#include "server/core/room/tell.h"
#include "server/core/share/claim.h"
#include "server/core/share/numbering.h"
#include "server/core/share/publish.h"
#include "server/core/share/register.h"

enum { NS = 1000000000 };

static void keep_mark(struct share_room *shared, uint64_t seq, uint64_t digest)
{
	shared->marks[seq % SHARE_MARKS] = (struct mark){ seq, digest };
}

/* Told to the operators of this node, as the other does to its own, and to those who come later. */
static void tell_disagreement(struct chat *chat, struct slice other, uint64_t id)
{
	struct slice first = { chat->share->node, chat->share->node_len };
	char *text = chat->share_fault;

	/* In one order, so that both say the same. */
	if (text_compare(first.bytes, first.len, other.bytes, other.len) > 0) {
		struct slice swap = first;

		first = other;
		other = swap;
	}
	snprintf(text, sizeof(chat->share_fault), "nodes %.*s and %.*s disagree since %" PRIu64,
		(int)first.len, first.bytes, (int)other.len, other.bytes, id);
	log_line(chat->log, LOG_AT_ERROR, "%s. TIME: %s", text, chat_stamp(chat));
	tell_operators(chat, text);
}

void follow_compare(struct chat *chat, uint32_t room, struct slice name, struct mark mark)
{
	struct share_room *shared = share_room(chat, room);
	const struct mark *own;
	struct node *node = NULL;

	if (shared == NULL || mark.seq == 0)
		return;
	own = &shared->marks[mark.seq % SHARE_MARKS];
	if (own->seq != mark.seq || own->digest == mark.digest)
		return;
	for (uint32_t i = 0; i < chat->share->nodes.count; i++)
		if (chat->share->nodes.list[i].name_len == name.len &&
			memcmp(chat->share->nodes.list[i].name, name.bytes, name.len) == 0)
			node = &chat->share->nodes.list[i];
	if (node == NULL || node->disagrees)
		return;
	node->disagrees = true;
	chat->share->disagrees_since = mark.seq + shared->offset;
	tell_disagreement(chat, name, chat->share->disagrees_since);
}

/*
 * Whether it is from before they came where they are: another room's log may be read later than
 * that of this one. It is a line, and changes nothing else.
 */
static bool is_past(const struct persona *person, const struct event *event)
{
	return !person->is_ours && event->number > 0 && event->number < person->joined;
}

/*
 * Whether an event comes for the first time; its person knows it from here on. All nodes have to
 * agree on that, so it depends on nothing but what stands in the log.
 */
static bool is_new(struct persona *person, const struct event *event, uint32_t room)
{
	uint32_t *applied = person_applied(person, room);
	bool is_next = applied == NULL || order_is_new(applied, event->number);

	order_is_new(&person->applied, event->number);
	/* Several may say it of one, but the log takes it once. */
	return is_next || event->kind == EVENT_LEAVE;
}

/* What is known of somebody elsewhere, before their event is applied. */
static void prepare(struct chat *chat, struct persona *person, const struct share_line *line,
	uint32_t room)
{
	const struct event *event = &line->event;

	/* What a node has said when it let them go counts, and not what it had said before. */
	if ((int32_t)(event->number - person->handed) > 0)
		person->said = event->said;
	person->heard_at = chat->now.usec;
	if (event->kind == EVENT_LEAVE) {
		share_count(chat, person, false);
		return;
	}
	if (event->kind == EVENT_RENAME && event->text.bytes[0] != '#')
		share_rename(chat, person, event->text);
	if (event->kind != EVENT_JOIN)
		return;
	/* It is counted when it is applied. */
	share_count(chat, person, false);
	person->joined = event->number;
	share_move(chat, person, room);
	person->number = line->slot;
	person->home = line->home;
	person->gone_at = 0;
	person->node_len = (uint8_t)line->node.len;
	memcpy(person->node, line->node.bytes, line->node.len);
	if (event->who.bytes[0] != '#')
		share_rename(chat, person, event->who);
}

/* One of ours was said to have left, since nobody had heard of this node: they join again. */
static void join_again(struct chat *chat, struct persona *person)
{
	struct client *client;

	share_user(chat, person, &client);
	/* One on the way to another room joins there. */
	if (client == NULL || client->is_moving)
		return;
	client->joining = false;
	presence_announce(chat, client);
}

/* They go on after what came of theirs, were it from another node. */
static void go_on_after(struct chat *chat, struct persona *person, const struct event *event)
{
	struct client *client;
	struct user *user = share_user(chat, person, &client);

	if (user != NULL && (int32_t)(event->number - user->proposed) > 0)
		user->proposed = event->number;
	if ((int32_t)(event->said - person->said) > 0)
		person->said = event->said;
}

static void apply_own(struct chat *chat, struct persona *person, struct room *room, uint64_t id,
	struct share_line *line)
{
	struct event *event = &line->event;
	bool left = event->kind == EVENT_LEAVE;

	event->slot = person->number;
	if (person->user_id == 0)
		chat->order.applied = event->number;
	go_on_after(chat, person, event);
	room_apply(chat, room, id, event);
	if (line->home != chat->share->incarnation)
		publish_crossed(chat, person, event);
	else if (event->kind == EVENT_SAID || event->kind == EVENT_ACTION)
		share_arrive_said(chat, person);
	else
		share_arrive(chat, person);
	if (left)
		join_again(chat, person);
}

static void apply(struct chat *chat, struct persona *person, struct room *room, uint64_t id,
	struct share_line *line)
{
	struct event *event = &line->event;
	size_t most = feed_message_max(room->feed.size);

	/* The history has it, or something else, under this ID. */
	if (id < room->feed.next) {
		share_arrive(chat, person);
		return;
	}
	/* Lines of a node with a higher limit may be longer than any that this feed can hold. */
	if (event->text.len > most) {
		log_line(chat->log, LOG_AT_WARNING,
			"line %" PRIu64 " is too long for the feed: %zu bytes",
			id, event->text.len);
		if (person->is_ours)
			share_arrive(chat, person);
		return;
	}
	event->author = person->user_id;
	event->is_remote = !person->is_ours;
	event->is_old = share_is_behind(chat, room);
	if (person->is_ours) {
		apply_own(chat, person, room, id, line);
		return;
	}
	if (is_past(person, event)) {
		room_apply(chat, room, id, event);
		room->online -= event->kind == EVENT_JOIN;
		return;
	}
	prepare(chat, person, line, room->index);
	room_apply(chat, room, id, event);
	if (event->kind == EVENT_JOIN)
		person->counted = true;
}

void follow_line(struct chat *chat, uint32_t index, uint64_t seq, int64_t ns, struct slice payload)
{
	struct share_room *shared = share_room(chat, index);
	struct room *room = rooms_at(&chat->rooms, index);
	struct persona *person;
	struct share_line line;

	if (room == NULL || shared == NULL || seq < shared->next)
		return;
	shared->next = seq + 1;
	shared->has_lines = true;
	keep_mark(shared, seq, share_line_digest(payload, ns));
	if (share_line_read(payload, &line) < 0) {
		log_line(chat->log, LOG_AT_WARNING,
			"line %" PRIu64 " of the shared log can't be read", seq + shared->offset);
		return;
	}
	follow_compare(chat, index, line.node, line.mark);
	if (line.home == chat->share->incarnation)
		publish_landed(chat, index, line.event.kind);
	line.event.time = ns / NS;
	person = share_add_person(chat, line.person);
	if (person != NULL && is_new(person, &line.event, index))
		apply(chat, person, room, seq + shared->offset, &line);
	else if (person != NULL && person->is_ours && line.home == chat->share->incarnation)
		share_arrive(chat, person);
}

void follow_state(struct chat *chat, struct slice key, uint64_t seq, struct slice payload)
{
	size_t head = sizeof(RECORD_KEY) - 1;
	uint8_t look[NICK_LOOK];
	struct person_id id = { 0 };

	if (seq > chat->share->state_seq)
		chat->share->state_seq = seq;
	chat->share->has_changed = true;
	if (nick_key_parse(look, key)) {
		if (payload.len == 0 || person_id_parse(&id, payload))
			nick_keys_set(&chat->share->keys, look, id, seq);
	} else if (key.len > head && memcmp(key.bytes, RECORD_KEY, head) == 0 &&
		person_id_parse(&id, (struct slice){ key.bytes + head, key.len - head })) {
		register_follow(chat, id, seq, payload);
	} else if (!numbering_follow(chat, key, seq, payload)) {
		entries_follow(&chat->share->entries, key, seq, payload);
	}
	claim_go_on(chat);
}
