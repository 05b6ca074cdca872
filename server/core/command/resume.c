/*
 * Tagged lines, and coming back after a lost connection (docs/protocol.md, "Tags, and coming
 * back"). The rule: a user is moved, from a session or from the connection that still holds
 * its token, to the one that shows it; what had come on the old connection is said before
 * anything of the new one.
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
#include "server/core/share/ask.h"

/* How long another node, or a line that it knows, is waited for. */
enum { RESUME_PATIENCE_MS = 8000 };

/* The client that still holds a token, other than the one that shows it. */
static struct client *find_holder(const struct chat *chat, const struct client *client,
	const uint8_t token[TOKEN_BYTES])
{
	struct client *c;
	uint32_t at = 0;

	while ((c = clients_next_with(&chat->clients, token_hash(token), &at)) != NULL)
		if (c != client && c->user.has_token && tokens_equal(c->user.token, token))
			return c;
	return NULL;
}

/*
 * A user comes back in this client. The room hears of it only if that changes what somebody is
 * called, or if it was told that the user has left. number: by which the room knows a user without
 * a nick, 0 if it does not. counted: the room's count of those online includes the user already.
 */
static void come_back(struct chat *chat, struct client *client, struct user *user, uint32_t number,
	bool counted)
{
	char before[WHO_MAX], after[WHO_MAX], old[WHO_MAX];
	size_t before_len = roster_who(chat, client, before), after_len;
	uint32_t own = clients_index(&chat->clients, client) + 1;

	if (user->nick_len > 0)
		number = own;
	/* To be an operator belongs to the connection. */
	user->is_operator = client->user.is_operator;
	user_move(&client->user, user);
	clients_note_user(&chat->clients, client);
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
	if (!client->member.announced && !counted)
		client->member.room->online++;
	client->member.announced = client->joining = true;
	if (number != own) {
		old[0] = '#';
		room_rename(chat, client,
			(struct slice){ old, 1 + text_put_number(old + 1, number) },
			(struct slice){ after, after_len });
	}
}

/* A user comes back to the room where it was. */
static void go_back(struct chat *chat, struct client *client, struct room *room)
{
	if (room == client->member.room)
		return;
	presence_leave_room(chat, client, (struct slice){ 0 });
	presence_move(chat, client, room);
	tell_answer(chat, client, "room %s", room->name);
}

/* What waits on a connection for something in flight; heap, or NULL. */
static struct held_line *take_held(struct client *holder)
{
	struct held_line *held = client_held_line(holder);

	if (held != NULL)
		holder->task = TASK_NONE;
	return held;
}

/* A message is said after what is in flight; a command is not carried out. */
static void take_over_held(struct chat *chat, struct client *client, struct held_line *held)
{
	if (held == NULL)
		return;
	if (held->whole && held->is_said)
		command_line(chat, client, held->bytes, held->len);
	else
		client_resumption(client)->dropped = 1;
	free(held);
}

/*
 * Moves the user and the waiting input from holder to client. Holder keeps its output, is told, and
 * ends without a session, since it has no token any more.
 */
static void replace(struct chat *chat, struct client *holder, struct client *client)
{
	bool is_known = holder->member.announced || holder->joining;
	uint32_t number = is_known ? clients_index(&chat->clients, holder) + 1 : 0;
	struct held_line *held = take_held(holder);
	struct user user = { 0 };
	bool crlf = holder->wire.crlf;

	wire_move(&client_resumption(client)->wire, &holder->wire);
	holder->wire.crlf = crlf;
	if (client->tat < holder->tat)
		client->tat = holder->tat;
	tell_error(chat, holder, "you have come back on another connection");
	user_move(&user, &holder->user);
	holder->user.ignores = ignores_share(user.ignores);
	holder->user.is_quiet = user.is_quiet;
	holder->user.nick_len = user.nick_len;
	memcpy(holder->user.nick, user.nick, user.nick_len);
	if (holder->member.announced)
		holder->member.room->online--;
	holder->member.announced = holder->joining = false;
	client_close_with(holder, WEBSOCKET_RESUMED_ELSEWHERE);
	go_back(chat, client, holder->member.room);
	presence_leave(chat, holder, LEAVING_LOST, "", 0);
	come_back(chat, client, &user, number, false);
	take_over_held(chat, client, held);
}

/* What a token that is shown comes to. */
enum shown { SHOWN_OK, SHOWN_WAIT, SHOWN_UNKNOWN, SHOWN_CLOSED };

/* A token brings no operator's rights back, which are needed to be in some rooms. */
static bool is_closed(const struct client *client, const struct room *room)
{
	return room->is_for_operators && !client->user.is_operator && room != client->member.room;
}

/* Gives the one that shows a token its user back. */
static enum shown show_token(struct chat *chat, struct client *client, const uint8_t *token)
{
	struct client *holder = find_holder(chat, client, token);
	struct session *session = sessions_by_token(&chat->sessions, token);
	struct user user = { 0 };
	struct room *room;
	uint32_t number;
	bool counted;

