/*
 * Questions to the node of somebody (ask.h). The rule: an answer that does not come
 * says nothing, so a message is asked under its number again, and in the end its author
 * is told that nobody knows.
 */
#include "server/core/share/ask.h"

#include <stdlib.h>
#include <string.h>

#include "proto/text.h"
#include "server/core/room/presence.h"
#include "server/core/room/roster.h"
#include "server/core/room/tell.h"
#include "server/core/share/question.h"
#include "server/core/share/register.h"

enum { TRIES = 3 };

struct persona *share_find(const struct chat *chat, struct slice who)
{
	uint64_t number;

	if (chat->share == NULL)
		return NULL;
	if (who.len < 2 || who.bytes[0] != '#')
		return personas_by_nick(&chat->people, who, true);
	if (!text_number(who.bytes + 1, who.len - 1, UINT32_MAX, &number))
		return NULL;
	for (uint32_t i = 0; i < chat->people.count; i++) {
		struct persona *one = chat->people.list[i];

		if (one->counted && one->nick_len == 0 && one->number == number)
			return one;
	}
	return NULL;
}

/* Asks the node of a person; user_id: of the client that waits for the answer. */
static bool ask(struct chat *chat, const struct persona *to, const struct question *question,
	uint32_t user_id)
{
	struct codec p = { 0 };
	bool done;

	question_write(&p, question);
	done = !p.failed && share_request(chat, &(struct log_request){ .kind = LOG_ASK,
		.to = { to->node, to->node_len }, .payload = { (char *)p.bytes, p.len },
		.purpose = PURPOSE_ASK, .user_id = user_id, .note = { (char *)p.bytes, p.len } });
	codec_finish(&p);
	return done;
}

/* Asks for a client, which acts on nothing else until there is an answer. */
static void ask_for(struct chat *chat, struct client *client, const struct persona *to,
	struct question *question)
{
	char who[WHO_MAX], whom[WHO_MAX];
	const struct persona *from = personas_by_user(&chat->people, client->user.id);

	question->to = to->id;
	if (from != NULL)
		question->from = from->id;
	question->who = (struct slice){ who, roster_who(chat, client, who) };
	question->whom = (struct slice){ whom, person_who(to, whom) };
	if (question->kind == QUESTION_MESSAGE)
		question->after = client->member.own_end;
	if (ask(chat, to, question, client->user.id))
		client->user.in_flight++;
	else
		chat_fail_client(chat, client);
	question->who = question->whom = (struct slice){ 0 };
}

void share_message(struct chat *chat, struct client *client, struct persona *to, struct slice text)
{
	struct question question = { .kind = QUESTION_MESSAGE, .number = ++client->user.proposed,
		.text = text };

	ask_for(chat, client, to, &question);
}

void share_kick(struct chat *chat, struct client *client, struct persona *to, struct slice text)
{
	struct question question = { .kind = QUESTION_KICK, .text = text };

	ask_for(chat, client, to, &question);
}

void share_ban(struct chat *chat, struct client *client, struct persona *to, uint64_t minutes,
	struct slice reason)
{
	struct question question = { .kind = QUESTION_BAN, .after = minutes, .text = reason };

	ask_for(chat, client, to, &question);
}

static void reply(struct chat *chat, struct slice reply_to, enum verdict verdict,
	struct slice record)
{
	struct codec p = { 0 };

	codec_number(&p, verdict, 1, UINT8_MAX);
	if (record.len > 0)
		codec_array(&p, (void *)record.bytes, record.len);
	if (!p.failed)
		share_request(chat, &(struct log_request){ .kind = LOG_REPLY, .to = reply_to,
			.payload = { (char *)p.bytes, p.len } });
	codec_finish(&p);
}

/* A private message for a client of this node. */
static enum verdict receive_message(struct chat *chat, struct client *to, const struct question *q)
{
	struct persona *from = share_add_person(chat, q->from);

	if (from == NULL || !outbox_fits(&to->outbox, MESSAGE_FRAME_MAX + q->text.len))
		return VERDICT_FULL;
	if ((int32_t)(q->number - from->asked) <= 0)
		return VERDICT_DONE;
	from->asked = q->number;
	if (ignores_user(to->user.ignores, from->user_id))
		return VERDICT_DONE;
	to->user.last_sender = from->user_id;
	/* It comes after what its author had said before. */
	if (from->room == to->member.room->index && to->member.own_end < q->after)
		to->member.own_end = q->after;
	tell_text(chat, to, MESSAGE_RECEIVED, q->who, q->text);
	return VERDICT_DONE;
}

static enum verdict receive_kick(struct chat *chat, struct client *to, const struct question *q)
{
	char who[WHO_MAX];
	size_t len = roster_who(chat, to, who);

