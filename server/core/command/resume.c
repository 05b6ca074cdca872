/*
 * Tagged lines, and coming back after a lost connection (docs/protocol.md, "Tags, and coming back").
 * The rule: a user is moved, from a session or from the connection that still holds its token, to the
 * one that shows it; what had come on the old connection is said before anything of the new one.
 */
#include "server/core/command/resume.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "proto/text.h"
#include "server/core/client/rate.h"
#include "server/core/command/command.h"
#include "server/core/room/backpressure.h"
#include "server/core/room/presence.h"
#include "server/core/room/roster.h"
#include "server/core/room/tell.h"

/* The client that still holds a token, other than the one that shows it. */
static struct client *find_holder(const struct chat *chat, const struct client *client,
	const uint8_t token[TOKEN_BYTES])
{
	for (struct client *c = NULL; (c = chat_next_client(chat, c)) != NULL;)
		if (c != client && c->user.has_token && tokens_equal(c->user.token, token))
			return c;
	return NULL;
}

/*
 * A user comes back in this client. The room hears of it only if that changes what somebody is
 * called, or if it was told that the user has left (number is 0, and there is no nick).
 */
static void come_back(struct chat *chat, struct client *client, struct user *user, uint32_t number)
{
	char before[WHO_MAX], after[WHO_MAX], old[WHO_MAX];
	size_t before_len = roster_who(chat, client, before), after_len;
	uint32_t own = clients_index(&chat->clients, client) + 1;

	if (user->nick_len > 0)
		number = own;
	/* To be an operator belongs to the connection. */
	user->is_operator = client->user.is_operator;
	user_move(&client->user, user);
	after_len = roster_who(chat, client, after);
	log_client(chat, client, LOG_AT_INFO, "is back");
	presence_take_number(chat, client);
	if (client->member.announced &&
		(before_len != after_len || memcmp(before, after, after_len) != 0))
		room_rename(chat, client, (struct slice){ before, before_len },
			(struct slice){ after, after_len });
	if (number == 0) {
		presence_announce(chat, client);
		return;
	}
	if (!client->member.announced)
		client->member.room->online++;
	client->member.announced = client->joining = true;
	if (number != own) {
		old[0] = '#';
		room_rename(chat, client,
			(struct slice){ old, 1 + text_put_number(old + 1, number) },
			(struct slice){ after, after_len });
	}
}

/* A connection that still holds a token makes way for the one that shows it. */
static void replace(struct chat *chat, struct client *holder, struct client *client)
{
	uint32_t number = clients_index(&chat->clients, holder) + 1;
	struct user user = { 0 };
	bool crlf = holder->wire.crlf;

	if (holder->resumption != NULL)
		resume_finish(chat, holder);
	wire_move(&client->resumption->wire, &holder->wire);
	holder->wire.crlf = crlf;
	if (client->tat < holder->tat)
		client->tat = holder->tat;
	tell_error(chat, holder, "you have come back on another connection");
	user_move(&user, &holder->user);
	holder->user.ignores = ignores_share(user.ignores);
	holder->user.nick_len = user.nick_len;
	memcpy(holder->user.nick, user.nick, user.nick_len);
	if (holder->member.announced)
		holder->member.room->online--;
	holder->member.announced = holder->joining = false;
	client_close_with(holder, WEBSOCKET_RESUMED_ELSEWHERE);
	presence_leave(chat, holder, LEAVING_LOST, "", 0);
	come_back(chat, client, &user, number);
}

/* Gives the one that shows a token its user back; false if nobody has that token. */
static bool show_token(struct chat *chat, struct client *client, const char *text, size_t len)
{
	uint8_t token[TOKEN_BYTES];
	struct session *session;
	struct client *holder;
	struct user user = { 0 };
	uint32_t number;

	if (!token_parse(token, text, len))
		return false;
	if (client->user.has_token && tokens_equal(client->user.token, token))
		return true;
	holder = find_holder(chat, client, token);
	if (holder != NULL) {
		replace(chat, holder, client);
		return true;
	}
	session = sessions_by_token(&chat->sessions, token);
	if (session == NULL)
		return false;
	number = session->number;
	user_move(&user, &session->user);
	sessions_remove(&chat->sessions, session);
	come_back(chat, client, &user, number);
	return true;
}

static void give_token(struct chat *chat, struct client *client)
{
	if (client->user.has_token)
		return;
	chat->random(client->user.token, sizeof(client->user.token));
	client->user.has_token = true;
	client->user.said = 0;
}

static void tell_resume(struct chat *chat, struct client *client, uint64_t id,
	const struct resumption *r)
{
	char token[TOKEN_LEN];

	token_text(token, client->user.token);
	tell_answer(chat, client, "resume %" PRIu64 " %.*s", id, TOKEN_LEN, token);
	if (r->has_sent)
		tell_answer(chat, client, "said %u of %" PRIu64, (unsigned)client->user.said,
			r->sent);
}

/* Tags from here on. */
static void tag_on(struct chat *chat, struct client *client, const struct resumption *r)
{
	uint64_t place = tell_place(client);

	if (client->member.tagged_from == 0)
		client->member.tagged_from = place;
	tell_resume(chat, client, place - 1, r);
}

