/*
 * One stream of a nats-server (js_stream.h). A server's word for where it stands is not
 * believed: it moves a start beyond either end without a word, a consumer may begin again after
 * its server came back, and its heartbeats go on where nothing can be stored. So the stream is
 * looked at before each consumer is made; a consumer has a subject and a name that were never used
 * before; its own numbers must have no gap; and where it says nothing for three heartbeats,
 * another one is made.
 *
 * https://docs.nats.io/nats-concepts/jetstream/consumers
 */
#include "server/core/nats/js_stream.h"

#include <stdlib.h>
#include <string.h>

#include "proto/text.h"
#include "server/core/base/time.h"

#define ANSWER_MAX (1500 * (int64_t)TIME_MS)   /* for the API's answer */
#define SILENCE_MAX (3500 * (int64_t)TIME_MS)  /* three heartbeats, and a little */
#define AGAIN_AFTER (200 * (int64_t)TIME_MS)   /* when it was refused */
#define SHORT_MAX (30 * (int64_t)TIME_SECOND)    /* before fewer messages are believed */
#define DIFFERS_AFTER (5 * (int64_t)TIME_SECOND) /* when it can't be used: an operator may help */

enum {
	ESCAPED = 3,                    /* characters of a byte that is not written as it is */
	SHARE_AT = sizeof("chatd.") - 1, /* in the prefix */
};

/* A name's letters and digits, small; every other byte as =XX. Returns its length. */
static size_t put_name(char *out, struct slice name)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t len = 0;

	for (size_t i = 0; i < name.len; i++) {
		unsigned char c = (unsigned char)name.bytes[i];

		if (c >= 'A' && c <= 'Z')
			c = (unsigned char)(c - 'A' + 'a');
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_') {
			out[len++] = (char)c;
		} else {
			out[len++] = '=';
			out[len++] = digits[c >> 4];
			out[len++] = digits[c & 15];
		}
	}
	return len;
}

static size_t put_text(char *out, struct slice text)
{
	if (text.len > 0)
		memcpy(out, text.bytes, text.len);
	return text.len;
}

/*
 * Of "chatd.SHARE." and a room: stream CHATD_SHARE_room with subject
 * chatd.SHARE.room.room; the keys are CHATD_SHARE_STATE, in capitals that no room can
 * have, with subjects chatd.SHARE.key.KEY.
 */
int js_stream_init(struct js_stream *s, uint32_t index, const struct js_io *io, struct slice room)
{
	struct slice prefix = { io->prefix, io->prefix_len };
	struct slice share = { prefix.bytes + SHARE_AT, prefix.len - SHARE_AT - 1 };
	bool is_state = index == JS_STATE;
	char *at;

	*s = (struct js_stream){ .index = index, .next = 1, .may_take = true };
	at = malloc(room.len + 2 * (prefix.len + ESCAPED * room.len + sizeof("STATE.key.>")));
	if (at == NULL)
		return -1;
	s->texts = at;
	s->room = (struct slice){ at, room.len };
	at += put_text(at, room);
	s->name.bytes = at;
	at += put_text(at, js_text("CHATD_"));
	at += put_text(at, share);
	at += put_text(at, js_text(is_state ? "_STATE" : "_"));
	at += put_name(at, room);
	s->name.len = (size_t)(at - s->name.bytes);
	s->subject.bytes = at;
	at += put_text(at, prefix);
	at += put_text(at, js_text(is_state ? "key.>" : "room."));
	at += put_name(at, room);
	s->subject.len = (size_t)(at - s->subject.bytes);
	return 0;
}

void js_stream_finish(struct js_stream *s)
{
	free(s->texts);
	*s = (struct js_stream){ 0 };
}

void js_stream_delete(struct js_io *io, struct slice room)
{
	struct js_stream s;

	if (io->link.state != LINK_UP || js_stream_init(&s, 0, io, room) < 0)
		return;
	js_call(io, "STREAM.DELETE.", s.name, (struct slice){ NULL, 0 });
	js_stream_finish(&s);
}