	log_line(chat->log, LOG_AT_NOTICE, "operator %.*s: /kick %.*s", (int)q->who.len,
		q->who.bytes, (int)len, who);
	presence_kick(chat, to, q->text);
	return VERDICT_DONE;
}

static enum verdict receive_ban(struct chat *chat, const struct client *to,
	const struct question *q)
{
	char reason[BAN_REASON_MAX + 1];
	struct ban ban = { .until = TIME_NEVER };

	if (to->from.is_front_end ||
		(to->from.family != ADDRESS_V4 && to->from.family != ADDRESS_V6))
		return VERDICT_NOWHERE;
	if (q->text.len > BAN_REASON_MAX || q->after > UINT32_MAX)
		return VERDICT_GONE;
	prefix_of(&ban.prefix, &to->from);
	if (q->after > 0)
		ban.until = chat->now.usec + (int64_t)q->after * 60 * TIME_SECOND;
	if (q->text.len > 0) {
		memcpy(reason, q->text.bytes, q->text.len);
		reason[q->text.len] = '\0';
		ban.reason = reason;
	}
	if (q->who.len > 0)
		memcpy(ban.by, q->who.bytes, q->who.len);
	bans_expire(&chat->bans, chat->now.usec);
	if (bans_add(&chat->bans, &ban) < 0)
		return VERDICT_FULL;
	chat->store_changes++;
	presence_close_banned(chat, &ban);
	return VERDICT_DONE;
}

static enum verdict receive(struct chat *chat, struct client *to, const struct question *q)
{
	if (q->kind == QUESTION_BAN)
		return receive_ban(chat, to, q);
	return q->kind == QUESTION_KICK ? receive_kick(chat, to, q) : receive_message(chat, to, q);
}

/* A line that still waits has not been dealt with: it goes with the connection. */
static void drop_held(struct client *client)
{
	const struct held_line *held = client_held_line(client);

	if (held == NULL)
		return;
	client->user.said -= held->is_said;
	client_end_task(client);
}

/* The connection of one who shows their token elsewhere makes way. */
static void begin_hand_over(struct chat *chat, struct persona *person, struct client *client,
	struct slice reply_to)
{
	char *copy = malloc(reply_to.len + 1);

	if (copy == NULL)
		return;
	memcpy(copy, reply_to.bytes, reply_to.len);
	copy[reply_to.len] = '\0';
	free(person->taken_by);
	person->taken_by = copy;
	if (client == NULL)
		return;
	drop_held(client);
	tell_error(chat, client, "you have come back on another connection");
	client_close_with(client, WEBSOCKET_RESUMED_ELSEWHERE);
	presence_leave(chat, client, LEAVING_LOST, "", 0);
}

static void receive_take(struct chat *chat, struct persona *person, struct slice reply_to,
	const struct question *q)
{
	struct client *client;
	const struct user *user = share_user(chat, person, &client);
	uint8_t digest[SHA256_SIZE];

	sha256(digest, user->token, sizeof(user->token));
	if (!user->has_token || memcmp(digest, q->text.bytes, sizeof(digest)) != 0)
		reply(chat, reply_to, VERDICT_WRONG, (struct slice){ 0 });
	else
		begin_hand_over(chat, person, client, reply_to);
}

/* What is known of one who has no user here, neither a client nor a session. */
static void describe_known(const struct chat *chat, const struct persona *person, bool is_away,
	struct person_record *record)
{
	struct user user = { .id = person->user_id, .since = person->since,
		.proposed = person->handed, .ignores = person->ignores,
		.is_quiet = person->is_quiet, .last_sender = person->last_sender };

	register_describe(chat, person, &user, is_away, record);
	record->nick = (struct slice){ person->nick, person->nick_len };
	memcpy(record->token, person->token, sizeof(record->token));
	record->has_token = true;
}

/* One who was let go already, but the answer did not arrive. */
static bool has_let_go(const struct chat *chat, const struct persona *person,
	const struct question *q)
{
	return q->kind == QUESTION_TAKE && !person->is_ours && person->handed_at != 0 &&
		person->home == chat->share->incarnation &&
		memcmp(person->token, q->text.bytes, sizeof(person->token)) == 0;
}

static void hand_over_again(struct chat *chat, struct persona *person, struct slice reply_to)
{
	struct person_record record;
	struct codec p = { 0 };

	describe_known(chat, person, true, &record);
	record_write(&p, &record);
	if (!p.failed)
		reply(chat, reply_to, VERDICT_DONE, (struct slice){ (char *)p.bytes, p.len });
	codec_finish(&p);
}

