/*
 * /join (docs/protocol.md, "Rooms"). The rule: somebody is in one room at a time, and leaves it
 * only when all that was said there before the /join has gone out to them.
 */
#include "server/core/command/join.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "proto/text.h"
#include "server/core/base/secret.h"
#include "server/core/command/args.h"
#include "server/core/room/auth.h"
#include "server/core/room/echo.h"
#include "server/core/room/lookup.h"
#include "server/core/room/position.h"
#include "server/core/room/presence.h"
#include "server/core/room/tell.h"
#include "server/core/share/share.h"

bool join_is_due(struct chat *chat, const struct client *client)
{
	const struct move *m = client_move(client);

	return m != NULL && !m->asks && client->user.in_flight == 0 &&
		client->member.cursor >= m->until && client->member.replay_end == 0 &&
		!share_is_behind(chat, m->room);
}

/* Every line after one that was seen. */
static void go_on_after(struct chat *chat, struct client *client, uint64_t last)
{
	const struct feed *f = &client->member.room->feed;
	uint64_t missed = feed_present(f, last + 1) - last - 1;

	if (missed > 0) {
		tell_answer(chat, client, "you missed %" PRIu64 " lines", missed);
		chat->counters.missed += missed;
		last += missed;
	}
	/* Private lines do not wait for the feed, which now comes after them all. */
	outbox_hurry(&client->outbox);
	client->member.cursor = last + 1;
	if (client->member.tagged_from > 0)
		client->member.tagged_from = last + 1;
	if (feed_behind(f, last + 1) > f->size / 2)
		client->member.lagging = true;
}

static void show_room(struct chat *chat, struct client *client, const struct move *m)
{
	const struct room *room = client->member.room;
	unsigned others = room->online - client->member.announced;

	tell_answer(chat, client, "room %s: %u online", room->name, others + 1);
	tell_topic(chat, client);
	if (m->has_last && m->last < room->feed.next) {
		go_on_after(chat, client, m->last);
		return;
	}
	if (m->has_last)
		tell_error(chat, client, "line %" PRIu64 " has not been said yet, the last is %"
			PRIu64, m->last, room->feed.next - 1);
	position_replay(client, room->replay);
}

void join_continue(struct chat *chat, struct client *client)
{
	struct move *m = client_move(client), done;

	if (m == NULL || m->asks)
		return;
	if (!join_is_due(chat, client)) {
		chat_await(chat, client);
		return;
	}
	if (m->room != client->member.room && !m->is_leaving) {
		m->is_leaving = true;
		presence_part(chat, client);
		if (!join_is_due(chat, client)) {
			chat_await(chat, client);
			return;
		}
	}
	done = *m;
	client_end_task(client);
	if (done.room != client->member.room)
		presence_move(chat, client, done.room);
	show_room(chat, client, &done);
	/* Of one that nobody has heard of, nobody hears before it says something or has stayed. */
	if (done.is_gone)
		presence_announce(chat, client);
}

/* On the way into a room, or to its password. */
static void begin(struct chat *chat, struct client *client, const struct move *move)
{
	struct move *m = malloc(sizeof(*m));

	if (m == NULL) {
		tell_error(chat, client, "out of memory, nothing changed");
		return;
	}
	*m = *move;
	m->until = client->member.room->feed.next;
	client_begin_move(client, m);
	if (!m->asks) {
		join_continue(chat, client);
		return;
	}
	m->due = chat->now.usec + PRESENCE_AUTH_MS * TIME_MS;
	chat_wake_client(chat, client, m->due);
	tell_answer(chat, client, "password:");
	if (wire_is_telnet(&client->wire))
		echo_hide(chat, client);
}

/* From here on no password is in the way. */
static void pass(struct chat *chat, struct client *client, struct move *m)
{
	echo_show(chat, client);
	m->asks = false;
	m->until = client->member.room->feed.next;
	join_continue(chat, client);
}

void join_try_password(struct chat *chat, struct client *client, const char *line, size_t len)
{
	struct move *m = client_move(client);
	const char *password = m->room->password;

	if (password == NULL || secret_equal(password, strlen(password), line, len)) {
		pass(chat, client, m);
		return;
	}
	log_client(chat, client, LOG_AT_NOTICE, "gave a wrong password for room %s", m->room->name);
	m->is_pausing = true;
	m->due = chat->now.usec;
	/* After the last one nothing is asked any more: what is typed next must not be said. */
	if (++m->tries < AUTH_TRIES)
		m->due += ((int64_t)AUTH_PAUSE_MS << (m->tries - 1)) * TIME_MS;
	chat_wake_client(chat, client, m->due);
}

