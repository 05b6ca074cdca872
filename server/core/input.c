#include "server/core/input.h"

#include <stdlib.h>
#include <string.h>

#include "proto/text.h"
#include "server/core/command/command.h"
#include "server/core/room/auth.h"
#include "server/core/room/backpressure.h"
#include "server/core/room/presence.h"
#include "server/core/wire/sniff.h"

static bool is_listened_to(const struct client *client)
{
	return (client->state == CLIENT_HERE || client->state == CLIENT_AUTH) && !client->failed;
}

bool input_may_go_on(struct room *room, struct client *client)
{
	int64_t when;

	if (outbox_waiting(&client->outbox) > OUTBOX_BUSY)
		return false;
	if (client->state == CLIENT_AUTH)
		return auth_is_ready(client);
	if (client->list != LIST_NONE || client->replay_end != 0 || !backpressure_is_open(room))
		return false;
	if (rate_allows(room, client, &when))
		return true;
	room_wake_at(room, when);
	return false;
}

/* Whether a line is a command: where its slash stands, or len. */
static size_t find_command(const char *line, size_t len)
{
	size_t at = text_first_visible(line, len);

	if (at == len || line[at] != '/' || (at + 1 < len && line[at + 1] == '/'))
		return len;
	return at;
}

/* A message, of which one slash goes if it begins with two. */
static void say_message(struct room *room, struct client *client, const char *line, size_t len)
{
	size_t at = text_first_visible(line, len);

	presence_announce(room, client);
	if (at < len && line[at] == '/') {
		memcpy(room->clean, line, at);
		memcpy(room->clean + at, line + at + 1, len - at - 1);
		line = room->clean;
		len--;
	}
	room_say(room, client, MESSAGE_SAID, line, len);
}

/* What somebody in the room says. */
static void say(struct room *room, struct client *client, const char *line, size_t len)
{
	size_t slash = find_command(line, len);

	if (slash < len)
		command_run(room, client, line + slash + 1, len - slash - 1);
	else
		say_message(room, client, line, len);
}

/* Has input wait, behind what waits already. */
static void put_off(struct room *room, struct client *client, const void *bytes, size_t len)
{
	size_t before = client->waiting != NULL ? client->waiting_len : 0;
	uint8_t *waiting;

	if (len == 0)
		return;
	waiting = realloc(client->waiting, before + len);
	if (waiting == NULL) {
		room_fail(room, client);
		return;
	}
	memcpy(waiting + before, bytes, len);
	if (client->waiting == NULL)
		client->waiting_at = 0;
	client->waiting = waiting;
	client->waiting_len = (uint32_t)(before + len);
	room->waiting = true;
}

/* Whether a line is said to the room, not done. */
static bool is_message(const struct line_view *view)
{
	size_t slash = find_command(view->text, view->len);

	return slash == view->len ||
		(view->len - slash > 4 && memcmp(view->text + slash, "/me ", 4) == 0);
}

/* A line that was said on another connection. False if it can't be said on this one. */
static bool inherit(struct room *room, struct client *heir, bool whole, const struct line_view *view)
{
	size_t before = heir->waiting != NULL ? heir->waiting_len : 0;

	if (!whole || !is_message(view) || before + view->len >= INPUT_MAX)
		return false;
	put_off(room, heir, view->text, view->len);
	put_off(room, heir, "\n", 1);
	/* It is read as telnet once more. What is no UTF-8 may as well be another byte that is none. */
	for (size_t i = before; !heir->failed && i < heir->waiting_len; i++)
		if (heir->waiting[i] == TELNET_IAC)
			heir->waiting[i] = TELNET_IAC - 1;
	return true;
}

/* One line; of one that is too long only the beginning is there. */
static void act_on(struct room *room, struct client *client, bool whole, const struct line_view *view)
{
	const struct alien *alien = NULL;

	if (room->heir != NULL) {
		room->not_inherited += !inherit(room, room->heir, whole, view);
		return;
	}
	if (!client->identified)
		alien = sniff_line(view->text, view->kept, whole);
	if (alien != NULL) {
		client_reject(room, client, alien);
		return;
	}
	if (client->state == CLIENT_AUTH) {
		client->identified = true;
		auth_try(room, client, view->text, whole ? view->len : 0);
		return;
	}
	if (whole && text_is_blank(view->text, view->len))
		return;
	client->identified = true;
	client->last_activity = room->now.usec;
	rate_charge(room, client);
	if (whole) {
		say(room, client, view->text, view->len);
		return;
	}
	presence_announce(room, client);
	room_error(room, client, "message too long (%zu bytes, at most %u): not sent", view->len,
		(unsigned)room->settings.max_message);
}

/* Whether more of what is being taken can be; not if something else is to be taken first. */
static bool may_take(struct room *room, struct client *client)
{
	return is_listened_to(client) && client->waiting == NULL &&
		(room->heir != NULL || input_may_go_on(room, client));
}

/* Text bytes, from *in up to end; stops behind a line after which the client has to wait. */
static void take_text(struct room *room, struct client *client, const uint8_t **in,
	const uint8_t *end)
{
	struct line_view view;
	enum line_status status;
	const struct alien *alien;

	while (*in < end && may_take(room, client)) {
		alien = NULL;
		if (!client->identified)
			alien = sniff_bytes(*in, (size_t)(end - *in), client->line.cr);
		if (alien != NULL) {
			client_reject(room, client, alien);
			return;
		}
		status = line_next(&client->line, room->settings.max_message, in, end, &view);
		if (client->line.crlf)
			client->crlf = true;
		if (status == LINE_NOMEM)
			room_fail(room, client);
		if (status == LINE_WHOLE || status == LINE_LONG)
			act_on(room, client, status == LINE_WHOLE, &view);
	}
	line_release(&client->line);
}