void share_asked(struct chat *chat, struct slice reply_to, struct slice payload)
{
	struct persona *person;
	struct client *client = NULL;
	struct question q;
	enum verdict verdict = VERDICT_GONE;

	if (question_read(payload, &q) < 0)
		return;
	person = personas_find(&chat->people, q.to);
	if (person != NULL && person->is_ours && share_user(chat, person, &client) != NULL) {
		if (q.kind == QUESTION_TAKE) {
			receive_take(chat, person, reply_to, &q);
			return;
		}
		verdict = client == NULL ? VERDICT_AWAY : receive(chat, client, &q);
	} else if (person != NULL && has_let_go(chat, person, &q)) {
		hand_over_again(chat, person, reply_to);
		return;
	}
	reply(chat, reply_to, verdict, (struct slice){ 0 });
}

/* Everything that is known of somebody goes to the node that asked; here they are gone. */
static void hand_over(struct chat *chat, struct persona *person, struct session *session)
{
	struct person_record record;
	struct codec p = { 0 };
	struct slice to = { person->taken_by, strlen(person->taken_by) };

	register_describe(chat, person, &session->user, true, &record);
	record.said = person_said(person, &session->user);
	record_write(&p, &record);
	if (!p.failed) {
		reply(chat, to, VERDICT_DONE, (struct slice){ (char *)p.bytes, p.len });
		register_learn(chat, person, &record);
	}
	codec_finish(&p);
	if (session->counted)
		session->room->online--;
	sessions_remove(&chat->sessions, session);
	person->is_ours = false;
	person->recorded = 0;
	person->handed = record.applied;
	person->handed_at = chat->now.usec;
}

/* One whom another node waits for, unless something of theirs is still on its way. */
static void try_hand_over(struct chat *chat, struct persona *person)
{
	struct client *client;
	const struct user *user = share_user(chat, person, &client);
	struct session *session = sessions_by_id(&chat->sessions, person->user_id);

	if (client != NULL || (session != NULL && (session->leaving || user->in_flight > 0 ||
		person->is_publishing || person->is_recording)))
		return;
	if (session != NULL)
		hand_over(chat, person, session);
	free(person->taken_by);
	person->taken_by = NULL;
}

void share_hand_over(struct chat *chat)
{
	for (uint32_t i = 0; i < chat->people.count; i++)
		if (chat->people.list[i]->taken_by != NULL)
			try_hand_over(chat, chat->people.list[i]);
}

bool share_take(struct chat *chat, const struct client *client, const uint8_t token[TOKEN_BYTES])
{
	uint8_t digest[SHA256_SIZE];
	struct persona *person;
	struct question question = { .kind = QUESTION_TAKE,
		.text = { (char *)digest, SHA256_SIZE } };

	if (chat->share == NULL)
		return false;
	sha256(digest, token, TOKEN_BYTES);
	person = personas_by_token(&chat->people, digest);
	if (person == NULL || !person->has_record)
		return false;
	question.to = person->id;
	memcpy(person->shown, token, TOKEN_BYTES);
	if (!person->is_taking)
		person->is_taking = ask(chat, person, &question, client->user.id);
	return true;
}

bool share_is_taking(const struct chat *chat, const uint8_t token[TOKEN_BYTES])
{
	for (uint32_t i = 0; i < chat->people.count; i++)
		if (chat->people.list[i]->is_taking &&
			tokens_equal(chat->people.list[i]->shown, token))
			return true;
	return false;
}

/* The record that makes somebody one of ours, if it is still the one that is known. */
static void take(struct chat *chat, struct persona *person)
{
	struct person_record record;
	struct codec p = { 0 };

	describe_known(chat, person, false, &record);
	record_write(&p, &record);
	if (p.failed || !register_put(chat, person, (struct slice){ (char *)p.bytes, p.len },
		PURPOSE_TAKE))
		person->is_taking = false;
	codec_finish(&p);
}

/*
 * Whether the node of somebody is gone, stands still, or knows nothing of them: what is known
 * here has to do.
 */
static bool is_lost(const struct chat *chat, const struct persona *person, enum log_answer answer,
	enum verdict verdict)
{
	const struct node *node = nodes_find(&chat->share->nodes, person->home);

	if (answer == LOG_TIMEOUT)
		return chat->share->is_up && (node == NULL ||
			chat->now.usec >= node->heard_at + SHARE_AWAY_MS * TIME_MS);
	return answer == LOG_NOBODY || (answer == LOG_REPLIED && verdict == VERDICT_GONE);
}

static void take_by_answer(struct chat *chat, const struct question *q, enum log_answer answer,
	struct slice payload)
{
	struct persona *person = personas_find(&chat->people, q->to);
	struct person_record record;
	enum verdict verdict = payload.len > 0 ? (enum verdict)payload.bytes[0] : VERDICT_GONE;

