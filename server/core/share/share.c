/*
 * The ground that the files of this layer stand on (share.h). The rule: a person of this node has
 * one thing at a time on its way to the log; that is what keeps their lines in order.
 */
#include "server/core/share/share.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/core/room/presence.h"
#include "server/core/room/roster.h"
#include "server/core/room/tell.h"

enum { REASON_MAX = 160 };

struct share *share_create(struct slice node, uint64_t incarnation)
{
	struct share *share = calloc(1, sizeof(*share));

	if (share == NULL)
		return NULL;
	share->incarnation = incarnation;
	share->is_behind = true;
	memcpy(share->node, node.bytes, node.len);
	share->node_len = (uint8_t)node.len;
	return share;
}

void share_destroy(struct share *share)
{
	if (share == NULL)
		return;
	shared_log_finish(&share->log);
	nick_keys_finish(&share->keys);
	entries_finish(&share->entries);
	nodes_finish(&share->nodes);
	for (uint32_t i = 0; i < share->room_count; i++)
		free(share->rooms[i]);
	free(share->rooms);
	free(share);
}

static int fit_rooms(struct share *share, uint32_t count)
{
	struct share_room **rooms;

	if (count <= share->room_count)
		return 0;
	rooms = realloc(share->rooms, count * sizeof(struct share_room *));
	if (rooms == NULL)
		return -1;
	share->rooms = rooms;
	while (share->room_count < count)
		rooms[share->room_count++] = NULL;
	return 0;
}

struct room *share_room_of(const struct chat *chat, uint32_t index)
{
	struct room *room = rooms_at(&chat->rooms, index);

	return room != NULL ? room : rooms_first(&chat->rooms);
}

struct slice share_room_name(const struct room *room)
{
	return (struct slice){ room->name, strlen(room->name) };
}

struct share_room *share_room(struct chat *chat, uint32_t index)
{
	const struct room *found = rooms_at(&chat->rooms, index);
	uint32_t serial = found != NULL ? found->serial : 0;
	struct share *share = chat->share;
	struct share_room *room;

	if (fit_rooms(share, index + 1) < 0)
		return NULL;
	room = share->rooms[index];
	if (room == NULL)
		room = share->rooms[index] = calloc(1, sizeof(*room));
	if (room == NULL || room->serial == serial)
		return room;
	*room = (struct share_room){ .serial = serial, .is_behind = true };
	if (found != NULL)
		room->next = found->feed.next;
	return room;
}

bool share_is_behind(const struct chat *chat, const struct room *room)
{
	const struct share *share = chat->share;

	if (share == NULL || !share->is_up)
		return false;
	return room->index >= share->room_count || share->rooms[room->index] == NULL ||
		share->rooms[room->index]->serial != room->serial ||
		share->rooms[room->index]->is_behind;
}

bool share_is_filling(const struct chat *chat)
{
	const struct share *share = chat->share;

	if (share == NULL || !share->is_up || chat->now.usec >= share->fill_until)
		return false;
	for (const struct room *room = NULL; (room = rooms_next(&chat->rooms, room)) != NULL;)
		if (share_is_behind(chat, room))
			return true;
	return share->is_behind;
}

void share_end_room(struct chat *chat, const struct room *room)
{
	if (chat->share == NULL)
		return;
	for (uint32_t i = 0; i < chat->people.count; i++)
		person_forget_room(chat->people.list[i], room->index);
	share_request(chat, &(struct log_request){ .kind = LOG_END,
		.to = share_room_name(room) });
}

bool share_request(struct chat *chat, const struct log_request *request)
{
	return shared_log_add(&chat->share->log, request) != 0;
}

struct user *share_user(struct chat *chat, const struct persona *person, struct client **client)
{
	struct event event = { .author = person->user_id, .slot = person->number };
	struct session *session;

	*client = roster_author(chat, &event);
	if (*client != NULL)
		return &(*client)->user;
	session = sessions_by_id(&chat->sessions, person->user_id);
	return session != NULL ? &session->user : NULL;
}

struct persona *share_self(struct chat *chat)
{
	struct share *share = chat->share;
	struct persona *self = personas_add(&chat->people,
		(struct person_id){ share->incarnation, 0 });

	if (self == NULL)
		return NULL;
	self->is_ours = true;
	self->home = share->incarnation;
	return self;
}