static bool keeps_last(const struct js_stream *s)
{
	return s->index == JS_STATE;
}

static struct js_plan plan_of(const struct js_stream *s, const struct js_stream_rules *rules)
{
	return (struct js_plan){
		.name = s->name,
		.subject = s->subject,
		.keeps_last = keeps_last(s),
		.replicas = rules->replicas,
		.unbounded = s->unbounded,
	};
}

/* A consumer is called as the subject that it delivers to, without its dots. */
static struct slice consumer_name(char out[JS_ID_LEN + JS_NUMBER_MAX], const struct js_io *io,
	uint64_t sid)
{
	memcpy(out, io->inbox + JS_INBOX_LEN - 1 - JS_ID_LEN, JS_ID_LEN);
	return (struct slice){ out, JS_ID_LEN + text_put_number(out + JS_ID_LEN, sid) };
}

static void drop_consumer(struct js_stream *s, struct js_io *io)
{
	char name[JS_ID_LEN + JS_NUMBER_MAX];
	struct nats_publish deletion = {
		.subject = { js_text("$JS.API.CONSUMER.DELETE."), s->name },
	};
	struct buffer subject = { 0 };

	if (s->sid == 0)
		return;
	nats_put_unsubscribe(&io->link.out, s->sid);
	buffer_put(&subject, s->name);
	buffer_put_text(&subject, ".");
	buffer_put(&subject, consumer_name(name, io, s->sid));
	deletion.subject[1] = (struct slice){ subject.bytes, subject.end };
	if (!subject.failed)
		nats_put_publish(&io->link.out, &deletion);
	buffer_finish(&subject);
	s->sid = 0;
}

void js_stream_rest(struct js_stream *s, struct js_io *io, int64_t at)
{
	drop_consumer(s, io);
	s->step = JS_RESTS;
	s->asked = 0;
	s->at = at;
	s->caught_up = s->tells_end = false;
}

void js_stream_reset(struct js_stream *s)
{
	s->step = JS_RESTS;
	s->asked = 0;
	s->at = 0;
	s->sid = 0;
	s->is_known = s->caught_up = s->has_gap = s->tells_end = false;
}

static bool has_to_look(const struct js_stream *s)
{
	return s->texts != NULL && (!s->is_known || (s->wanted && s->may_take));
}

static void look(struct js_stream *s, struct js_io *io, int64_t now)
{
	s->step = JS_LOOKS;
	s->asked = js_call(io, "STREAM.INFO.", s->name, (struct slice){ NULL, 0 });
	s->at = now + ANSWER_MAX;
}

static void create(struct js_stream *s, struct js_io *io, const struct js_stream_rules *rules,
	int64_t now)
{
	struct js_plan plan = plan_of(s, rules);
	struct buffer text = { 0 };

	js_put_create_stream(&text, &plan);
	s->step = JS_CREATES;
	s->asked = js_call(io, "STREAM.CREATE.", s->name, (struct slice){ text.bytes, text.end });
	s->at = now + ANSWER_MAX;
	io->link.out.failed = io->link.out.failed || text.failed;
	buffer_finish(&text);
}

