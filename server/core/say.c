/*
 * POST /say (say.h). The rule: either all lines of a body are said, in order, or none.
 */
#include "server/core/say.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/text.h"
#include "server/core/client/rate.h"
#include "server/core/room/backpressure.h"
#include "server/core/web.h"
#include "server/core/web_answer.h"

enum { RETRY_SECONDS = 1 };

/* Whether nothing of a line would be said. One that is too long is refused, whatever is in it. */
static bool is_nothing(struct chat *chat, struct slice line)
{
	if (text_is_blank(line.bytes, line.len) || line.len > chat->settings.max_message)
		return text_is_blank(line.bytes, line.len);
	return text_is_blank(chat->clean, text_clean(chat->clean, line.bytes, line.len));
}

/* The next line of a body that has something to say, whatever ends it; false: there is none. */
static bool next_line(struct chat *chat, struct slice body, size_t *at, struct slice *line)
{
	while (*at < body.len) {
		const char *start = body.bytes + *at;
		size_t most = body.len - *at, len = 0;

		while (len < most && start[len] != '\n' && start[len] != '\r')
			len++;
		*at += len + (len < most);
		*line = (struct slice){ start, len };
		if (!is_nothing(chat, *line))
			return true;
	}
	return false;
}

/* The room that a bot says lines in, or NULL. */
static struct room *room_of(const struct chat *chat, const struct bot *bot)
{
	return bot->room.bytes != NULL ? rooms_find(&chat->rooms, bot->room)
				       : rooms_first(&chat->rooms);
}

/* How many lines there are to be said. NULL, or why they can't be. */
static const char *check(struct chat *chat, const struct bot *bot, struct slice body,
	uint32_t *count)
{
	struct slice line;
	size_t at = 0;

	*count = 0;
	if (bot == NULL)
		return "this bot is gone";
	if (room_of(chat, bot) == NULL)
		return "the bot's room is not there";
	while (next_line(chat, body, &at, &line)) {
		if (line.len > chat->settings.max_message)
			return "a line is too long";
		++*count;
	}
	return *count == 0 ? "there is nothing to say" : NULL;
}

/* When this many lines may be said at once, in usec; in the past: now. */
static int64_t may_say_at(const struct chat *chat, const struct bot *bot, uint32_t count)
{
	struct rate rate = chat_rate(chat);
	int64_t tat = bot->tat;

	for (uint32_t i = 1; i < count; i++)
		tat = rate_charge(&rate, tat, chat->now.usec);
	return rate_next(&rate, tat);
}

/* Seconds to wait before this many lines can be said; 0: none. */
static unsigned wait_for(const struct chat *chat, const struct bot *bot, uint32_t count)
{
	int64_t when;

	if (!backpressure_is_open(room_of(chat, bot)))
		return RETRY_SECONDS;
	when = may_say_at(chat, bot, count) - chat->now.usec;
	if (when > 0)
		return (unsigned)((when + TIME_SECOND - 1) / TIME_SECOND);
	return count > chat->settings.burst ? RETRY_SECONDS : 0;
}

static void say(struct chat *chat, struct bot *bot, struct slice body)
{
	struct rate rate = chat_rate(chat);
	struct room *room = room_of(chat, bot);
	struct slice line;
	size_t at = 0;

	while (next_line(chat, body, &at, &line)) {
		bot->tat = rate_charge(&rate, bot->tat, chat->now.usec);
		room_say_as(chat, room, &bot->user, line);
	}
	if (room->slow > 0)
		bot->tat = rate_hold(&rate, bot->tat,
			chat->now.usec + (int64_t)room->slow * TIME_SECOND);
}

/* The body is whole. */
static void end(struct chat *chat, struct client *client)
{
	struct http_peer *peer = client_http(client);
	struct slice body = { peer->said, peer->said_len };
	struct bot *bot = bots_by_id(&chat->bots, peer->bot);
	uint32_t count = 0;
	const char *why = check(chat, bot, body, &count);
	unsigned wait = why == NULL ? wait_for(chat, bot, count) : 0;
	char text[32];

	if (why != NULL) {
		web_answer_error(client, HTTP_UNPROCESSABLE_CONTENT, why);
	} else if (wait > 0) {
		web_answer_line(client, (struct http_response){ .status = HTTP_TOO_MANY_REQUESTS,
			.retry_after = wait }, "too many lines at once");
	} else {
		say(chat, bot, body);
		snprintf(text, sizeof(text), "said %u", (unsigned)count);
		web_answer_line(client, (struct http_response){ .status = HTTP_ACCEPTED }, text);
	}
	free(peer->said);
	peer->said = NULL;
}

/* Why a body is not taken; 0: it is. */
static enum http_status refuse(const struct http_request *r)
{
	struct slice type = r->single[HTTP_CONTENT_TYPE];

	if (r->content_length > HTTP_PEER_SAID_MAX)
		return HTTP_CONTENT_TOO_LARGE;
	if (type.bytes == NULL || !http_is_plain_text(type))
		return HTTP_UNSUPPORTED_MEDIA_TYPE;
	return 0;
}

void say_begin(struct chat *chat, struct client *client)
{
	struct http_peer *peer = client_http(client);
	const struct http_request *r = &peer->request;
	struct slice value = r->single[HTTP_AUTHORIZATION], token = { 0 };
	struct bot *bot = NULL;
	enum http_status status = refuse(r);

	if (value.bytes != NULL && http_bearer(value, &token))
		bot = bots_by_token(&chat->bots, token);
	if (bot == NULL) {
		web_answer_error(client, HTTP_UNAUTHORIZED, "a bot's token is needed");
		return;
	}
	if (status != 0) {
		web_answer_error(client, status, status == HTTP_CONTENT_TOO_LARGE
			? "a body has at most 64 KiB" : "lines are said as text/plain in UTF-8");
		return;
	}
	peer->bot = bot->user.id;
	peer->said_size = (uint32_t)r->content_length;
	peer->said_len = 0;
	peer->said = malloc(peer->said_size + 1);
	if (peer->said == NULL) {
		client->state = CLIENT_GONE;
		return;
	}
	say_receive(chat, client, peer->bytes + r->used, peer->len - r->used);
}

void say_receive(struct chat *chat, struct client *client, const char *bytes, size_t len)
{
	struct http_peer *peer = client_http(client);
	size_t missing = peer->said_size - peer->said_len;
	size_t taken = len < missing ? len : missing;
	char *rest = peer->bytes + peer->request.used;

	memcpy(peer->said + peer->said_len, bytes, taken);
	peer->said_len += (uint32_t)taken;
	/* After the body comes the next request. */
	memmove(rest, bytes + taken, len - taken);
	peer->len = (uint32_t)(peer->request.used + (len - taken));
	if (peer->said_len == peer->said_size)
		end(chat, client);
}