	if (client->user.has_token && tokens_equal(client->user.token, token))
		return SHOWN_OK;
	/* The holder is itself still taking over from a third connection: until that is done. */
	if (holder != NULL && client_resumption(holder) != NULL)
		return SHOWN_WAIT;
	if (holder != NULL && is_closed(client, holder->member.room))
		return SHOWN_CLOSED;
	if (holder != NULL) {
		replace(chat, holder, client);
		return SHOWN_OK;
	}
	if (session == NULL)
		return share_take(chat, client, token) ? SHOWN_WAIT : SHOWN_UNKNOWN;
	if (is_closed(client, session->room))
		return SHOWN_CLOSED;
	room = session->room;
	number = session->number;
	counted = session->counted;
	user_move(&user, &session->user);
	sessions_remove(&chat->sessions, session);
	go_back(chat, client, room);
	come_back(chat, client, &user, number, counted);
	return SHOWN_OK;
}

static void give_token(struct chat *chat, struct client *client)
{
	struct persona *person = personas_by_user(&chat->people, client->user.id);

	chat->may_hold_tokens = true;
	if (client->user.has_token) {
		client->user.said = person_said(person, &client->user);
		return;
	}
	if (person != NULL)
		person->said = 0;
	chat->random(client->user.token, sizeof(client->user.token));
	client->user.has_token = true;
	client->user.said = 0;
	clients_note_user(&chat->clients, client);
	/* Other nodes should know it before it is shown to one of them. */
	share_changed(chat);
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
		client->member.lagging = true;
}

static void answer(struct chat *chat, struct client *client)
{
	struct resumption *r = client_resumption(client);

	r->answered = true;
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
}

/* All that had come on the old connection has been dealt with. */
static void finish(struct chat *chat, struct client *client)
{
	struct resumption *r = client_resumption(client);

	if (r->dropped > 0)
		tell_error(chat, client, "not carried out: %u lines that waited on your other "
			"connection", (unsigned)r->dropped);
	if (!r->answered)
		answer(chat, client);
	client_end_task(client);
}

/* One line that waited: messages are said; commands, and what is too long, are counted. */
static void take_over_line(struct chat *chat, struct client *client, bool whole,
	const struct line_view *line)
{
	if (whole && text_is_blank(line->text, line->len))
		return;
	client->user.said += command_is_said(line->text, line->kept);
	if (!whole || !command_is_said(line->text, line->len)) {
		client_resumption(client)->dropped++;
		return;
	}
	chat_charge(chat, client, command_is_said(line->text, line->kept));
	command_line(chat, client, line->text, line->len);
}

/* One event of what waited; false if what follows does not count. */
static bool take_over_event(struct chat *chat, struct client *client, enum wire_status status,
	const struct wire_event *event)
{
	switch (status) {
	case WIRE_LINE:
	case WIRE_LONG:
		take_over_line(chat, client, status == WIRE_LINE, &event->line);
		return true;
	case WIRE_OUT:
	case WIRE_PING:
	case WIRE_MORE:
		return true;
	case WIRE_NOMEM:
		chat_fail_client(chat, client);
		return false;
	case WIRE_END:
	case WIRE_ALIEN:
	case WIRE_CLOSE:
	case WIRE_FAIL:
		break;
	}
	return false;
}

/* Whether a line that waited may be said now; if it is only a matter of time, a tick comes then. */
static bool may_take_over(struct chat *chat, struct client *client)
{
	struct rate rate = chat_rate(chat);
	int64_t when = rate_next(&rate, client->tat);

	if (client->user.in_flight > 0 || !backpressure_is_open(client->member.room))
		return false;
	if (when <= chat->now.usec)
		return true;
	chat_wake_at(chat, when);
	return false;
}

/* Whether the lines that wait are over the rate, and their sender knows it by "said N of SENT". */
static bool is_over_rate(const struct chat *chat, const struct client *client)
{
	struct rate rate = chat_rate(chat);

	return client_resumption(client)->has_sent &&
		rate_next(&rate, client->tat) > chat->now.usec;
}

/* Takes lines that waited, as long as they may be said. */
static void take_over_backlog(struct chat *chat, struct client *client)
{
	struct wire *wire = &client_resumption(client)->wire;
	struct backlog *b = wire_take_backlog(wire);
	const uint8_t *in = b->bytes + b->at, *end = b->bytes + b->len;
	struct wire_event event;

	/* It was no stranger's connection. */
	wire->identified = true;
	if (wire_look(wire, in, end) < 0)
		chat_fail_client(chat, client);
	while (in < end && !client->failed && client->state == CLIENT_HERE &&
		may_take_over(chat, client)) {
		enum wire_status status =
			wire_next(wire, chat->settings.max_message, &in, end, &event);

		if (!take_over_event(chat, client, status, &event))
			in = end;
	}
	if (is_over_rate(chat, client))
		in = end;
	wire_release(wire);
	b->at = (uint32_t)(in - b->bytes);
	wire_return_backlog(wire, b);
}