static void subscribe(struct js_stream *s, struct js_io *io, int64_t now)
{
	char number[JS_NUMBER_MAX + 2], name[JS_ID_LEN + JS_NUMBER_MAX];
	struct buffer verb = { 0 }, text = { 0 }, deliver_to = { 0 };

	s->sid = ++io->last_sid;
	s->consumed = 0;
	buffer_put(&deliver_to, (struct slice){ io->inbox, JS_INBOX_LEN });
	buffer_put(&deliver_to, js_deliver_text(number, s->sid));
	buffer_put(&verb, s->name);
	buffer_put_text(&verb, ".");
	buffer_put(&verb, consumer_name(name, io, s->sid));
	js_put_create_consumer(&text, s->name, consumer_name(name, io, s->sid),
		(struct slice){ deliver_to.bytes, deliver_to.end }, s->next);
	nats_put_subscribe(&io->link.out,
		(struct slice[3]){ { deliver_to.bytes, deliver_to.end } }, s->sid);
	s->step = JS_SUBSCRIBES;
	s->asked = js_call(io, "CONSUMER.CREATE.", (struct slice){ verb.bytes, verb.end },
		(struct slice){ text.bytes, text.end });
	s->at = now + ANSWER_MAX;
	io->link.out.failed |= verb.failed || text.failed || deliver_to.failed;
	buffer_finish(&verb);
	buffer_finish(&text);
	buffer_finish(&deliver_to);
}

void js_stream_tick(struct js_stream *s, struct js_io *io, const struct js_stream_rules *rules,
	int64_t now)
{
	if (s->has_gap || s->is_replaced || now < s->at)
		return;
	if (s->step != JS_RESTS)
		js_stream_rest(s, io, now);
	if (has_to_look(s))
		look(s, io, now);
}

/*
 * Whether it has fewer messages than were read, but has not for long: a server that was cut off
 * from the others says so until it has caught up, or has seen that it leads nobody.
 */
static bool is_short_for_now(struct js_stream *s, const struct js_info *info, int64_t now)
{
	bool was_short = s->is_short;

	s->is_short = info->last + 1 < s->next;
	if (s->is_short && !was_short)
		s->short_since = now;
	return s->is_short && now - s->short_since < SHORT_MAX;
}

/* What is there: is it the stream that it was? */
static void compare(struct js_stream *s, struct js_io *io, const struct js_info *info, int64_t now)
{
	bool is_same = s->info.created[0] == '\0' || strcmp(s->info.created, info->created) == 0;

	s->is_known = true;
	s->step = JS_RESTS;
	s->at = now;
	if (is_same && is_short_for_now(s, info, now)) {
		s->at = now + AGAIN_AFTER;
		return;
	}
	if (!is_same || s->is_short) {
		s->is_short = false;
		s->is_replaced = true;
		s->next = 1;
		s->at = now + AGAIN_AFTER;
	} else if (info->first > s->next && !keeps_last(s)) {
		s->next = info->first;
		s->has_gap = s->gap_told != info->first;
	}
	s->info = *info;
	if (!s->is_replaced && !s->has_gap && s->wanted && s->may_take)
		subscribe(s, io, now);
}

static enum js_result read_look(struct js_stream *s, struct js_io *io, struct slice json,
	const struct js_stream_rules *rules, int64_t now)
{
	struct js_plan plan = plan_of(s, rules);
	struct js_info info;

	if (!js_read_info(&info, json))
		return JS_LATER;
	s->difference = js_difference(json, &plan);
	if (s->difference != NULL)
		js_stream_rest(s, io, now + DIFFERS_AFTER);
	else
		compare(s, io, &info, now);
	return JS_OK;
}

/* Nothing was there. */
static void read_absence(struct js_stream *s, struct js_io *io, const struct js_stream_rules *rules,
	int64_t now)
{
	if (!rules->only_looks) {
		create(s, io, rules, now);
		return;
	}
	s->is_known = true;
	s->step = JS_RESTS;
	s->at = TIME_NEVER;
}

static void catch_up(struct js_stream *s)
{
	s->tells_end = s->tells_end || !s->caught_up;
	s->caught_up = true;
}