static void end_line(struct room *room, struct client *client)
{
	struct line_view view;
	enum line_status status = line_end(&client->line, room->settings.max_message, &view);

	if (status == LINE_WHOLE || status == LINE_LONG)
		act_on(room, client, status == LINE_WHOLE, &view);
	line_release(&client->line);
}

/* Whether the end of the input has to wait, since something before it is still to be answered. */
static bool is_busy(const struct client *client)
{
	return client->waiting != NULL || client->list != LIST_NONE ||
		(client->pausing && !client->deaf);
}

static void leave(struct room *room, struct client *client)
{
	if (is_busy(client))
		room->waiting = true;
	else
		presence_leave(room, client, LEAVING_LOST, "", 0);
}

/* Telnet's EOF: the connection goes on, but not what is sent over it. */
static void end_by_telnet(struct room *room, struct client *client)
{
	end_line(room, client);
	client->eof = true;
	if (room->heir == NULL && is_listened_to(client))
		leave(room, client);
}

/* One event of the telnet layer; false if the client has to wait, with *in at what is left. */
static bool take_telnet(struct room *room, struct client *client, const uint8_t **in,
	const uint8_t *end)
{
	struct telnet_span span;
	enum telnet_event event = telnet_next(client->telnet, in, end, &span);
	const uint8_t *text;

	/* Before the text behind it is acted on, and answered. */
	if (client->telnet->negotiating)
		client->crlf = true;
	switch (event) {
	case TELNET_DATA:
		text = span.bytes;
		take_text(room, client, &text, span.bytes + span.len);
		if (text < span.bytes + span.len && is_listened_to(client)) {
			*in = text;
			telnet_unread(client->telnet);
			return false;
		}
		break;
	case TELNET_ERASE_CHARACTER:
		line_erase_character(&client->line);
		break;
	case TELNET_ERASE_LINE:
		line_erase(&client->line);
		break;
	case TELNET_ANSWER:
		room_tell_raw(room, client, span.bytes, span.len);
		break;
	case TELNET_EOF:
		*in = end;
		end_by_telnet(room, client);
		break;
	case TELNET_NONE:
		break;
	}
	if (is_listened_to(client) && client->telnet->negotiating)
		auth_hide_typing(room, client);
	return true;
}

/* The first IAC makes a telnet client of it. */
static bool begins_telnet(struct room *room, struct client *client, const uint8_t *in, size_t len)
{
	if (client->telnet == NULL && memchr(in, TELNET_IAC, len) != NULL) {
		client->telnet = calloc(1, sizeof(*client->telnet));
		if (client->telnet == NULL)
			room_fail(room, client);
	}
	return client->telnet != NULL;
}

/* Returns how many bytes were taken. */
static size_t take(struct room *room, struct client *client, const uint8_t *bytes, size_t len)
{
	const uint8_t *in = bytes, *end = bytes + len;
	bool telnet = begins_telnet(room, client, bytes, len);

	while (in < end && may_take(room, client)) {
		if (!telnet)
			take_text(room, client, &in, end);
		else if (!take_telnet(room, client, &in, end))
			break;
	}
	return is_listened_to(client) ? (size_t)(in - bytes) : len;
}

void input_receive(struct room *room, struct client *client, const uint8_t *bytes, size_t len)
{
	size_t taken;

	room->counters.bytes_in += len;
	if (client->eof)
		return;
	taken = take(room, client, bytes, len);
	put_off(room, client, bytes + taken, len - taken);
}

uint32_t input_move(struct room *room, struct client *from, struct client *to)
{
	uint8_t *bytes = from->waiting;

	if (bytes == NULL)
		return 0;
	from->waiting = NULL;
	room->heir = to;
	room->not_inherited = 0;
	take(room, from, bytes + from->waiting_at, from->waiting_len - from->waiting_at);
	room->heir = NULL;
	free(bytes);
	if (to->tat < from->tat)
		to->tat = from->tat;
	return room->not_inherited;
}

void input_end(struct room *room, struct client *client)
{
	if (!is_busy(client) && is_listened_to(client) && !client->deaf)
		end_line(room, client);
	leave(room, client);
}

static void take_up_waiting(struct room *room, struct client *client)
{
	uint8_t *bytes = client->waiting;
	uint32_t at = client->waiting_at, len = client->waiting_len;

	/* Taken out of the client, so that nothing frees it underfoot. */
	client->waiting = NULL;
	at += (uint32_t)take(room, client, bytes + at, len - at);
	if (client->waiting == NULL && is_listened_to(client) && at < len) {
		client->waiting = bytes;
		client->waiting_at = at;
		return;
	}
	if (is_listened_to(client))
		put_off(room, client, bytes + at, len - at);
	free(bytes);
}

void input_resume(struct room *room, struct client *client)
{
	if (!is_listened_to(client))
		return;
	if (client->waiting != NULL && input_may_go_on(room, client))
		take_up_waiting(room, client);
	if (client->waiting != NULL)
		room->waiting = true;
	else if (client->ended || client->eof)
		input_end(room, client);
}

bool input_is_due(struct room *room, struct client *client)
{
	if (!is_listened_to(client))
		return false;
	if (client->waiting != NULL)
		return input_may_go_on(room, client);
	return (client->ended || client->eof) && !is_busy(client);
}
