/*
 * A room (room.h). The rule: what the room is told (lines, nicks, who comes and goes) changes in
 * room_apply() and nowhere else. The functions before it only propose.
 */
#include "server/core/room/room.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/text.h"
#include "server/core/room/context.h"
#include "server/core/room/roster.h"
#include "server/core/room/tell.h"

struct room *room_create(const struct room_settings *settings, uint32_t places, struct time now)
{
	struct room *room = calloc(1, sizeof(*room));
	size_t len = strlen(settings->name);

	if (room == NULL)
		return NULL;
	*room = (struct room){ .budget = (int64_t)settings->feed_bytes / 2,
		.slow = settings->slow, .slow_set = settings->slow, .replay = settings->replay,
		.is_hidden = settings->is_hidden, .is_for_operators = settings->is_for_operators,
		.topic_is_open = settings->topic_is_open };
	memcpy(room->name, settings->name, len);
	room->name_hash = nick_hash(room->name, len);
	if (feed_init(&room->feed, settings->feed_bytes) == 0 &&
		place_set_init(&room->members, places) == 0 &&
		settings_copy_text(&room->password, settings->password) == 0)
		return room;
	room_destroy(room);
	return NULL;
}

void room_destroy(struct room *room)
{
	if (room == NULL)
		return;
	feed_finish(&room->feed);
	place_set_finish(&room->members);
	render_caches_finish(&room->caches);
	free((char *)room->password);
	free(room->topic);
	free(room);
}

int room_set_topic(struct room *room, struct slice topic)
{
	char *copy = NULL;

	if (topic.len > 0) {
		copy = malloc(topic.len + 1);
		if (copy == NULL)
			return -1;
		memcpy(copy, topic.bytes, topic.len);
		copy[topic.len] = '\0';
	}
	free(room->topic);
	room->topic = copy;
	return 0;
}

/* Above this number of people nobody's coming and going is said. */
static bool is_announced(const struct chat *chat, uint32_t online)
{
	return online <= chat->settings.announce_max;
}

/* As room_apply(), with the client of the event's author; NULL: it has none here. */
static void apply(struct chat *chat, struct room *room, uint64_t id, const struct event *event,
	struct client *client);

/* client: the author's, where the caller has it. */
static void propose(struct chat *chat, struct room *room, struct client *client,
	struct event *event)
{
	event->time = chat->now.time;
	if (client != NULL)
		event->slot = clients_index(&chat->clients, client) + 1;
	/* Nobody sees what is silent, and nothing of its author is on its way: it need not wait. */
	if (!chat->order.external || (event->silent && chat->share == NULL)) {
		apply(chat, room, room->feed.next, event,
			client != NULL ? client : roster_author(chat, event));
		return;
	}
	if (order_push(&chat->order, room->index, event) < 0) {
		if (client != NULL)
			chat_fail_client(chat, client);
		return;
	}
	if (client != NULL)
		client->user.in_flight++;
}

void room_say(struct chat *chat, struct client *client, enum event_kind kind, const char *text,
	size_t len)
{
	char who[WHO_MAX];
	struct event event = { .kind = kind, .author = client->user.id,
		.number = ++client->user.proposed, .said = client->user.said,
		.who = { who, roster_who(chat, client, who) }, .text = { text, len } };

	/* A log elsewhere is given text that is safe already, and makes a line. */
	if (chat->order.external && !text_is_clean(text, len))
		event.text = (struct slice){ chat->text, text_clean(chat->text, text, len) };
	if (chat->order.external && text_is_blank(event.text.bytes, event.text.len))
		return;
	propose(chat, client->member.room, client, &event);
}

void room_say_as(struct chat *chat, struct room *room, struct user *user, struct slice text)
{
	struct event event = { .kind = EVENT_SAID, .author = user->id, .number = ++user->proposed,
		.who = { user->nick, user->nick_len }, .text = text };

	if (chat->order.external) {
		event.author = chat->share != NULL ? user->id : 0;
		event.number = ++chat->order.proposed;
		event.text = (struct slice){ chat->text,
			text_clean(chat->text, text.bytes, text.len) };
	}
	propose(chat, room, NULL, &event);
}