void join_tick(struct chat *chat, struct client *client)
{
	struct move *m = client_move(client);

	if (m == NULL || !m->asks)
		return;
	if (m->room->password == NULL) {
		pass(chat, client, m);
		return;
	}
	if (chat->now.usec < m->due) {
		chat_wake_client(chat, client, m->due);
		return;
	}
	tell_error(chat, client, m->is_pausing ? "wrong password" : "no password was given");
	if (m->is_pausing && m->tries < AUTH_TRIES) {
		m->is_pausing = false;
		m->due = chat->now.usec + PRESENCE_AUTH_MS * TIME_MS;
		chat_wake_client(chat, client, m->due);
		tell_answer(chat, client, "password:");
		return;
	}
	echo_show(chat, client);
	client_end_task(client);
	chat_await(chat, client);
}

/* As far as a client may know: those that are hidden from it count in neither number. */
static void tell_no_more_rooms(struct chat *chat, struct client *client, unsigned most)
{
	unsigned known = lookup_count(chat, client);

	tell_error(chat, client, "no more rooms (%u of %u)", known,
		most - ((unsigned)chat->rooms.count - known));
}

/* A room that there is not, or none that this client may know of: it may be made. */
static struct room *make_room(struct chat *chat, struct client *client, struct slice word)
{
	const struct settings *s = &chat->settings;
	unsigned most = (unsigned)settings_rooms_most(s);
	char name[NICK_MAX + 1];
	const char *rule;
	struct room *room;
	size_t len;

	if (most == s->room_count + 1) {
		tell_error(chat, client, "no such room");
		return NULL;
	}
	if (chat->rooms.count >= most) {
		tell_no_more_rooms(chat, client, most);
		return NULL;
	}
	rule = room_name_read(word, name, &len);
	if (rule != NULL) {
		tell_error(chat, client, "the name of a room %s", rule);
		return NULL;
	}
	name[len] = '\0';
	/* One that is hidden: all that can be done is to say no more than where none is made. */
	if (rooms_find(&chat->rooms, word) != NULL) {
		tell_error(chat, client, "no such room");
		return NULL;
	}
	room = presence_make_room(chat, name);
	if (room == NULL)
		tell_error(chat, client, "out of memory, nothing changed");
	return room;
}

/*
 * The room of a word, and whether its password is to be asked for. NULL: the client has been told.
 */
static struct room *find_room(struct chat *chat, struct client *client, struct slice word,
	bool *asks)
{
	struct room *room = lookup_enterable(chat, client, word);

	*asks = false;
	switch (lookup_entry(client, room)) {
	case ENTRY_FREE:
		return room;
	case ENTRY_BY_PASSWORD:
		*asks = true;
		return room;
	case ENTRY_FOR_OPERATORS:
		tell_error(chat, client, "room %s is for operators", room->name);
		return NULL;
	case ENTRY_NONE:
		break;
	}
	return make_room(chat, client, word);
}

/*
 * The room of an invitation, which is used by that. NULL: the client has been told. The word comes
 * first: without the right one nothing is asked about the room.
 */
static struct room *accept(struct chat *chat, struct client *client, struct slice text,
	struct slice word)
{
	struct invitation *one = invitations_find(&chat->invitations, word, chat->now.usec);
	struct room *room = one != NULL ? one->room : NULL;
	struct room_name name = room_name(text);

	if (room != NULL && room_is_called(room, &name) &&
		(!room->is_for_operators || client->user.is_operator)) {
		invitations_use(&chat->invitations, one);
		return room;
	}
	tell_error(chat, client, "no such invitation");
	return NULL;
}

void command_join(struct chat *chat, struct client *client, const struct args *args)
{
	struct slice name = { args->text[0], args->len[0] }, word = { 0 };
	const char *slash = memchr(name.bytes, '/', name.len);
	struct move move = { .has_last = args->count > 1 };

	if (move.has_last && !args_id(args, 1, &move.last)) {
		tell_error(chat, client, "/join takes the number of the last line you have seen");
		return;
	}
	if (slash != NULL) {
		word = (struct slice){ slash + 1, (size_t)(name.bytes + name.len - slash) - 1 };
		name.len -= word.len + 1;
		move.room = accept(chat, client, name, word);
	} else {
		move.room = find_room(chat, client, name, &move.asks);
	}
	if (move.room != NULL)
		begin(chat, client, &move);
}
