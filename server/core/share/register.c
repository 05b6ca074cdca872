/*
 * The register (register.h). The rule: a record is put in place of the one that is known, so two
 * nodes never both believe that somebody is theirs.
 */
#include "server/core/share/register.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/core/room/presence.h"
#include "server/core/room/roster.h"
#include "server/core/room/tell.h"
#include "server/core/share/claim.h"
#include "server/core/share/publish.h"

/* Bots have numbers from here on: they are nowhere. */
#define BOT_NUMBERS (UINT32_C(1) << 31)

static size_t put_key(char *out, struct person_id id)
{
	char text[PERSON_TEXT_MAX];

	person_id_text(text, id);
	return (size_t)snprintf(out, LOG_KEY_MAX, RECORD_KEY "%s", text);
}

/* Asks for a record, or with no payload for none, in place of the one that is known. */
bool register_put(struct chat *chat, const struct persona *person, struct slice payload,
	enum purpose purpose)
{
	char key[LOG_KEY_MAX], msg_id[LOG_MSG_ID_MAX], id[PERSON_TEXT_MAX];
	struct log_request request = { .kind = LOG_PUT, .expected = person->record,
		.to = { key, put_key(key, person->id) }, .payload = payload, .purpose = purpose,
		.user_id = person->user_id, .note = { id, person_id_text(id, person->id) } };

	request.msg_id = (struct slice){ msg_id, share_put_msg_id(chat, msg_id) };
	return share_request(chat, &request);
}

static void list_ignored(const struct chat *chat, const struct ignores *ignores,
	struct person_record *r)
{
	for (uint16_t i = 0; ignores != NULL && i < ignores->count; i++) {
		const struct ignored *from = &ignores->list[i];
		const struct persona *person = personas_by_user(&chat->people, from->user_id);
		struct record_of_ignored *to = &r->ignored[r->ignored_count++];

		if (person != NULL)
			to->id = person->id;
		to->nick_len = from->nick_len;
		memcpy(to->nick, from->nick, from->nick_len);
	}
}

void register_describe(const struct chat *chat, const struct persona *person,
	const struct user *user, bool is_away, struct person_record *r)
{
	*r = (struct person_record){ .home = chat->share->incarnation,
		.replaces = person->record,
		.node = { chat->share->node, chat->share->node_len },
		.nick = { user->nick, user->nick_len },
		.room = share_room_name(share_room_of(chat, person->room)),
		.number = person->number, .since = user->since, .applied = user->proposed,
		.joined = person->joined, .said = person->said, .has_token = user->has_token,
		.is_operator = user->is_operator, .is_away = is_away,
		.is_quiet = user->is_quiet };

	const struct persona *sender = user->last_sender != 0
		? personas_by_user(&chat->people, user->last_sender) : NULL;

	if (sender != NULL)
		r->last_sender = sender->id;
	if (user->has_token)
		sha256(r->token, user->token, sizeof(user->token));
	list_ignored(chat, user->ignores, r);
}

/* The record, but for what every line changes: it alone is no reason to put another. */
static uint32_t hash_of(const struct person_record *record)
{
	struct person_record still = *record;
	struct codec p = { 0 };
	uint64_t digest;

	still.applied = still.said = 0;
	still.replaces = 0;
	still.last_sender = (struct person_id){ 0 };
	record_write(&p, &still);
	digest = share_line_digest((struct slice){ (char *)p.bytes, p.len }, 0);
	codec_finish(&p);
	return (uint32_t)(digest >> 32 ^ digest) | 1;
}

static void record_person(struct chat *chat, struct persona *person, const struct user *user,
	bool is_away)
{
	struct person_record record;
	struct codec p = { 0 };
	uint32_t hash;

	register_describe(chat, person, user, is_away, &record);
	hash = hash_of(&record);
	if (hash == person->recorded)
		return;
	record_write(&p, &record);
	if (!p.failed &&
		register_put(chat, person, (struct slice){ (char *)p.bytes, p.len },
		PURPOSE_RECORD)) {
		person->recorded = hash;
		person->is_recording = true;
	}
	codec_finish(&p);
}