void room_join(struct chat *chat, struct client *client)
{
	char who[WHO_MAX];
	struct event event = { .kind = EVENT_JOIN, .author = client->user.id,
		.number = ++client->user.proposed,
		.who = { who, roster_who(chat, client, who) } };

	propose(chat, client->member.room, client, &event);
}

void room_rename(struct chat *chat, struct client *client, struct slice who, struct slice nick)
{
	struct event event = { .kind = EVENT_RENAME, .author = client->user.id,
		.number = ++client->user.proposed, .silent = !client->member.announced,
		.who = who, .text = nick };

	propose(chat, client->member.room, client, &event);
}

void room_leave(struct chat *chat, struct room *room, struct user *user, struct slice who,
	struct slice reason)
{
	struct event event = { .kind = EVENT_LEAVE, .author = user->id,
		.number = ++user->proposed, .who = who, .text = reason };

	propose(chat, room, NULL, &event);
}

void room_part(struct chat *chat, struct client *client)
{
	char who[WHO_MAX];
	struct event event = { .kind = EVENT_LEAVE, .author = client->user.id,
		.number = ++client->user.proposed,
		.who = { who, roster_who(chat, client, who) } };

	client->is_moving = true;
	propose(chat, client->member.room, client, &event);
}

void room_propose_topic(struct chat *chat, struct client *client, struct slice topic)
{
	char who[WHO_MAX];
	struct event event = { .kind = EVENT_TOPIC, .author = client->user.id,
		.number = ++client->user.proposed,
		.who = { who, roster_who(chat, client, who) }, .text = topic };

	propose(chat, client->member.room, client, &event);
}

/* Formats into chat->text, which is large enough for every format in use. */
static size_t format_text(struct chat *chat, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));

static size_t format_text(struct chat *chat, const char *format, va_list arguments)
{
	int len = vsnprintf(chat->text, chat->text_size, format, arguments);

	if (len < 0)
		return 0;
	return (size_t)len < chat->text_size ? (size_t)len : chat->text_size - 1;
}

void room_notice(struct chat *chat, struct room *room, const char *format, ...)
{
	struct event event = { .kind = EVENT_NOTICE, .number = ++chat->order.proposed };
	va_list arguments;

	va_start(arguments, format);
	event.text = (struct slice){ chat->text, format_text(chat, format, arguments) };
	va_end(arguments);
	propose(chat, room, NULL, &event);
}

static void log_said(struct chat *chat, const struct client *client, const struct event *event,
	struct slice text)
{
	char head[CLIENT_TEXT_MAX + 8];
	size_t len;

	if (chat->settings.quiet)
		return;
	len = client != NULL ? describe_client(chat, client, head)
			     : (size_t)snprintf(head, sizeof(head), "client (%.*s)",
				       (int)event->who.len, event->who.bytes);
	len += (size_t)snprintf(head + len, sizeof(head) - len, ": %s",
		event->kind == EVENT_ACTION ? "/me " : "");
	log_text(chat->log, LOG_AT_INFO, (struct slice){ head, len }, text);
}

/* Writes the line of an event into the feed; client: its author's, or NULL. */
static void append(struct chat *chat, struct room *room, uint64_t id, const struct event *event,
	struct client *client)
{
	enum message_kind kind = event->kind == EVENT_SAID ? MESSAGE_SAID
		: event->kind == EVENT_ACTION		   ? MESSAGE_ACTION
							   : MESSAGE_EVENT;
	const char *text = event->text.bytes;
	/*
	 * Room that is reserved pushes old lines out, so no more than is needed: a
	 * clean text does not grow.
	 */
	size_t len = event->text.len;
	bool is_clean = text_is_clean(text, len);
	char *line = feed_reserve(&room->feed,
		MESSAGE_FRAME_MAX + (is_clean ? 1 : TEXT_GROWTH) * len);
	size_t head = message_begin(line, kind, event->who.bytes, event->who.len), all = head + len;

