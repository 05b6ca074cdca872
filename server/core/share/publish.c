/*
 * Proposals to lines (publish.h). The rule: the next proposal of somebody is published when the one
 * before has been applied here, and under a name that says which it is, so that it is stored once
 * however often it is asked.
 */
#include "server/core/share/publish.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/core/room/roster.h"
#include "server/core/room/tell.h"
#include "server/core/share/claim.h"

/* The person of an author, made when they first do something; NULL: no memory. */
static struct persona *person_of(struct chat *chat, const struct event *event)
{
	uint64_t incarnation = chat->share->incarnation;
	struct persona *person;

	if (event->author == 0)
		return share_self(chat);
	person = personas_find(&chat->people, (struct person_id){ incarnation, event->author });
	if (person == NULL || person->user_id != event->author)
		person = personas_by_user(&chat->people, event->author);
	if (person == NULL)
		person = personas_add(&chat->people,
			(struct person_id){ incarnation, event->author });
	if (person == NULL)
		return NULL;
	person->user_id = event->author;
	person->is_ours = true;
	person->home = incarnation;
	if (event->slot > 0)
		person->number = event->slot;
	return person;
}

/*
 * How many are online after an event, counting what is on its way; one
 * more, so that it is never 0.
 */
static uint32_t count_online(struct chat *chat, const struct persona *person,
	const struct room *room, const struct event *event)
{
	const struct share_room *shared = share_room(chat, room->index);
	uint32_t online = room->online;
	struct client *client;

	if (shared == NULL)
		return online + 1;
	online += shared->joining - shared->leaving;
	if (event->kind == EVENT_JOIN)
		return online + 2;
	/* One whose connection was lost is not counted any more. */
	share_user((struct chat *)chat, person, &client);
	if (client == NULL) {
		const struct session *s = sessions_by_id(&chat->sessions, person->user_id);

		return online + (s != NULL && s->counted ? 0 : 1);
	}
	return online + !client->member.announced;
}

static size_t put_msg_id(char *out, const struct persona *person, const struct event *event)
{
	char id[PERSON_TEXT_MAX];

	person_id_text(id, person->id);
	if (event->kind == EVENT_LEAVE)
		return (size_t)snprintf(out, LOG_MSG_ID_MAX, "%s-left-%" PRIu32, id,
			person->joined);
	return (size_t)snprintf(out, LOG_MSG_ID_MAX, "%s-%" PRIu32, id, event->number);
}

/* It is known here alone: no line says it. */
static void apply_silently(struct chat *chat, struct persona *person, struct room *room,
	const struct event *event)
{
	struct event silent = *event;

	silent.silent = true;
	silent.slot = person->number;
	if (event->kind == EVENT_JOIN || event->kind == EVENT_LEAVE || event->kind == EVENT_RENAME)
		room_apply(chat, room, room->feed.next, &silent);
	if (event->author == 0)
		chat->order.applied = event->number;
	share_arrive(chat, person);
}

static bool is_said(const struct event *event)
{
	return event->kind == EVENT_SAID || event->kind == EVENT_ACTION;
}

/*
 * Whether a line stands in the log already, from when its author was elsewhere: that it had been
 * said was not known when they were told what was, so they have sent it again.
 */
static bool is_there(const struct persona *person, const struct event *event)
{
	return is_said(event) && event->said > 0 && (int32_t)(event->said - person->said) <= 0;
}

static void request_line(struct chat *chat, struct persona *person, struct room *room,
	const struct event *event)
{
	struct share *share = chat->share;
	struct share_room *shared = share_room(chat, room->index);
	struct share_line line = { .person = person->id, .event = *event,
		.node = { share->node, share->node_len }, .home = share->incarnation };
	struct codec p = { 0 };
	char msg_id[LOG_MSG_ID_MAX], kind = (char)event->kind;
	struct client *client;
	bool done = false;

	share_user(chat, person, &client);
	if (!is_said(event))
		line.event.said = person->said;
	line.slot = person->number;
	if (shared != NULL && shared->next > 1)
		line.mark = shared->marks[(shared->next - 1) % SHARE_MARKS];
	share_line_write(&p, &line);
	if (!p.failed && shared != NULL)
		done = share_request(chat, &(struct log_request){ .kind = LOG_LINE,
			.room = room->index, .to = share_room_name(room),
			.msg_id = { msg_id, put_msg_id(msg_id, person, event) },
			.payload = { (char *)p.bytes, p.len }, .purpose = PURPOSE_LINE,
			.user_id = person->user_id, .note = { &kind, 1 } });
	codec_finish(&p);
	if (!done && client != NULL)
		chat_fail_client(chat, client);
	if (!done) {
		share_arrive(chat, person);
		return;
	}
	shared->joining += person->is_ours && event->kind == EVENT_JOIN;
	shared->leaving += person->is_ours && event->kind == EVENT_LEAVE;
}

