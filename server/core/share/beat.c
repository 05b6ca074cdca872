/*
 * Beats (beat.h). The rule: a node is not given up as long as this one can't reach the log, since
 * then it could not be heard.
 */
#include "server/core/share/beat.h"

#include <string.h>

#include "server/core/room/tell.h"
#include "server/core/share/claim.h"
#include "server/core/share/follow.h"
#include "server/core/share/register.h"

enum {
	BEAT_FORM = 1,
	FORGET_MS = 15 * 60 * 1000, /* a line may be stored twice no later than this */
};

struct beat {
	struct slice node;
	uint64_t incarnation;
};

static void serialize_head(struct codec *p, struct beat *beat)
{
	codec_number(p, BEAT_FORM, 1, BEAT_FORM);
	beat->incarnation = codec_number(p, beat->incarnation, 8, UINT64_MAX);
	beat->node.bytes = codec_bytes(p, beat->node.bytes, &beat->node.len, NODE_MAX);
}

static void serialize_mark(struct codec *p, struct slice *room, struct mark *mark)
{
	room->bytes = codec_bytes(p, room->bytes, &room->len, NICK_MAX);
	mark->seq = codec_number(p, mark->seq, 8, UINT64_MAX);
	mark->digest = codec_number(p, mark->digest, 8, UINT64_MAX);
}

static void tell(struct chat *chat)
{
	struct share *share = chat->share;
	struct beat beat = { { share->node, share->node_len }, share->incarnation };
	struct codec p = { 0 };

	serialize_head(&p, &beat);
	for (const struct room *room = NULL; (room = rooms_next(&chat->rooms, room)) != NULL;) {
		struct share_room *shared = share_room(chat, room->index);
		struct slice name = share_room_name(room);
		struct mark mark = { 0 };

		if (shared != NULL)
			mark = shared->marks[(shared->next - 1) % SHARE_MARKS];
		serialize_mark(&p, &name, &mark);
	}
	if (!p.failed)
		share_request(chat, &(struct log_request){ .kind = LOG_TELL,
			.payload = { (char *)p.bytes, p.len } });
	codec_finish(&p);
}

static bool is_name(struct slice node)
{
	for (size_t i = 0; i < node.len; i++) {
		char c = node.bytes[i];

		if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-')
			return false;
	}
	return node.len > 0;
}

void beat_namesake(struct chat *chat)
{
	chat->share->fault = "another node has this name";
}

/* Another node goes by this one's name: the one that came later has to go. */
static void meet_namesake(struct chat *chat, const struct beat *beat)
{
	struct share *share = chat->share;

	if (beat->node.len == share->node_len &&
		memcmp(beat->node.bytes, share->node, beat->node.len) == 0 &&
		beat->incarnation < share->incarnation)
		beat_namesake(chat);
}

void beat_heard(struct chat *chat, struct slice payload)
{
	struct codec p = { .bytes = (uint8_t *)payload.bytes, .len = payload.len, .reading = true };
	struct beat beat = { 0 };
	struct node *node;

	if (payload.len == 0 || payload.bytes[0] != BEAT_FORM)
		return;
	serialize_head(&p, &beat);
	if (p.failed || beat.incarnation == chat->share->incarnation || !is_name(beat.node))
		return;
	meet_namesake(chat, &beat);
	node = nodes_add(&chat->share->nodes, beat.incarnation, beat.node);
	if (node != NULL)
		node->heard_at = chat->now.usec;
	while (p.at < p.len && !p.failed) {
		struct slice name = { 0 };
		struct mark mark = { 0 };
		const struct room *room;

		serialize_mark(&p, &name, &mark);
		room = p.failed ? NULL : rooms_find(&chat->rooms, name);
		if (room != NULL)
			follow_compare(chat, room->index, beat.node, mark);
	}
}

/* As long as nobody could be heard does not count. */
static void come_up(struct chat *chat)
{
	struct share *share = chat->share;
	int64_t silent = chat->now.usec - share->down_since;

	share->checked_at = share->checked_at != 0 ? share->checked_at + silent : chat->now.usec;
	for (uint32_t i = 0; i < share->nodes.count; i++)
		share->nodes.list[i].heard_at += silent;
	share->beat_at = chat->now.usec;
	if (share->is_behind)
		share->fill_until = chat->now.usec + SHARE_FILL_MS * TIME_MS;
}