	if (!is_clean)
		all = head + text_clean(line + head, text, len);
	else if (len > 0)
		memcpy(line + head, text, len);
	if (text_is_blank(line + head, all - head))
		return;
	all += message_end(line + all, kind, stamp_at(&chat->stamp, event->time));
	if (kind != MESSAGE_EVENT && !event->is_old) {
		log_said(chat, client, event, (struct slice){ line + head, all - 1 - head });
		chat->counters.lines++;
	}
	feed_append(&room->feed, id,
		&(struct record){ .len = (uint32_t)all & 0xffffff, .kind = (uint32_t)kind & 0xff,
			.author = event->author, .time = (uint32_t)event->time });
	chat->appended++;
	if (client != NULL)
		client->member.own_end = room->feed.next;
	room->budget -= (int64_t)all;
	rooms_stir(&chat->rooms, room);
	chat_owe_room(chat, room);
}

uint64_t room_visible(const struct room *room)
{
	bool held = room->durable > 0 && room->durable < room->feed.next;

	return held ? room->durable : room->feed.next;
}

/* The line of an event that no person words; printf(3)'s format. */
static void append_notice(struct chat *chat, struct room *room, uint64_t id,
	const struct event *event, const char *format, ...) __attribute__((format(printf, 5, 6)));

static void append_notice(struct chat *chat, struct room *room, uint64_t id,
	const struct event *event, const char *format, ...)
{
	struct event notice = { .kind = EVENT_NOTICE, .time = event->time };
	va_list arguments;

	va_start(arguments, format);
	notice.text = (struct slice){ chat->text, format_text(chat, format, arguments) };
	va_end(arguments);
	append(chat, room, id, &notice, NULL);
}

/* Whether a joining or leaving is said. Of a shared log's, its author's node has decided that. */
static bool is_line(const struct chat *chat, const struct event *event, uint32_t online)
{
	return !event->silent && (event->online > 0 || is_announced(chat, online));
}

/* How many are online after it, as all nodes say it. */
static unsigned online_after(const struct room *room, const struct event *event)
{
	return (unsigned)(event->online > 0 ? event->online - 1 : room->online);
}

static void apply_join(struct chat *chat, struct room *room, uint64_t id,
	const struct event *event, struct client *client)
{
	struct session *session =
		client == NULL ? sessions_by_id(&chat->sessions, event->author) : NULL;

	/* It may have come back elsewhere meanwhile, or left again: it counts once. */
	if ((client != NULL && client->member.announced) || (session != NULL && session->counted))
		room->online--;
	if (client != NULL) {
		client->member.announced = true;
		client->is_moving = false;
	} else if (session != NULL) {
		session->counted = true;
	}
	room->online++;
	if (client != NULL)
		roster_ignore_nick(chat, &client->user);
	if (is_line(chat, event, room->online))
		append_notice(chat, room, id, event, "%.*s joined (%u online)",
			(int)event->who.len, event->who.bytes, online_after(room, event));
}

/* The author is a client that goes now, a session that has waited for this, or one that is away. */
static void apply_leave(struct chat *chat, struct room *room, uint64_t id,
	const struct event *event, struct client *client)
{
	struct session *session =
		client == NULL ? sessions_by_id(&chat->sessions, event->author) : NULL;

	if (client != NULL && client->member.announced) {
		client->member.announced = false;
		room->online--;
	}
	if (client != NULL && client->is_moving && client_move(client) != NULL) {
		client_move(client)->is_gone = true;
		client_move(client)->until = id;
	}
	if (session != NULL && session->counted) {
		session->counted = false;
		room->online--;
	}
	if (session != NULL && session->leaving)
		sessions_remove(&chat->sessions, session);
	if (!is_line(chat, event, room->online + 1))
		return;
	if (event->text.len > 0)
		append_notice(chat, room, id, event, "%.*s left (%.*s)", (int)event->who.len,
			event->who.bytes, (int)event->text.len, event->text.bytes);
	else
		append_notice(chat, room, id, event, "%.*s left (%u online)",
			(int)event->who.len, event->who.bytes, online_after(room, event));
}

