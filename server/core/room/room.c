#include "server/core/room/room.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/text.h"

enum {
	ECHO_MAX = 64, /* of a wrong word, said back to who typed it */

	/* What events and answers say besides a person's text. */
	WORDS_MAX = 512,

	/* "client #4294967295 (nick)" and a NUL. */
	CLIENT_TEXT_MAX = 80,
};

int room_init(struct room *room, const struct settings *settings, struct log *log,
	chat_random *random, struct time now)
{
	*room = (struct room){ .log = log, .random = random, .now = now, .started = now,
		.wake = TIME_NEVER, .backpressure_at = now.usec };
	room->budget = (int64_t)settings->feed_bytes / 2;
	if (settings_copy(&room->settings, settings) < 0)
		return -1;
	if (feed_init(&room->feed, settings->feed_bytes) < 0 || room_fit(room) < 0 ||
		clients_init(&room->clients, settings->max_clients, ROOM_REFUSALS) < 0) {
		room_finish(room);
		return -1;
	}
	return 0;
}

void room_finish(struct room *room)
{
	clients_finish(&room->clients);
	feed_finish(&room->feed);
	bans_finish(&room->bans);
	sessions_finish(&room->sessions);
	render_caches_finish(&room->caches);
	settings_finish(&room->settings);
	free(room->text);
	free(room->clean);
	free((char *)room->stop_text);
	*room = (struct room){ 0 };
}

static int fit(char **buffer, size_t *size, size_t need)
{
	char *larger;

	if (need <= *size)
		return 0;
	larger = realloc(*buffer, need);
	if (larger == NULL)
		return -1;
	*buffer = larger;
	*size = need;
	return 0;
}

int room_fit(struct room *room)
{
	size_t max = room->settings.max_message, most = feed_message_max(room->feed.size);

	if (max > most) {
		log_line(room->log, LOG_AT_WARNING, "max-message is %zu: the feed has no room for more "
			"before a restart", most);
		room->settings.max_message = (uint32_t)(max = most);
	}
	if (fit(&room->clean, &room->clean_size, TEXT_GROWTH * max) < 0)
		return -1;
	return fit(&room->text, &room->text_size, feed_line_max(max + WORDS_MAX));
}

void room_tell_operator(struct room *room, struct client *client)
{
	if (client->is_operator && *room->history_fault != '\0')
		room_answer(room, client, "%s", room->history_fault);
}

void room_fail(struct room *room, struct client *client)
{
	if (!client->failed)
		room_log(room, client, LOG_AT_ERROR, "has to go: out of memory");
	client->deaf = client->failed = true;
	room_wake_at(room, room->now.usec);
}

void room_wake_at(struct room *room, int64_t usec)
{
	if (usec < room->wake)
		room->wake = usec;
}

void room_wake_about(struct room *room, int64_t usec)
{
	room_wake_at(room, usec + room->client_count / ROOM_CHECKS * TIME_MS);
}

const char *room_stamp(struct room *room)
{
	return stamp_at(&room->stamp, room->now.time);
}

size_t room_who(const struct room *room, const struct client *client, char *who)
{
	if (client->nick_len > 0) {
		memcpy(who, client->nick, client->nick_len);
		return client->nick_len;
	}
	*who = '#';
	return 1 + text_put_number(who + 1, (uint64_t)clients_index(&room->clients, client) + 1);
}

static struct client *find_number(const struct room *room, const char *digits, size_t len)
{
	uint64_t number;
	struct client *client;

	if (!text_number(digits, len, room->clients.max, &number) || number == 0)
		return NULL;
	client = &room->clients.list[number - 1];
	return client->state == CLIENT_HERE ? client : NULL;
}

static bool has_nick(const struct client *client)
{
	return client->state == CLIENT_HERE && client->announced && client->nick_len > 0;
}

struct client *room_find(const struct room *room, const char *who, size_t len)
{
	if (len > 1 && who[0] == '#')
		return find_number(room, who + 1, len - 1);

	struct nick_hash hash = nick_hash(who, len);
	for (uint32_t i = 0; i < room->clients.top && i < room->clients.max; i++) {
		struct client *client = &room->clients.list[i];

		if (has_nick(client) && client->nick_hash.folded == hash.folded &&
			nick_same_folded(client->nick, client->nick_len, who, len))
			return client;
	}
	return NULL;
}

const struct client *room_namesake(const struct room *room, const struct client *client,
	const char *nick, size_t len)
{
	struct nick_hash hash = nick_hash(nick, len);

	for (uint32_t i = 0; i < room->clients.top && i < room->clients.max; i++) {
		const struct client *other = &room->clients.list[i];

		if (other != client && has_nick(other) &&
			nick_hash_meets(other->nick_hash, hash) &&
			nick_same(other->nick, other->nick_len, nick, len))
			return other;
	}
	return NULL;
}

struct client *room_by_id(const struct room *room, uint32_t user_id)
{
	for (uint32_t i = 0; i < room->clients.top && i < room->clients.max; i++) {
		struct client *client = &room->clients.list[i];

		if (client->state == CLIENT_HERE && client->user_id == user_id)
			return client;
	}
	return NULL;
}

/* "client #1 (alice)": writes it to out and returns its length. */
static size_t describe_client(const struct room *room, const struct client *client,
	char out[CLIENT_TEXT_MAX])
{
	unsigned number = clients_index(&room->clients, client) + 1;
	int len;

	if (client->nick_len > 0)
		len = snprintf(out, CLIENT_TEXT_MAX, "client #%u (%.*s)", number,
			(int)client->nick_len, client->nick);
	else
		len = snprintf(out, CLIENT_TEXT_MAX, "client #%u", number);
	return (size_t)len;
}