	if (person == NULL || person->is_ours)
		return;
	if (answer == LOG_REPLIED && verdict == VERDICT_DONE) {
		struct slice rest = { payload.bytes + 1, payload.len - 1 };

		/* What was so before they went on elsewhere is not so any more. */
		if (record_read(rest, &record) == 0 && record.replaces >= person->record) {
			person->record = record.replaces;
			register_learn(chat, person, &record);
			person->handed = record.applied;
			person->said = record.said;
			take(chat, person);
			return;
		}
	}
	if (is_lost(chat, person, answer, verdict)) {
		take(chat, person);
		return;
	}
	person->is_taking = false;
	chat_wake_at(chat, chat->now.usec);
}

void share_take_answered(struct chat *chat, const struct log_request *request,
	enum log_answer answer, uint64_t seq)
{
	struct persona *person = personas_by_user(&chat->people, request->user_id);
	struct session *session;
	uint32_t last;

	if (person == NULL)
		return;
	person->is_taking = person->is_recording = false;
	chat_wake_at(chat, chat->now.usec);
	session = answer == LOG_STORED ? sessions_add(&chat->sessions) : NULL;
	if (session == NULL)
		return;
	share_count(chat, person, false);
	person->record = seq;
	person->has_record = person->is_ours = true;
	person->home = chat->share->incarnation;
	last = (int32_t)(person->handed - person->applied) > 0 ? person->handed : person->applied;
	session->user = (struct user){ .id = person->user_id, .since = person->since,
		.said = person->said, .proposed = last, .applied = last,
		.ignores = ignores_share(person->ignores), .is_quiet = person->is_quiet,
		.last_sender = person->last_sender, .has_token = true };
	memcpy(session->user.token, person->shown, sizeof(person->shown));
	user_set_nick(&session->user, (struct slice){ person->nick, person->nick_len });
	session->room = share_room_of(chat, person->room);
	session->number = person->number;
	sessions_note_user(&chat->sessions, session);
	session->due = chat->now.usec + (int64_t)SESSION_SECONDS * TIME_SECOND;
	chat_wake_at(chat, session->due);
}

/* A client that asked is told what became of it. */
static void tell_verdict(struct chat *chat, struct client *client, const struct question *q,
	enum log_answer answer, enum verdict verdict)
{
	int len = (int)q->whom.len;
	const char *whom = q->whom.bytes;

	if (answer == LOG_TIMEOUT)
		tell_error(chat, client, "not known whether %.*s got it", len, whom);
	else if (answer == LOG_NOBODY || verdict == VERDICT_AWAY)
		tell_error(chat, client, "%.*s has lost the connection, perhaps for a moment", len,
			whom);
	else if (verdict == VERDICT_NOWHERE)
		tell_error(chat, client, "%.*s has no address that could be banned", len, whom);
	else if (verdict == VERDICT_FULL && q->kind == QUESTION_BAN)
		tell_error(chat, client, "there are too many bans already");
	else if (verdict == VERDICT_FULL)
		tell_error(chat, client, "%.*s is not reading: not sent", len, whom);
	else if (verdict != VERDICT_DONE)
		tell_error(chat, client, "nobody here is called %.*s", len, whom);
	else if (q->kind == QUESTION_KICK)
		tell_answer(chat, client, "%.*s was kicked", len, whom);
	else if (q->kind == QUESTION_BAN)
		tell_answer(chat, client, "%.*s is banned", len, whom);
	else
		tell_text(chat, client, MESSAGE_SENT, q->whom, q->text);
	if (q->kind == QUESTION_MESSAGE && answer == LOG_REPLIED && verdict == VERDICT_DONE)
		chat->counters.private++;
}

void share_ask_answered(struct chat *chat, const struct log_request *request,
	enum log_answer answer, struct slice payload)
{
	struct event event = { .author = request->user_id };
	struct client *client = roster_author(chat, &event);
	struct persona *to;
	struct question q;

	if (question_read(request->note, &q) < 0)
		return;
	if (q.kind == QUESTION_TAKE) {
		take_by_answer(chat, &q, answer, payload);
		return;
	}
	to = personas_find(&chat->people, q.to);
	if (answer == LOG_TIMEOUT && ++q.tries < TRIES && to != NULL &&
		ask(chat, to, &q, request->user_id))
		return;
	if (client == NULL)
		return;
	tell_verdict(chat, client, &q, answer,
		payload.len > 0 ? (enum verdict)payload.bytes[0] : VERDICT_GONE);
	if (client->user.in_flight > 0)
		client->user.in_flight--;
	chat_await(chat, client);
	chat_wake_at(chat, chat->now.usec);
}