/*
 * A user goes by another nick from here on; false if it is taken meanwhile, and they were told so.
 */
static bool rename_user(struct chat *chat, struct client *client, struct user *user,
	struct slice nick)
{
	/* A shared log has decided already who gets it. */
	if (chat->share == NULL && client != NULL && roster_refuse_taken(chat, client, nick))
		return false;
	if (client != NULL)
		log_client(chat, client, LOG_AT_INFO, "is now %.*s", (int)nick.len, nick.bytes);
	user_set_nick(user, nick);
	if (client != NULL)
		clients_note_user(&chat->clients, client);
	roster_ignore_nick(chat, user);
	return true;
}

static void apply_rename(struct chat *chat, struct room *room, uint64_t id,
	const struct event *event, struct client *client)
{
	struct session *session =
		chat->share != NULL ? sessions_by_id(&chat->sessions, event->author) : NULL;
	struct user *user = client != NULL ? &client->user
		: session != NULL ? &session->user : NULL;
	struct slice nick = event->text;

	if (user == NULL && !event->is_remote)
		return;
	if (user != NULL && nick.bytes[0] != '#' && !rename_user(chat, client, user, nick))
		return;
	if (!event->silent)
		append_notice(chat, room, id, event, "%.*s is now %.*s", (int)event->who.len,
			event->who.bytes, (int)nick.len, nick.bytes);
}

static void apply_topic(struct chat *chat, struct room *room, uint64_t id,
	const struct event *event)
{
	struct slice topic = event->text;

	if (!text_is_clean(topic.bytes, topic.len))
		return;
	if (room_set_topic(room, topic) < 0) {
		log_line(chat->log, LOG_AT_ERROR, "the topic of room %s is lost: out of memory",
			room->name);
		return;
	}
	chat->store_changes++;
	if (topic.len > 0)
		append_notice(chat, room, id, event, "%.*s set the topic: %s",
			(int)event->who.len, event->who.bytes, room->topic);
	else
		append_notice(chat, room, id, event, "%.*s removed the topic",
			(int)event->who.len, event->who.bytes);
}

/* Whether an event of an external order comes for the first time, and its author is still here. */
static bool is_new(struct chat *chat, const struct event *event, struct client *client)
{
	struct session *session;

	if (event->author == 0)
		return order_is_new(&chat->order.applied, event->number);
	if (client != NULL)
		return order_is_new(&client->user.applied, event->number);
	session = sessions_by_id(&chat->sessions, event->author);
	return session != NULL && order_is_new(&session->user.applied, event->number);
}

static void apply(struct chat *chat, struct room *room, uint64_t id, const struct event *event,
	struct client *client)
{
	if (chat->order.external && chat->share == NULL) {
		if (!is_new(chat, event, client))
			return;
		if (client != NULL && !event->silent && client->user.in_flight > 0) {
			client->user.in_flight--;
			chat_await(chat, client);
		}
	}
	switch (event->kind) {
	case EVENT_SAID:
	case EVENT_ACTION:
	case EVENT_NOTICE:
		append(chat, room, id, event, client);
		break;
	case EVENT_JOIN:
		apply_join(chat, room, id, event, client);
		break;
	case EVENT_LEAVE:
		apply_leave(chat, room, id, event, client);
		break;
	case EVENT_RENAME:
		apply_rename(chat, room, id, event, client);
		break;
	case EVENT_TOPIC:
		apply_topic(chat, room, id, event);
		break;
	case EVENT_KINDS:
		break;
	}
}

void room_apply(struct chat *chat, struct room *room, uint64_t id, const struct event *event)
{
	apply(chat, room, id, event, roster_author(chat, event));
}