/* One of ours who is gone: so is their record, and then they are forgotten. */
static void forget(struct chat *chat, struct persona *person)
{
	if (person->has_record) {
		person->recorded = 0;
		person->is_recording = register_put(chat, person, (struct slice){ 0 },
			PURPOSE_RECORD);
		return;
	}
	person->is_ours = false;
	person->nick_len = 0;
	person->gone_at = chat->now.usec;
}

static void update(struct chat *chat, struct persona *person)
{
	struct client *client;
	const struct user *user = share_user(chat, person, &client);
	const struct session *session;

	if (person->is_recording)
		return;
	if (client != NULL) {
		person->number = clients_index(&chat->clients, client) + 1;
		if (client->member.announced || client->joining)
			record_person(chat, person, user, false);
		return;
	}
	session = user != NULL ? sessions_by_id(&chat->sessions, person->user_id) : NULL;
	if (session != NULL && !session->leaving)
		record_person(chat, person, user, true);
	else if (session == NULL && !person->is_publishing)
		forget(chat, person);
}

static void release_keys(struct chat *chat)
{
	struct nick_keys *keys = &chat->share->keys;

	for (uint32_t i = 0; i < keys->count; i++) {
		struct persona *holder = personas_find(&chat->people, keys->list[i].holder);
		struct client *client;

		if (holder == NULL || holder->is_publishing || holder->is_taking ||
			holder->home != chat->share->incarnation ||
			(!holder->is_ours && holder->has_record))
			continue;
		if (!holder->is_ours || share_user(chat, holder, &client) == NULL ||
			memcmp(holder->look, keys->list[i].look, NICK_LOOK) != 0)
			claim_release(chat, &keys->list[i]);
	}
}

void register_update(struct chat *chat)
{
	chat->share->has_changed = false;
	for (uint32_t i = 0; i < chat->people.count; i++) {
		struct persona *person = chat->people.list[i];

		if (person->is_ours && person->user_id != 0 && person->user_id < BOT_NUMBERS)
			update(chat, person);
	}
	release_keys(chat);
}

/* What they have said here and was not published yet: the other node is sent it again. */
static void drop_proposals(struct chat *chat, const struct persona *person)
{
	struct proposal **at = &chat->order.first;

	while (*at != NULL) {
		if ((*at)->event.author == person->user_id)
			free(order_take_at(&chat->order, at));
		else
			at = &(*at)->next;
	}
}

/* Somebody has come back on another node: here they are gone. */
static void let_go(struct chat *chat, struct persona *person)
{
	struct client *client;
	struct session *session;

	drop_proposals(chat, person);
	share_user(chat, person, &client);
	person->is_ours = person->is_publishing = person->was_told = false;
	if (client != NULL) {
		tell_error(chat, client, "you have come back on another connection");
		client_close_with(client, WEBSOCKET_RESUMED_ELSEWHERE);
		client->user.has_token = false;
		if (client->member.announced)
			client->member.room->online--;
		client->member.announced = client->joining = false;
		presence_leave(chat, client, LEAVING_LOST, "", 0);
		return;
	}
	session = sessions_by_id(&chat->sessions, person->user_id);
	if (session == NULL)
		return;
	if (session->counted)
		session->room->online--;
	sessions_remove(&chat->sessions, session);
}

void register_answered(struct chat *chat, const struct log_request *request, enum log_answer answer,
	uint64_t seq)
{
	struct persona *person = personas_by_user(&chat->people, request->user_id);

	if (person == NULL)
		return;
	person->is_recording = false;
	chat->share->has_changed = true;
	if (answer == LOG_STORED && seq >= person->record) {
		person->record = seq;
		person->has_record = request->payload.len > 0;
	} else if (answer != LOG_STORED) {
		/*
		 * It is another by now, which will be told, or there is no
		 * room: with the next beat.
		 */
		person->recorded = 0;
		chat->share->has_changed = false;
	}
}

static void follow_ignored(struct chat *chat, struct persona *person, const struct person_record *r)
{
	ignores_release(person->ignores);
	person->ignores = NULL;
	for (uint16_t i = 0; i < r->ignored_count; i++) {
		const struct record_of_ignored *one = &r->ignored[i];
		const struct persona *other =
			one->id.node != 0 ? personas_find(&chat->people, one->id) : NULL;

		ignores_add(&person->ignores, other != NULL ? other->user_id : 0, one->nick,
			one->nick_len);
	}
}