bool share_is_down(const struct chat *chat)
{
	return !chat->share->is_up &&
		chat->now.usec >= chat->share->down_since + SHARE_PATIENCE_MS * TIME_MS;
}

void share_depart(struct chat *chat, struct persona *person)
{
	struct client *client;

	person->is_publishing = true;
	person->since_usec = chat->now.usec;
	share_user(chat, person, &client);
	if (client != NULL && share_is_down(chat)) {
		client->is_adrift = true;
		chat_await(chat, client);
	}
	chat_wake_at(chat, chat->now.usec + SHARE_PATIENCE_MS * TIME_MS);
}

/* One who was told that it takes its time is told that it is over. */
static void tell_back(struct chat *chat, struct persona *person, struct client *client)
{
	int64_t usec = chat->now.usec - person->since_usec;

	if (person->was_told && client != NULL)
		tell_answer(chat, client, "back after %" PRId64 " s",
			(usec + TIME_SECOND - 1) / TIME_SECOND);
	person->was_told = false;
}

void share_arrive_said(struct chat *chat, struct persona *person)
{
	struct client *client;
	struct user *user = share_user(chat, person, &client);

	if (!person->is_publishing)
		return;
	person->is_publishing = false;
	tell_back(chat, person, client);
	if (user != NULL && user->in_flight > 0)
		user->in_flight--;
	if (client != NULL) {
		client->is_adrift = false;
		chat_await(chat, client);
	}
	chat_wake_at(chat, chat->now.usec);
}

void share_arrive(struct chat *chat, struct persona *person)
{
	if (person->is_publishing)
		chat->share->has_changed = true;
	share_arrive_said(chat, person);
}

void share_refuse(struct chat *chat, struct persona *person, const char *format, ...)
{
	struct client *client;
	char reason[REASON_MAX];
	va_list arguments;

	share_user(chat, person, &client);
	va_start(arguments, format);
	vsnprintf(reason, sizeof(reason), format, arguments);
	va_end(arguments);
	person->was_told = false;
	if (client != NULL)
		tell_error(chat, client, "%s", reason);
	share_arrive(chat, person);
}

void share_count(struct chat *chat, struct persona *person, bool counts)
{
	struct room *room = rooms_at(&chat->rooms, person->room);

	if (person->counted == counts || room == NULL)
		return;
	person->counted = counts;
	if (counts)
		room->online++;
	else
		room->online--;
}

/* Made with /join, it may end. */
static void leave_room(struct chat *chat, const struct persona *person)
{
	struct room *room = rooms_at(&chat->rooms, person->room);

	if (room != NULL)
		presence_left_room(chat, room);
}

void share_move(struct chat *chat, struct persona *person, uint32_t index)
{
	bool counted = person->counted;

	if (index == person->room)
		return;
	share_count(chat, person, false);
	leave_room(chat, person);
	person->room = index;
	share_count(chat, person, counted);
}

/* User ids of bots begin here, and are the same on all nodes. */
#define BOT_NUMBERS (UINT32_C(1) << 31)

struct persona *share_add_person(struct chat *chat, struct person_id id)
{
	struct persona *person = personas_add(&chat->people, id);

	if (person == NULL || person->user_id != 0 || id.number == 0)
		return person;
	if (id.number >= BOT_NUMBERS) {
		person->user_id = id.number;
		return person;
	}
	person->user_id = chat->clients.next_user_id;
	if (++chat->clients.next_user_id >= BOT_NUMBERS)
		chat->clients.next_user_id = 1;
	return person;
}

void share_rename(struct chat *chat, struct persona *person, struct slice nick)
{
	struct user user = { .id = person->user_id };

	if (nick.len == person->nick_len &&
		(nick.len == 0 || memcmp(nick.bytes, person->nick, nick.len) == 0))
		return;
	person_set_nick(person, nick);
	if (nick.len == 0)
		return;
	nick_look(person->look, nick.bytes, nick.len);
	user_set_nick(&user, nick);
	roster_ignore_nick(chat, &user);
}

void share_forget(struct chat *chat, struct persona *person)
{
	share_count(chat, person, false);
	leave_room(chat, person);
	person->nick_len = 0;
	person->has_token = false;
	person->gone_at = chat->now.usec;
}

size_t share_put_msg_id(struct chat *chat, char *out)
{
	return (size_t)snprintf(out, LOG_MSG_ID_MAX, "%016" PRIx64 "-put-%" PRIu64,
		chat->share->incarnation, ++chat->share->puts);
}