void beat_status(struct chat *chat, bool up)
{
	if (up && !chat->share->is_up)
		come_up(chat);
	else if (!up && chat->share->is_up)
		chat->share->down_since = chat->now.usec;
	chat->share->is_up = up;
	chat_wake_at(chat, chat->now.usec);
}

/* When the node of somebody was heard last, or could have been. */
static int64_t heard_at(const struct chat *chat, const struct persona *person)
{
	const struct node *node = nodes_find(&chat->share->nodes, person->home);

	/* On their way from here to another node. */
	if (person->home == chat->share->incarnation)
		return person->handed_at;

	return node != NULL ? node->heard_at : chat->share->checked_at;
}

static void check_person(struct chat *chat, struct persona *person)
{
	int64_t silent = chat->now.usec - heard_at(chat, person);

	if (person->user_id == 0 || !person->has_record)
		return;
	share_count(chat, person, !person->is_away && silent < SHARE_AWAY_MS * TIME_MS);
	if (silent >= SHARE_DEAD_MS * TIME_MS)
		register_end(chat, person);
}

static void check_people(struct chat *chat)
{
	struct personas *people = &chat->people;

	for (uint32_t i = people->count; i > 0; i--) {
		struct persona *person = people->list[i - 1];

		if (!person->is_ours && chat->share->is_up && !chat->share->is_behind)
			check_person(chat, person);
		if (person->gone_at != 0 && !person->has_record && !person->is_publishing &&
			chat->now.usec > person->gone_at + FORGET_MS * TIME_MS)
			personas_remove(people, person);
	}
}

/* Nodes that are long gone, and nobody of which is known. */
static void check_nodes(struct chat *chat)
{
	struct nodes *nodes = &chat->share->nodes;

	for (uint32_t i = nodes->count; i > 0; i--)
		if (chat->share->is_up && chat->now.usec > nodes->list[i - 1].heard_at +
			2 * SHARE_DEAD_MS * TIME_MS)
			nodes_remove(nodes, &nodes->list[i - 1]);
}

/*
 * Whether a line of theirs waits for what is on its way to the log: a
 * newcomer's for their joining.
 */
static bool has_waiting_line(const struct chat *chat, const struct client *client)
{
	for (const struct proposal *p = chat->order.first; p != NULL; p = p->next)
		if (p->event.author == client->user.id &&
			(p->event.kind == EVENT_SAID || p->event.kind == EVENT_ACTION))
			return true;
	return client_held_line(client) != NULL;
}

/* Somebody's line is still not said: that is told once, and they may ask for what is here. */
static void check_waiting(struct chat *chat, const struct log_request *r)
{
	struct persona *person = personas_by_user(&chat->people, r->user_id);
	enum event_kind kind = (enum event_kind)r->note.bytes[0];
	struct client *client;
	int64_t due;

	if (person == NULL || !person->is_publishing || !person->is_ours ||
		share_user(chat, person, &client) == NULL || client == NULL)
		return;
	due = person->since_usec + SHARE_PATIENCE_MS * TIME_MS;
	if (chat->now.usec < due) {
		chat_wake_at(chat, due);
		return;
	}
	if (!client->is_adrift)
		chat_await(chat, client);
	client->is_adrift = true;
	if (person->was_told || (kind != EVENT_SAID && kind != EVENT_ACTION &&
		!has_waiting_line(chat, client)))
		return;
	person->was_told = true;
	tell_answer(chat, client, "not said yet: the other servers can't be reached");
}

void beat_tick(struct chat *chat)
{
	struct share *share = chat->share;

	for (const struct log_request *r = share->log.first; r != NULL; r = r->next)
		if (r->purpose == PURPOSE_LINE)
			check_waiting(chat, r);
	claim_expire(chat);
	if (chat->now.usec >= share->beat_at) {
		share->beat_at = chat->now.usec + SHARE_BEAT_MS * TIME_MS;
		share->has_changed = true;
		if (share->is_up)
			tell(chat);
		check_people(chat);
		check_nodes(chat);
	}
	chat_wake_at(chat, share->beat_at);
}