/* A room that somebody has made on another node is made here, too; NULL: there may be no more. */
static struct room *make_room(struct chat *chat, struct slice name)
{
	char text[NICK_MAX + 1];
	size_t len;

	if (chat->rooms.count >= settings_rooms_most(&chat->settings) ||
		room_name_read(name, text, &len) != NULL)
		return NULL;
	text[len] = '\0';
	return presence_make_room(chat, text);
}

static void follow_room(struct chat *chat, struct persona *person, struct slice name)
{
	const struct room *room = rooms_find(&chat->rooms, name);

	if (room == NULL)
		room = make_room(chat, name);
	share_move(chat, person, room != NULL ? room->index : PERSON_NOWHERE);
}

void register_learn(struct chat *chat, struct persona *person, const struct person_record *r)
{
	const struct persona *sender = r->last_sender.node != 0
		? personas_find(&chat->people, r->last_sender) : NULL;

	person->last_sender = sender != NULL ? sender->user_id : 0;
	person->is_quiet = r->is_quiet;
	person->home = r->home;
	person->node_len = (uint8_t)r->node.len;
	memcpy(person->node, r->node.bytes, r->node.len);
	follow_room(chat, person, r->room);
	person->number = r->number;
	person->since = r->since;
	/* It is counted from a token on. */
	if (r->said > person->said || memcmp(person->token, r->token, sizeof(r->token)) != 0)
		person->said = r->said;
	person->joined = r->joined;
	memcpy(person->token, r->token, sizeof(person->token));
	person->has_token = r->has_token;
	person->is_operator = r->is_operator;
	person->is_away = r->is_away;
	if (person->heard_at == 0)
		person->heard_at = chat->now.usec;
	share_rename(chat, person, r->nick);
	follow_ignored(chat, person, r);
}

void register_follow(struct chat *chat, struct person_id id, uint64_t seq, struct slice payload)
{
	struct persona *person = personas_find(&chat->people, id);
	struct person_record record;
	bool is_own;

	if (payload.len == 0) {
		if (person == NULL || person->record >= seq)
			return;
		person->record = seq;
		person->has_record = false;
		/* The node that has ended it still has to say that they left, by their name. */
		if (!person->is_ours && !person->is_recording)
			share_forget(chat, person);
		else if (person->is_ours && !person->is_recording)
			person->recorded = 0;
		return;
	}
	if (record_read(payload, &record) < 0)
		return;
	is_own = record.home == chat->share->incarnation;
	if (person == NULL)
		person = share_add_person(chat, id);
	if (person == NULL || person->record >= seq)
		return;
	person->record = seq;
	person->has_record = true;
	if (is_own)
		return;
	if (person->is_ours)
		let_go(chat, person);
	register_learn(chat, person, &record);
	person->gone_at = 0;
	share_count(chat, person, !record.is_away);
}

void register_end(struct chat *chat, struct persona *person)
{
	if (!person->is_recording)
		person->is_recording = register_put(chat, person, (struct slice){ 0 }, PURPOSE_END);
}

static void say_left(struct chat *chat, struct persona *person)
{
	char who[WHO_MAX];
	struct event event = { .kind = EVENT_LEAVE, .author = person->user_id,
		.who = { who, person_who(person, who) } };

	publish_leave(chat, person, &event);
}

void register_ended(struct chat *chat, const struct log_request *request, enum log_answer answer)
{
	struct person_id id;
	struct persona *person;
	struct nick_key *key;

	if (!person_id_parse(&id, request->note))
		return;
	person = personas_find(&chat->people, id);
	if (person == NULL)
		return;
	person->is_recording = false;
	if (answer != LOG_STORED) {
		if (!person->has_record)
			share_forget(chat, person);
		return;
	}
	say_left(chat, person);
	person->has_record = false;
	key = nick_keys_find(&chat->share->keys, person->look);
	if (key != NULL && key->holder.node == id.node && key->holder.number == id.number)
		claim_release(chat, key);
	share_forget(chat, person);
}