enum js_result js_stream_answer(struct js_stream *s, struct js_io *io, const struct nats_op *op,
	const struct js_stream_rules *rules, int64_t now)
{
	enum js_result result = js_result(op->headers, op->payload);

	s->asked = 0;
	if (s->step == JS_LOOKS && result == JS_OK) {
		result = read_look(s, io, op->payload, rules, now);
	} else if (s->step == JS_LOOKS && result == JS_ABSENT) {
		read_absence(s, io, rules, now);
		return JS_OK;
	} else if (s->step == JS_CREATES && (result == JS_OK || result == JS_EXISTS)) {
		look(s, io, now);
		return JS_OK;
	} else if (s->step == JS_CREATES && result == JS_FULL && !s->unbounded && !keeps_last(s)) {
		s->unbounded = true;
		create(s, io, rules, now);
		return JS_OK;
	} else if (s->step == JS_SUBSCRIBES && result == JS_OK) {
		s->step = JS_FOLLOWS;
		s->at = now + SILENCE_MAX;
		if (s->next > s->info.last)
			catch_up(s);
	}
	if (result != JS_OK)
		js_stream_rest(s, io, now + AGAIN_AFTER);
	return result;
}

/* Not a message but a sign of life, or a question whether more may be sent. */
static void read_status(struct js_stream *s, struct js_io *io, const struct nats_op *op,
	int64_t now)
{
	struct slice stalled, last;
	uint64_t consumed;

	if (op->reply.len > 0)
		js_send(io, op->reply, (struct slice){ NULL, 0 });
	else if (nats_header(op->headers, "Nats-Consumer-Stalled", &stalled) && stalled.len > 0)
		js_send(io, stalled, (struct slice){ NULL, 0 });
	if (nats_header(op->headers, "Nats-Last-Consumer", &last) &&
		text_number(last.bytes, last.len, UINT64_MAX, &consumed) && consumed != s->consumed)
		js_stream_rest(s, io, now);
}

static struct slice key_of(const struct js_stream *s, struct slice subject)
{
	size_t len = s->subject.len - 1;

	if (!keeps_last(s) || subject.len < len)
		return (struct slice){ NULL, 0 };
	return (struct slice){ subject.bytes + len, subject.len - len };
}

bool js_stream_receive(struct js_stream *s, struct js_io *io, const struct nats_op *op,
	struct js_event *event, int64_t now)
{
	char name[JS_ID_LEN + JS_NUMBER_MAX];
	struct slice ours = consumer_name(name, io, s->sid);
	struct js_delivery d;

	s->at = now + SILENCE_MAX;
	if (nats_status(op->headers) != 0) {
		read_status(s, io, op, now);
		return false;
	}
	if (!js_read_delivery(&d, op->reply) || d.consumer.len != ours.len ||
		memcmp(d.consumer.bytes, ours.bytes, ours.len) != 0)
		return false;
	if (!s->may_take || d.consumed != s->consumed + 1 || d.seq < s->next) {
		js_stream_rest(s, io, now);
		return false;
	}
	if (d.seq > s->next && !keeps_last(s)) {
		s->next = d.seq;
		s->has_gap = true;
		return false;
	}
	s->step = JS_FOLLOWS;
	s->consumed++;
	s->next = d.seq + 1;
	if (d.pending == 0 || d.seq >= s->info.last)
		catch_up(s);
	*event = (struct js_event){
		.kind = JS_MESSAGE,
		.stream = s->index,
		.seq = d.seq,
		.ns = (int64_t)d.ns,
		.key = key_of(s, op->subject),
		.payload = op->payload,
	};
	return true;
}

bool js_stream_next(struct js_stream *s, struct js_event *event)
{
	*event = (struct js_event){ .stream = s->index, .seq = s->next };
	if (s->is_replaced) {
		event->kind = JS_REPLACED;
		s->is_replaced = false;
	} else if (s->has_gap) {
		event->kind = JS_GAP;
		s->has_gap = false;
		s->gap_told = s->next;
	} else if (s->tells_end) {
		event->kind = JS_CAUGHT_UP;
		s->tells_end = false;
	} else {
		return false;
	}
	return true;
}

int64_t js_stream_deadline(const struct js_stream *s)
{
	return s->step != JS_RESTS || has_to_look(s) ? s->at : TIME_NEVER;
}
