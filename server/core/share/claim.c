/*
 * Nicks of several nodes (claim.h). The rule: a key is set only in place of nothing,
 * or of one whose holder is known to be gone; when that is not known yet, the answer
 * waits for the state to come.
 */
#include "server/core/share/claim.h"

#include <string.h>

#include "server/core/room/tell.h"
#include "server/core/share/publish.h"

static const char unreachable[] = "the other servers can't be reached";

/* The RENAME that somebody waits for, as the note of a request. */
static void serialize_wish(struct codec *p, struct event *event)
{
	event->number = (uint32_t)codec_number(p, event->number, 4, UINT32_MAX);
	event->silent = codec_flag(p, event->silent);
	event->who.bytes = codec_bytes(p, event->who.bytes, &event->who.len, WHO_MAX);
	event->text.bytes = codec_bytes(p, event->text.bytes, &event->text.len, NICK_MAX);
}

static bool read_wish(const struct log_request *request, struct event *event)
{
	struct codec p = { .bytes = (uint8_t *)request->note.bytes, .len = request->note.len,
		.reading = true };

	*event = (struct event){ .kind = EVENT_RENAME, .author = request->user_id };
	serialize_wish(&p, event);
	return !p.failed;
}

/* Asks for a key that is at this number. */
static bool ask(struct chat *chat, struct persona *person, const struct event *event,
	uint64_t expected)
{
	uint8_t look[NICK_LOOK];
	char key[LOG_KEY_MAX], id[PERSON_TEXT_MAX], msg_id[LOG_MSG_ID_MAX];
	struct event wish = *event;
	struct codec p = { 0 };
	bool done;

	nick_look(look, event->text.bytes, event->text.len);
	serialize_wish(&p, &wish);
	struct log_request request = { .kind = LOG_PUT, .expected = expected,
		.to = { key, nick_key_text(key, look) },
		.payload = { id, person_id_text(id, person->id) },
		.purpose = PURPOSE_NICK, .user_id = person->user_id,
		.note = { (char *)p.bytes, p.len } };

	request.msg_id = (struct slice){ msg_id, share_put_msg_id(chat, msg_id) };
	done = !p.failed && share_request(chat, &request);
	codec_finish(&p);
	return done;
}

/* Whether a nick is somebody's who may still be there. */
static bool is_held(const struct chat *chat, const struct nick_key *key)
{
	const struct persona *holder = personas_find(&chat->people, key->holder);

	/* Of one without a record only the node is known. */
	if (holder == NULL || !holder->has_record)
		return key->holder.node == chat->share->incarnation
			? holder != NULL && holder->is_ours
			: nodes_find(&chat->share->nodes, key->holder.node) != NULL;
	return true;
}

static void refuse_taken(struct chat *chat, struct persona *person, const struct event *event)
{
	share_refuse(chat, person, "the nick %.*s is taken", (int)event->text.len,
		event->text.bytes);
}

void claim_nick(struct chat *chat, struct persona *person, struct room *room,
	const struct event *event)
{
	uint8_t look[NICK_LOOK];
	struct nick_key *key;

	nick_look(look, event->text.bytes, event->text.len);
	key = nick_keys_find(&chat->share->keys, look);
	if (key != NULL && key->holder.node == person->id.node &&
		key->holder.number == person->id.number && !key->is_releasing) {
		memcpy(person->look, look, NICK_LOOK);
		publish_event(chat, person, room, event);
		return;
	}
	if (share_is_down(chat))
		share_refuse(chat, person, "nicks can't be taken now: %s", unreachable);
	else if (key != NULL && is_held(chat, key))
		refuse_taken(chat, person, event);
	else if (!ask(chat, person, event, key != NULL ? key->seq : 0))
		share_refuse(chat, person, "out of memory, nothing changed");
}

/* The key is theirs: now they are called so. */
static void take(struct chat *chat, struct persona *person, const struct log_request *request,
	uint64_t seq)
{
	uint8_t look[NICK_LOOK];
	struct client *client;
	struct event event;

	if (!nick_key_parse(look, request->to) || !read_wish(request, &event))
		return;
	nick_keys_set(&chat->share->keys, look, person->id, seq);
	chat->share->has_changed = true;
	if (share_user(chat, person, &client) == NULL) {
		share_arrive(chat, person);
		return;
	}
	memcpy(person->look, look, NICK_LOOK);
	publish_event(chat, person, share_room_of(chat, person->room), &event);
}

/* The key is at another number than was thought: at this one. */
static bool try_again(struct chat *chat, struct persona *person, struct log_request *request,
	uint64_t seq)
{
	uint8_t look[NICK_LOOK];
	struct nick_key *key;
	struct event event;

	if (!nick_key_parse(look, request->to) || !read_wish(request, &event))
		return true;
	request->parked = seq;
	if (seq > chat->share->state_seq)
		return false;
	key = nick_keys_find(&chat->share->keys, look);
	if (key != NULL && is_held(chat, key))
		refuse_taken(chat, person, &event);
	else if (!ask(chat, person, &event, key != NULL ? key->seq : seq))
		share_refuse(chat, person, "out of memory, nothing changed");
	return true;
}

bool claim_answered(struct chat *chat, struct log_request *request, enum log_answer answer,
	uint64_t seq)
{
	struct persona *person = personas_by_user(&chat->people, request->user_id);
	uint8_t look[NICK_LOOK];

	if (person == NULL)
		return true;
	if (request->purpose == PURPOSE_UNWANTED) {
		/* It may be theirs for all that: nobody goes by it, so it is released. */
		if (answer == LOG_STORED && nick_key_parse(look, request->to))
			nick_keys_set(&chat->share->keys, look, person->id, seq);
		chat->share->has_changed = true;
		return true;
	}
	if (answer == LOG_STORED)
		take(chat, person, request, seq);
	else if (answer == LOG_CONFLICT)
		return try_again(chat, person, request, seq);
	else
		share_refuse(chat, person, "no nick can be taken: the log is full");
	return true;
}

void claim_go_on(struct chat *chat)
{
	struct log_request *r = chat->share->log.first, *next;

	for (; r != NULL; r = next) {
		struct persona *person = personas_by_user(&chat->people, r->user_id);

		next = r->next;
		if (r->purpose != PURPOSE_NICK || r->parked == 0 ||
			r->parked > chat->share->state_seq)
			continue;
		if (person == NULL || try_again(chat, person, r, r->parked))
			shared_log_remove(&chat->share->log, r->id);
	}
}

void claim_expire(struct chat *chat)
{
	for (struct log_request *r = chat->share->log.first; r != NULL; r = r->next) {
		struct persona *person = personas_by_user(&chat->people, r->user_id);

		if (r->purpose != PURPOSE_NICK || person == NULL)
			continue;
		if (chat->now.usec < person->since_usec + SHARE_PATIENCE_MS * TIME_MS) {
			chat_wake_at(chat, person->since_usec + SHARE_PATIENCE_MS * TIME_MS);
			continue;
		}
		r->purpose = PURPOSE_UNWANTED;
		share_refuse(chat, person, "nicks can't be taken now: %s", unreachable);
	}
}

void claim_release(struct chat *chat, struct nick_key *key)
{
	char text[LOG_KEY_MAX], msg_id[LOG_MSG_ID_MAX];

	if (key->is_releasing)
		return;
	key->is_releasing = share_request(chat, &(struct log_request){ .kind = LOG_PUT,
		.expected = key->seq, .to = { text, nick_key_text(text, key->look) },
		.msg_id = { msg_id, share_put_msg_id(chat, msg_id) } });
}