void publish_event(struct chat *chat, struct persona *person, struct room *room,
	const struct event *event)
{
	struct event counted = *event;

	if (event->kind == EVENT_JOIN || event->kind == EVENT_LEAVE) {
		counted.online = count_online(chat, person, room, event);
		if (counted.online - (event->kind == EVENT_JOIN) > chat->settings.announce_max)
			counted.silent = true;
	}
	if (counted.silent)
		apply_silently(chat, person, room, &counted);
	else
		request_line(chat, person, room, &counted);
}

void publish_leave(struct chat *chat, struct persona *person, struct event *event)
{
	struct room *room = share_room_of(chat, person->room);
	struct share_room *shared = share_room(chat, room->index);

	event->online = room->online - person->counted + 1;
	if (shared != NULL)
		event->online += shared->joining - shared->leaving;
	if (event->online <= chat->settings.announce_max)
		request_line(chat, person, room, event);
}

/* One who joins does so under the name that they have by now. */
static void publish_join(struct chat *chat, struct persona *person, struct room *room,
	const struct event *event)
{
	char who[WHO_MAX];
	struct event join = *event;
	struct client *client;

	share_user(chat, person, &client);
	if (client != NULL)
		join.who = (struct slice){ who, roster_who(chat, client, who) };
	person->joined = event->number;
	person->room = room->index;
	publish_event(chat, person, room, &join);
}

static void publish(struct chat *chat, struct persona *person, const struct proposal *proposal)
{
	struct room *room = share_room_of(chat, proposal->room);
	const struct event *event = &proposal->event;

	share_depart(chat, person);
	if (is_there(person, event))
		share_arrive(chat, person);
	else if (event->kind == EVENT_JOIN)
		publish_join(chat, person, room, event);
	else if (event->kind == EVENT_RENAME && event->text.bytes[0] != '#')
		claim_nick(chat, person, room, event);
	else
		publish_event(chat, person, room, event);
}

void publish_proposals(struct chat *chat)
{
	struct proposal **at = &chat->order.first, *proposal;

	while ((proposal = *at) != NULL) {
		struct persona *person = person_of(chat, &proposal->event);

		if (person == NULL || person->is_publishing) {
			at = &proposal->next;
			continue;
		}
		order_take_at(&chat->order, at);
		publish(chat, person, proposal);
		free(proposal);
	}
}

/* There is no room for a line. Its event holds here, but nobody hears of it. */
static void give_up(struct chat *chat, struct persona *person, const struct log_request *request)
{
	enum event_kind kind = (enum event_kind)request->note.bytes[0];
	struct share_line line;

	if (share_line_read(request->payload, &line) < 0)
		return;
	if (kind == EVENT_SAID || kind == EVENT_ACTION) {
		share_refuse(chat, person, "not said: the log is full");
		return;
	}
	line.event.author = person->user_id;
	apply_silently(chat, person, share_room_of(chat, request->room), &line.event);
}

void publish_answered(struct chat *chat, const struct log_request *request, enum log_answer answer)
{
	struct persona *person = request->user_id > 0
		? personas_by_user(&chat->people, request->user_id) : share_self(chat);

	if (answer != LOG_FULL)
		return;
	publish_landed(chat, request->room, (enum event_kind)request->note.bytes[0]);
	if (person != NULL)
		give_up(chat, person, request);
}

/* What is on its way to the log for somebody; NULL: nothing. */
static struct log_request *line_under_way(const struct chat *chat, const struct persona *person)
{
	struct log_request *r = chat->share->log.first;

	while (r != NULL && (r->purpose != PURPOSE_LINE || r->user_id != person->user_id))
		r = r->next;
	return r;
}

void publish_crossed(struct chat *chat, struct persona *person, const struct event *event)
{
	struct log_request *r = line_under_way(chat, person);
	struct share_line line;
	struct client *client;
	struct user *user = share_user(chat, person, &client);

	if (r == NULL || user == NULL || share_line_read(r->payload, &line) < 0 ||
		(line.event.kind == EVENT_LEAVE) != (event->kind == EVENT_LEAVE) ||
		(event->kind != EVENT_LEAVE &&
		(int32_t)(line.event.number - event->number) > 0))
		return;
	/* Its answer, which may say that it is stored, means the other one. */
	r->purpose = PURPOSE_NONE;
	publish_landed(chat, r->room, line.event.kind);
	line.event.author = person->user_id;
	line.event.number = ++user->proposed;
	if (event->kind == EVENT_LEAVE || is_there(person, &line.event))
		share_arrive(chat, person);
	else
		request_line(chat, person, share_room_of(chat, r->room), &line.event);
}

void publish_landed(struct chat *chat, uint32_t room, enum event_kind kind)
{
	struct share_room *shared = share_room(chat, room);

	if (shared == NULL)
		return;
	if (kind == EVENT_JOIN && shared->joining > 0)
		shared->joining--;
	if (kind == EVENT_LEAVE && shared->leaving > 0)
		shared->leaving--;
}