/* Every line after the last one that was seen again, and tags. */
static void go_on_after(struct chat *chat, struct client *client, const struct resumption *r)
{
	const struct feed *f = &client->member.room->feed;
	uint64_t last = r->last, missed = feed_present(f, last + 1) - last - 1;

	if (missed > 0) {
		tell_answer(chat, client, "you missed %" PRIu64 " lines", missed);
		chat->counters.missed += missed;
		last += missed;
	}
	tell_resume(chat, client, last, r);
	/* Private lines do not wait for the feed, which now comes after them all. */
	outbox_hurry(&client->outbox);
	client->member.cursor = client->member.tagged_from = last + 1;
	/* A reader that asks for more than half of the feed is not waited for meanwhile. */
	if (feed_behind(f, client->member.cursor) > f->size / 2)
		client->lagging = true;
}

/* All that was to come first has been dealt with: the answer. */
static void answer(struct chat *chat, struct client *client)
{
	struct resumption *r = client->resumption;

	client->resumption = NULL;
	if (r->dropped > 0)
		tell_error(chat, client, "not carried out: %u lines that waited on your other "
			"connection", (unsigned)r->dropped);
	give_token(chat, client);
	if (!r->has_last) {
		tag_on(chat, client, r);
	} else if (r->last < client->member.room->feed.next) {
		go_on_after(chat, client, r);
	} else {
		tell_error(chat, client, "line %" PRIu64 " has not been said yet, the last is %"
			PRIu64, r->last, client->member.room->feed.next - 1);
		tag_on(chat, client, r);
	}
	wire_finish(&r->wire);
	free(r);
}

/*
 * One event of what waited on the old connection: messages are said; commands, and what is too long,
 * are counted.
 */
static void take_over_line(struct chat *chat, struct client *client, enum wire_status status,
	const struct line_view *line)
{
	struct rate rate = chat_rate(chat);

	if (status != WIRE_LINE && status != WIRE_LONG)
		return;
	if (status == WIRE_LINE && text_is_blank(line->text, line->len))
		return;
	client->user.said += command_is_said(line->text, line->kept);
	if (status == WIRE_LONG || !command_is_said(line->text, line->len)) {
		client->resumption->dropped++;
		return;
	}
	client->tat = rate_charge(&rate, client->tat, chat->now.usec);
	presence_announce(chat, client);
	command_line(chat, client, line->text, line->len);
}

/* Takes lines that waited, up to the end or as long as the room may be told more. */
static void take_over_backlog(struct chat *chat, struct client *client, bool all)
{
	struct wire *wire = &client->resumption->wire;
	struct backlog *b = wire_take_backlog(wire);
	const uint8_t *in = b->bytes + b->at, *end = b->bytes + b->len;
	struct wire_event event;

	while (in < end && !client->failed && client->state == CLIENT_HERE &&
		(all || (client->user.in_flight == 0 &&
				backpressure_is_open(client->member.room))))
		take_over_line(chat, client,
			wire_next(wire, chat->settings.max_message, &in, end, &event), &event.line);
	wire_release(wire);
	b->at = (uint32_t)(in - b->bytes);
	wire_return_backlog(wire, b);
}

void resume_continue(struct chat *chat, struct client *client)
{
	if (client->resumption->wire.backlog != NULL)
		take_over_backlog(chat, client, false);
	if (client->state != CLIENT_HERE || client->failed)
		return;
	if (client->resumption->wire.backlog != NULL || client->user.in_flight > 0)
		chat->waiting = true;
	else
		answer(chat, client);
}

void resume_finish(struct chat *chat, struct client *client)
{
	if (client->resumption->wire.backlog != NULL)
		take_over_backlog(chat, client, true);
	answer(chat, client);
}

/* An ID, however long: one of more digits than any ID will have is still to come, too. */
static bool parse_id(const char *s, size_t len, uint64_t *id)
{
	if (text_number(s, len, UINT64_MAX - 1, id))
		return true;
	*id = UINT64_MAX - 1;
	for (size_t i = 0; i < len; i++)
		if (s[i] < '0' || s[i] > '9')
			return false;
	return true;
}

/* False, and the client has been told, if an argument is not what it should be. */
static bool parse_args(struct chat *chat, struct client *client, const struct args *args,
	struct resumption *r)
{
	if (args->count > 0 && !parse_id(args->text[0], args->len[0], &r->last)) {
		tell_error(chat, client, "/resume takes the number of the last line you have seen");
		return false;
	}
	if (args->count > 2 && !parse_id(args->text[2], args->len[2], &r->sent)) {
		tell_error(chat, client, "/resume takes the number of lines you have sent");
		return false;
	}
	r->has_last = args->count > 0;
	r->has_sent = args->count > 2;
	return true;
}

void command_resume(struct chat *chat, struct client *client, const struct args *args)
{
	struct resumption parsed = { 0 };

	if (!parse_args(chat, client, args, &parsed))
		return;
	client->resumption = malloc(sizeof(*client->resumption));
	if (client->resumption == NULL) {
		chat_fail_client(chat, client);
		return;
	}
	*client->resumption = parsed;
	/* One that has seen lines which are still to come was on a server before this one. */
	if (args->count > 1 && !show_token(chat, client, args->text[1], args->len[1])) {
		if (parsed.last < client->member.room->feed.next) {
			free(client->resumption);
			client->resumption = NULL;
			tell_error(chat, client, "unknown or expired token");
			return;
		}
		client->resumption->has_sent = false;
	}
	presence_announce(chat, client);
	resume_continue(chat, client);
}
