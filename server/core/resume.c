/*
 * Tagged lines, and coming back after a lost connection (docs/protocol.md, "Resuming").
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "proto/text.h"
#include "server/core/input.h"
#include "server/core/room/presence.h"
#include "server/core/command/args.h"

/* Everything by which the room knows a person, moved to another client. */
static void take_over(struct client *client, struct session *session)
{
	client->user_id = session->user_id;
	client->since = session->since;
	client->last_sender = session->last_sender;
	memcpy(client->token, session->token, sizeof(client->token));
	client->has_token = true;
	free(client->ignored);
	client->ignored = session->ignored;
	client->ignored_count = session->ignored_count;
	session->ignored = NULL;
	client_set_nick(client, session->nick, session->nick_len);
}

/* The client that still holds a token, other than the one that shows it. */
static struct client *find_holder(const struct room *room, const struct client *client,
	const uint8_t token[TOKEN_BYTES])
{
	for (uint32_t i = 0; i < room->clients.top && i < room->clients.max; i++) {
		struct client *other = &room->clients.list[i];

		if (other != client && other->state == CLIENT_HERE && other->has_token &&
			tokens_equal(other->token, token))
			return other;
	}
	return NULL;
}

/*
 * The person comes back in this client. The room hears of it only if that changes what somebody is
 * called, or if it was told that the person has left.
 */
static void come_back(struct room *room, struct client *client, struct session *session)
{
	char before[WHO_MAX], after[WHO_MAX];
	size_t before_len = room_who(room, client, before), after_len;
	uint32_t own = clients_index(&room->clients, client) + 1;
	uint32_t number = session->nick_len == 0 ? session->number : own;

	take_over(client, session);
	sessions_remove(&room->sessions, session);
	after_len = room_who(room, client, after);
	room_log(room, client, LOG_AT_INFO, "is back");
	presence_take_number(room, client);
	if (client->announced && (before_len != after_len || memcmp(before, after, after_len) != 0))
		room_event(room, "%.*s is now %.*s", (int)before_len, before, (int)after_len,
			after);
	if (number == 0) {
		presence_announce(room, client);
		return;
	}
	if (number != own)
		room_event(room, "#%u is now %.*s", (unsigned)number, (int)after_len, after);
	if (!client->announced)
		room->online++;
	client->announced = true;
}

/* One who still holds a token makes way for the one who shows it. */
static void replace(struct room *room, struct client *holder, struct client *client)
{
	uint32_t lost;

	room_error(room, holder, "you have come back on another connection");
	lost = input_move(room, holder, client);
	if (lost > 0)
		room_error(room, client, "not carried out: %u lines that waited on your other "
			"connection", (unsigned)lost);
	presence_leave(room, holder, LEAVING_LOST, "", 0);
}

/* Gives the one who shows a token its place back; false if nobody has that token. */
static bool show_token(struct room *room, struct client *client, const char *text, size_t len)
{
	uint8_t token[TOKEN_BYTES];
	struct session *session;
	struct client *holder;

	if (!token_parse(token, text, len))
		return false;
	if (client->has_token && tokens_equal(client->token, token))
		return true;
	holder = find_holder(room, client, token);
	if (holder != NULL)
		replace(room, holder, client);
	session = sessions_by_token(&room->sessions, token);
	if (session != NULL)
		come_back(room, client, session);
	else if (holder != NULL) /* no memory to keep it: what waited would be somebody else's */
		room_fail(room, client);
	return session != NULL;
}

static void give_token(struct room *room, struct client *client)
{
	if (client->has_token)
		return;
	room->random(client->token, sizeof(client->token));
	client->has_token = true;
}

static void tell_resume(struct room *room, struct client *client, uint64_t id)
{
	char token[TOKEN_LEN];

	token_text(token, client->token);
	room_answer(room, client, "resume %" PRIu64 " %.*s", id, TOKEN_LEN, token);
}

/* Tags from here on. */
static void tag_on(struct room *room, struct client *client)
{
	uint64_t place = room_place(room, client);

	if (client->tagged_from == 0)
		client->tagged_from = place;
	tell_resume(room, client, place - 1);
}

/* Every line behind last again, and tags. */
static void go_on_behind(struct room *room, struct client *client, uint64_t last)
{
	const struct feed *f = &room->feed;
	uint64_t missed = feed_present(f, last + 1) - last - 1;

	if (missed > 0) {
		room_answer(room, client, "you missed %" PRIu64 " lines", missed);
		room->counters.missed += missed;
		last += missed;
	}
	tell_resume(room, client, last);
	/* Private lines do not wait for the feed, which now comes behind them all. */
	outbox_hurry(&client->outbox);
	client->cursor = client->tagged_from = last + 1;
	/* Whoever asks for more than half of the feed is not waited for meanwhile. */
	if (feed_behind(f, client->cursor) > f->size / 2)
		client->lagging = true;
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

void command_resume(struct room *room, struct client *client, const struct args *args)
{
	uint64_t id = 0;

	if (args->count > 0 && !parse_id(args->text[0], args->len[0], &id)) {
		room_error(room, client, "/resume takes the number of the last line you have seen");
		return;
	}
	/* Who has seen lines that are still to come was in a room before this one, as was its token. */
	if (args->count > 1 && !show_token(room, client, args->text[1], args->len[1]) &&
		id < room->feed.next) {
		room_error(room, client, "nobody is waited for with that token");
		return;
	}
	presence_announce(room, client);
	give_token(room, client);
	if (args->count > 0 && id < room->feed.next) {
		go_on_behind(room, client, id);
		return;
	}
	if (args->count > 0)
		room_error(room, client, "line %" PRIu64 " has not been said yet, the last is %"
			PRIu64, id, room->feed.next - 1);
	tag_on(room, client);
}