static void refuse_token(struct chat *chat, struct client *client, const char *why)
{
	client_end_task(client);
	tell_error(chat, client, "%s", why);
}

/* Whether it goes on after a line that other nodes know, and this one soon will. */
static bool is_ahead(const struct chat *chat, const struct client *client,
	const struct resumption *r)
{
	return chat->share != NULL && r->has_last && !r->answered && chat->now.usec < r->until &&
		r->last >= client->member.room->feed.next;
}

/* Whether it waits for another node, or for lines from the log: what comes of that wakes it. */
static bool is_for_node(const struct chat *chat, const struct client *client,
	const struct resumption *r)
{
	if (chat->share == NULL)
		return false;
	if (r->is_waiting)
		return share_is_taking(chat, r->token);
	return is_ahead(chat, client, r);
}

/* Whether a token that is shown leads nowhere; the client has been told. */
static bool is_refused(struct chat *chat, struct client *client, enum shown shown)
{
	struct resumption *r = client_resumption(client);

	if (shown == SHOWN_CLOSED) {
		refuse_token(chat, client, "unknown or expired token: the room where you were is "
			"for operators");
		return true;
	}
	if (shown != SHOWN_UNKNOWN)
		return false;
	/*
	 * One that has seen lines which are still to come was on a server before this one; or,
	 * with several nodes, on another one, and then nothing follows from the ID.
	 */
	if (chat->share != NULL || r->last < client->member.room->feed.next) {
		refuse_token(chat, client, "unknown or expired token");
		return true;
	}
	r->has_sent = false;
	return false;
}

void resume_continue(struct chat *chat, struct client *client)
{
	struct resumption *r = client_resumption(client);
	enum shown shown = r->is_waiting ? show_token(chat, client, r->token) : SHOWN_OK;

	/* Nobody could be asked for all this time: the nick has to be taken again. */
	if (shown == SHOWN_WAIT && chat->share != NULL && chat->now.usec >= r->until)
		shown = SHOWN_UNKNOWN;
	r->is_waiting = shown == SHOWN_WAIT;
	if (shown == SHOWN_WAIT) {
		chat_await(chat, client);
		return;
	}
	if (is_refused(chat, client, shown))
		return;
	if (client->user.in_flight > 0 || is_ahead(chat, client, r)) {
		chat_await(chat, client);
		return;
	}
	if (!r->has_sent && !r->answered)
		answer(chat, client);
	if (r->wire.backlog != NULL)
		take_over_backlog(chat, client);
	if (client->state != CLIENT_HERE || client->failed)
		return;
	if (r->wire.backlog != NULL || client->user.in_flight > 0)
		chat_await(chat, client);
	else
		finish(chat, client);
}

bool resume_is_due(struct chat *chat, struct client *client)
{
	struct resumption *r = client_resumption(client);
	const struct client *holder;

	if (chat->now.usec < r->until && is_for_node(chat, client, r)) {
		chat_wake_at(chat, r->until);
		return false;
	}
	if (r->is_waiting) {
		holder = find_holder(chat, client, r->token);
		return holder == NULL || client_resumption(holder) == NULL;
	}
	if (r->wire.backlog == NULL)
		return client->user.in_flight == 0;
	return may_take_over(chat, client);
}

/* False, and the client has been told, if an argument is not what it should be. */
static bool parse_args(struct chat *chat, struct client *client, const struct args *args,
	struct resumption *r)
{
	if (args->count > 0 && !args_id(args, 0, &r->last)) {
		tell_error(chat, client, "/resume takes the number of the last line you have seen");
		return false;
	}
	if (args->count > 2 && !args_number(args, 2, UINT64_MAX, &r->sent)) {
		tell_error(chat, client, "/resume takes the number of lines you have sent");
		return false;
	}
	r->has_last = args->count > 0;
	r->has_sent = args->count > 2;
	return true;
}

bool resume_begin(struct chat *chat, struct client *client, const struct args *args)
{
	struct resumption parsed = { .is_waiting = args->count > 1,
		.until = chat->now.usec + RESUME_PATIENCE_MS * TIME_MS }, *r;

	if (!parse_args(chat, client, args, &parsed))
		return false;
	/* A text that is not a token is nobody's. */
	if (parsed.is_waiting && !token_parse(parsed.token, args->text[1], args->len[1]))
		memset(parsed.token, 0, sizeof(parsed.token));
	r = malloc(sizeof(*r));
	if (r == NULL) {
		chat_fail_client(chat, client);
		return false;
	}
	*r = parsed;
	client_begin_resumption(client, r);
	return true;
}

void command_resume(struct chat *chat, struct client *client, const struct args *args)
{
	if (resume_begin(chat, client, args))
		resume_continue(chat, client);
}

struct client *resume_holder(const struct chat *chat, const struct args *args)
{
	uint8_t token[TOKEN_BYTES];

	if (args->count < 2 || !token_parse(token, args->text[1], args->len[1]))
		return NULL;
	return find_holder(chat, NULL, token);
}