void room_log(struct room *room, const struct client *client, enum log_priority priority,
	const char *format, ...)
{
	char name[CLIENT_TEXT_MAX], what[128];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(what, sizeof(what), format, arguments);
	va_end(arguments);
	describe_client(room, client, name);
	log_line(room->log, priority, "%s %s. TIME: %s", name, what, room_stamp(room));
}

static void log_said(struct room *room, const struct client *client, enum message_kind kind,
	const char *text, size_t len)
{
	char head[CLIENT_TEXT_MAX + 8];
	size_t head_len;

	if (room->settings.quiet)
		return;
	head_len = describe_client(room, client, head);
	head_len += (size_t)snprintf(head + head_len, sizeof(head) - head_len, ": %s",
		kind == MESSAGE_ACTION ? "/me " : "");
	log_text(room->log, LOG_AT_INFO, head, head_len, text, len);
}

/* Writes a line into the feed; client may be NULL. Returns false if no text is left of it. */
static bool append(struct room *room, struct client *client, enum message_kind kind, const char *text,
	size_t len)
{
	char who[WHO_MAX];
	size_t who_len = client != NULL ? room_who(room, client, who) : 0;
	/* Lines leave for what is reserved: no more than is needed, as events are clean already. */
	size_t growth = text_is_clean(text, len) ? 1 : TEXT_GROWTH;
	char *line = feed_reserve(&room->feed, MESSAGE_FRAME_MAX + growth * len);
	size_t head = message_begin(line, kind, who, who_len);
	size_t body = text_clean(line + head, text, len);
	size_t all;

	if (text_is_blank(line + head, body))
		return false;
	all = head + body + message_end(line + head + body, kind, room_stamp(room));
	if (client != NULL)
		log_said(room, client, kind, line + head, all - 1 - head);
	feed_commit(&room->feed, all, kind, client != NULL ? client->user_id : 0, room->now.time);
	if (client != NULL)
		client->own_end = room->feed.next;
	room->budget -= (int64_t)all;
	return true;
}

bool room_say(struct room *room, struct client *client, enum message_kind kind, const char *text,
	size_t len)
{
	if (!append(room, client, kind, text, len))
		return false;
	room->counters.lines++;
	return true;
}

/* Formats into room->text, which is large enough for every format in use, and returns the length. */
static size_t format_text(struct room *room, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));

static size_t format_text(struct room *room, const char *format, va_list arguments)
{
	int len = vsnprintf(room->text, room->text_size, format, arguments);

	if (len < 0)
		return 0;
	return (size_t)len < room->text_size ? (size_t)len : room->text_size - 1;
}

void room_event(struct room *room, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	append(room, NULL, MESSAGE_EVENT, room->text, format_text(room, format, arguments));
	va_end(arguments);
}

uint64_t room_visible(const struct room *room)
{
	bool held = room->durable > 0 && room->durable < room->feed.next;

	return held ? room->durable : room->feed.next;
}

uint64_t room_place(const struct room *room, const struct client *client)
{
	uint64_t visible = room_visible(room);

	return client->own_end > visible ? client->own_end : visible;
}

void room_tell_raw(struct room *room, struct client *client, const void *bytes, size_t len)
{
	char *to;

	if (client->deaf || client->state == CLIENT_GONE)
		return;
	to = outbox_add(&client->outbox, room_place(room, client), len);
	if (to == NULL) {
		room_fail(room, client);
		return;
	}
	memcpy(to, bytes, len);
}

void room_tell_text(struct room *room, struct client *client, enum message_kind kind,
	const char *who, size_t who_len, const char *text, size_t len)
{
	char frame[MESSAGE_FRAME_MAX];
	size_t head = message_begin(frame, kind, who, who_len), body, tail;
	char *line = malloc(head + TEXT_GROWTH * len + MESSAGE_FRAME_MAX + 1);

	if (line == NULL) {
		room_fail(room, client);
		return;
	}
	memcpy(line, frame, head);
	body = head + text_clean(line + head, text, len);
	tail = body + message_end(line + body, kind, room_stamp(room));
	if (client->crlf) {
		line[tail - 1] = '\r';
		line[tail++] = '\n';
	}
	room_tell_raw(room, client, line, tail);
	free(line);
}

void room_answer(struct room *room, struct client *client, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	room_tell_text(room, client, MESSAGE_ANSWER, NULL, 0, room->text,
		format_text(room, format, arguments));
	va_end(arguments);
}

void room_error(struct room *room, struct client *client, const char *format, ...)
{
	va_list arguments;

	room->counters.errors++;
	va_start(arguments, format);
	room_tell_text(room, client, MESSAGE_ERROR, NULL, 0, room->text,
		format_text(room, format, arguments));
	va_end(arguments);
}

struct client *room_person(struct room *room, struct client *client, const char *who, size_t len)
{
	struct client *person = room_find(room, who, len);
	int shown = (int)(len < ECHO_MAX ? len : ECHO_MAX);

	if (person != NULL)
		return person;
	if (sessions_by_nick(&room->sessions, who, len) != NULL)
		room_error(room, client, "%.*s has lost the connection, perhaps for a moment", shown,
			who);
	else
		room_error(room, client, "nobody here is called %.*s", shown, who);
	return NULL;
}
