/*
 * One client's own lines (tell.h): they go to its outbox, to be sent before whatever is said next.
 */
#include "server/core/room/tell.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/text.h"
#include "server/core/room/roster.h"

size_t describe_client(const struct chat *chat, const struct client *client, char *out)
{
	unsigned number = clients_index(&chat->clients, client) + 1;
	int len;

	if (client->user.nick_len > 0)
		len = snprintf(out, CLIENT_TEXT_MAX, "client #%u (%.*s)", number,
			(int)client->user.nick_len, client->user.nick);
	else
		len = snprintf(out, CLIENT_TEXT_MAX, "client #%u", number);
	return (size_t)len;
}

void log_client(struct chat *chat, const struct client *client, enum log_priority priority,
	const char *format, ...)
{
	char name[CLIENT_TEXT_MAX], what[128];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(what, sizeof(what), format, arguments);
	va_end(arguments);
	describe_client(chat, client, name);
	log_line(chat->log, priority, "%s %s. TIME: %s", name, what, chat_stamp(chat));
}

uint64_t tell_place(const struct client *client)
{
	uint64_t visible = room_visible(client->member.room);

	return client->member.own_end > visible ? client->member.own_end : visible;
}

void tell_bytes(struct chat *chat, struct client *client, const void *bytes, size_t len)
{
	char *to;

	if (client->deaf || client->state == CLIENT_GONE)
		return;
	to = outbox_add(&client->outbox, tell_place(client), len);
	if (to == NULL) {
		chat_fail_client(chat, client);
		return;
	}
	memcpy(to, bytes, len);
	chat_owe(chat, client);
}

void tell_text(struct chat *chat, struct client *client, enum message_kind kind, struct slice who,
	struct slice text)
{
	char frame[MESSAGE_FRAME_MAX];
	size_t head = message_begin(frame, kind, who.bytes, who.len), len;
	char *line = malloc(head + TEXT_GROWTH * text.len + MESSAGE_FRAME_MAX + 1);

	if (line == NULL) {
		chat_fail_client(chat, client);
		return;
	}
	memcpy(line, frame, head);
	len = head + text_clean(line + head, text.bytes, text.len);
	len += message_end(line + len, kind, chat_stamp(chat));
	tell_bytes(chat, client, line, framing_end_line(line, len, client->wire.crlf));
	free(line);
}

static void tell_format(struct chat *chat, struct client *client, enum message_kind kind,
	const char *format, va_list arguments) __attribute__((format(printf, 4, 0)));

static void tell_format(struct chat *chat, struct client *client, enum message_kind kind,
	const char *format, va_list arguments)
{
	int len = vsnprintf(chat->text, chat->text_size, format, arguments);
	size_t kept = len < 0 ? 0 : (size_t)len;

	if (kept >= chat->text_size)
		kept = chat->text_size - 1;
	tell_text(chat, client, kind, (struct slice){ 0 }, (struct slice){ chat->text, kept });
}

void tell_answer(struct chat *chat, struct client *client, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	tell_format(chat, client, MESSAGE_ANSWER, format, arguments);
	va_end(arguments);
}

void tell_error(struct chat *chat, struct client *client, const char *format, ...)
{
	va_list arguments;

	chat->counters.errors++;
	va_start(arguments, format);
	tell_format(chat, client, MESSAGE_ERROR, format, arguments);
	va_end(arguments);
}

void tell_operator_state(struct chat *chat, struct client *client)
{
	if (!client->user.is_operator)
		return;
	if (*chat->share_fault != '\0')
		tell_answer(chat, client, "%s", chat->share_fault);
	for (const struct room *r = NULL; (r = rooms_next(&chat->rooms, r)) != NULL;)
		if (*r->history_fault != '\0')
			tell_answer(chat, client, "%s", r->history_fault);
}

void tell_topic(struct chat *chat, struct client *client)
{
	if (client->member.room->topic != NULL)
		tell_answer(chat, client, "topic: %s", client->member.room->topic);
}

void tell_operators(struct chat *chat, const char *text)
{
	for (struct client *c = NULL; (c = chat_next_client(chat, c)) != NULL;)
		if (c->user.is_operator)
			tell_answer(chat, c, "%s", text);
}
