/*
 * A log on a NATS JetStream cluster (jetstream.h). The rule: whatever the link goes through, what
 * a stream says is handed out in the order of its numbers, each once, with every gap told; and
 * what is to be stored is sent until it is.
 *
 * https://docs.nats.io/reference/reference-protocols/nats_api_reference
 */
#include "server/core/nats/jetstream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/core/base/time.h"
#include "server/core/nats/json.h"

#define STUCK_AFTER (2 * (int64_t)TIME_SECOND)   /* something waits so long to be stored: down */
#define HOPELESS_AFTER (8 * (int64_t)TIME_SECOND) /* and so long: another server may know more */
#define NAME_PATIENCE ((int64_t)TIME_SECOND) /* for a node of the same name to answer */
#define LACKING_AFTER (2 * (int64_t)TIME_SECOND) /* so long without JetStream: there is none */

enum { REQUESTS_MAX = 1024, WAITING_MAX = 64 * 1024 /* bytes to go out */ };

int js_init(struct jetstream *js, const struct js_settings *settings)
{
	struct js_io *io = &js->io;

	*js = (struct jetstream){ .settings = settings, .lacking_since = TIME_NEVER };
	link_init(&io->link, &settings->link);
	memcpy(io->inbox, "_INBOX.", 7);
	memcpy(io->inbox + 7, settings->id, JS_ID_LEN);
	io->inbox[JS_INBOX_LEN - 1] = '.';
	io->prefix_len = (size_t)snprintf(io->prefix, sizeof(io->prefix), "chatd.%.*s.",
		(int)settings->share.len, settings->share.bytes);
	io->last_sid = JS_SID_OWN;
	if (js_stream_init(&js->state, JS_STATE, io, (struct slice){ NULL, 0 }) < 0)
		return -1;
	js->state.wanted = !settings->only_looks;
	return 0;
}

void js_finish(struct jetstream *js)
{
	for (uint32_t i = 0; i < js->count; i++)
		js_stream_finish(&js->streams[i]);
	free(js->streams);
	js_stream_finish(&js->state);
	js_requests_finish(&js->requests);
	link_finish(&js->io.link);
	*js = (struct jetstream){ 0 };
}

/* Stream number i, the keys after the last; NULL after that. */
static struct js_stream *stream_at(struct jetstream *js, uint32_t i)
{
	if (i < js->count)
		return &js->streams[i];
	return i == js->count ? &js->state : NULL;
}

/* Room for streams up to an index, of which those between are of no room yet. */
static int fit_streams(struct jetstream *js, uint32_t index)
{
	struct js_stream *more;

	if (index < js->count)
		return 0;
	more = realloc(js->streams, (index + 1) * sizeof(*more));
	if (more == NULL)
		return -1;
	js->streams = more;
	while (js->count <= index)
		more[js->count++] = (struct js_stream){ 0 };
	return 0;
}

static bool is_same(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.bytes, b.bytes, a.len) == 0);
}

/* The stream of an index is that of another room from here on, or of none. */
static int change_room(struct jetstream *js, struct js_stream *s, uint32_t index, struct slice room)
{
	if (js->io.link.state == LINK_UP && js->ups == js->io.link.ups)
		js_stream_rest(s, &js->io, 0);
	js_stream_finish(s);
	return room.len > 0 ? js_stream_init(s, index, &js->io, room) : 0;
}

int js_set_stream(struct jetstream *js, uint32_t index, struct slice room, uint64_t next,
	bool may_take)
{
	struct js_stream *s;

	if (fit_streams(js, index) < 0)
		return -1;
	s = &js->streams[index];
	if (!is_same(s->room, room) && change_room(js, s, index, room) < 0)
		return -1;
	s->wanted = js->state_read && !js->settings->only_looks;
	s->may_take = may_take;
	/* While nothing comes that it could be out of step with. */
	if (s->sid == 0 && !s->has_gap && !s->is_replaced)
		s->next = next;
	return 0;
}

bool js_may_request(const struct jetstream *js)
{
	return js->requests.count < REQUESTS_MAX && buffer_len(&js->io.link.out) < WAITING_MAX;
}

/* The subject of a request, from its one piece. */
static void name_subject(struct jetstream *js, struct js_request *r, uint32_t stream)
{
	static const char *const words[] = { [JS_PUT] = "key.", [JS_ASK] = "node.",
		[JS_TELL] = "tell" };
	struct slice piece = r->subject[0], none = { NULL, 0 };

	if (r->kind == JS_LINE) {
		r->subject[0] = js->streams[stream].subject;
	} else if (r->kind != JS_REPLY && r->kind != JS_END) {
		r->subject[0] = (struct slice){ js->io.prefix, js->io.prefix_len };
		r->subject[1] = js_text(words[r->kind]);
		r->subject[2] = r->kind == JS_TELL ? none : piece;
	}
}

int js_request(struct jetstream *js, const struct js_request *request, uint32_t stream, int64_t now)
{
	struct js_request r = *request;
	struct slice piece = r.subject[0];

	name_subject(js, &r, stream);
	if (r.kind == JS_LINE || r.kind == JS_PUT || r.kind == JS_ASK)
		return js_requests_add(&js->requests, &r, ++js->io.last_number, now);
	if (r.kind == JS_END) {
		js_stream_delete(&js->io, piece);
	} else if (js->io.link.state == LINK_UP) {
		struct nats_publish p = {
			.subject = { r.subject[0], r.subject[1], r.subject[2] },
			.payload = r.payload,
		};

		nats_put_publish(&js->io.link.out, &p);
	}
	return 0;
}

/*
 * Asks the node that has this one's name, which does not listen to it yet. If there is none, the
 * server itself says so at once.
 */
static void ask_name(struct jetstream *js, int64_t now)
{
	struct slice prefix = { js->io.prefix, js->io.prefix_len };
	char number[JS_NUMBER_MAX];
	struct nats_publish p = {
		.subject = { prefix, js_text("node."), js->settings->node },
		.reply = { { js->io.inbox, JS_INBOX_LEN } },
	};

	js->name_asked = ++js->io.last_number;
	p.reply[1] = js_number_text(number, js->name_asked);
	js->name_until = now + NAME_PATIENCE;
	nats_put_publish(&js->io.link.out, &p);
}

/* Nobody has answered: one that had the name is gone. */
static void stop_asking_name(struct jetstream *js)
{
	js->name_asked = 0;
	js->name_is_known = true;
}

/* The link is up once more: subscriptions, and all that waits. */
static void greet(struct jetstream *js, int64_t now)
{
	struct buffer *out = &js->io.link.out;
	struct slice prefix = { js->io.prefix, js->io.prefix_len };

	js->ups = js->io.link.ups;
	js->is_held = false;
	js->op.sid = 0;
	nats_put_subscribe(out,
		(struct slice[3]){ { js->io.inbox, JS_INBOX_LEN }, js_text("*") }, JS_SID_INBOX);
	if (js->settings->asks_name && !js->name_is_known)
		ask_name(js, now);
	if (!js->settings->only_looks) {
		nats_put_subscribe(out, (struct slice[3]){ prefix, js_text("node."),
			js->settings->node }, JS_SID_NODE);
		nats_put_subscribe(out, (struct slice[3]){ prefix, js_text("tell") }, JS_SID_TELL);
	}
	for (uint32_t i = 0; i <= js->count; i++)
		js_stream_reset(stream_at(js, i));
	js_requests_restart(&js->requests, now);
}

/* What a server said no to, for an operator. */
static void note_refusal(struct jetstream *js, struct slice json)
{
	struct slice text = { "", 0 };
	size_t len;

	json_find(json, "error.description", &text);
	len = text.len < sizeof(js->why) ? text.len : sizeof(js->why) - 1;
	for (size_t i = 0; i < len; i++)
		js->why[i] = text.bytes[i] >= ' ' && text.bytes[i] <= '~' ? text.bytes[i] : '?';
	js->why[len] = '\0';
}

/* An answer of the API about a stream. */
static void read_api(struct jetstream *js, const struct nats_op *op, uint64_t number, int64_t now)
{
	struct js_stream_rules rules = { js->settings->replicas, js->settings->only_looks };

	for (uint32_t i = 0; i <= js->count; i++) {
		struct js_stream *s = stream_at(js, i);
		enum js_result result;

		if (s->asked != number)
			continue;
		result = js_stream_answer(s, &js->io, op, &rules, now);
		if (result == JS_OK)
			js->lacking_since = TIME_NEVER;
		else if ((result == JS_NO_JETSTREAM || nats_status(op->headers) == 503) &&
			 js->lacking_since == TIME_NEVER)
			js->lacking_since = now;
		if (result != JS_OK)
			note_refusal(js, op->payload);
		return;
	}
}

static bool read_inbox(struct jetstream *js, const struct nats_op *op, struct js_event *event,
	int64_t now)
{
	uint64_t number = js_number_of(&js->io, op->subject);

	if (number != 0 && number == js->name_asked) {
		stop_asking_name(js);
		*event = (struct js_event){ .kind = JS_NAMESAKE };
		return nats_status(op->headers) == 0;
	}
	if (js_requests_answer(&js->requests, op, number, event, now))
		return true;
	read_api(js, op, number, now);
	return false;
}

static struct js_stream *stream_with(struct jetstream *js, uint64_t sid)
{
	for (uint32_t i = 0; i <= js->count; i++)
		if (stream_at(js, i)->sid == sid)
			return stream_at(js, i);
	return NULL;
}

static bool read_consumer(struct jetstream *js, const struct nats_op *op, struct js_event *event,
	int64_t now)
{
	struct js_stream *s = stream_with(js, op->sid);

	if (s == NULL)
		return false;
	if (js_stream_receive(s, &js->io, op, event, now))
		return true;
	js->is_held = s->has_gap;
	return false;
}

/* One without content only asks whether somebody has this name. */
static bool read_question(struct jetstream *js, const struct nats_op *op, struct js_event *event)
{
	if (op->reply.len == 0)
		return false;
	if (op->payload.len == 0) {
		js_send(&js->io, op->reply, js->settings->node);
		return false;
	}
	*event = (struct js_event){ .kind = JS_ASKED, .reply = op->reply, .payload = op->payload };
	return true;
}

static bool read_message(struct jetstream *js, const struct nats_op *op, struct js_event *event,
	int64_t now)
{
	switch (op->sid) {
	case JS_SID_INBOX:
		return read_inbox(js, op, event, now);
	case JS_SID_NODE:
		return read_question(js, op, event);
	case JS_SID_TELL:
		*event = (struct js_event){ .kind = JS_TOLD, .payload = op->payload };
		return true;
	default:
		return read_consumer(js, op, event, now);
	}
}

/* A line that may have been sent long ago, found in its stream. */
static bool find_old(struct jetstream *js, struct js_event *event, int64_t now)
{
	struct slice msg_id;
	struct js_delivery d;

	return js->op.sid > JS_SID_OWN && js->requests.count > 0 &&
	       nats_header(js->op.headers, "Nats-Msg-Id", &msg_id) &&
	       js_read_delivery(&d, js->op.reply) &&
	       js_requests_found(&js->requests, msg_id, d.seq, event, now);
}

/* How long something has waited on this connection to be stored, in usec. */
static int64_t waiting_for(const struct jetstream *js, int64_t now)
{
	int64_t since = js_requests_waiting_since(&js->requests);

	if (since == TIME_NEVER)
		return 0;
	return now - (since > js->io.link.up_since ? since : js->io.link.up_since);
}

bool js_is_ready(const struct jetstream *js)
{
	bool ready = js->io.link.state == LINK_UP && js->state.is_known &&
		     (js->state.step == JS_FOLLOWS || js->settings->only_looks) &&
		     (js->name_is_known || !js->settings->asks_name);

	for (uint32_t i = 0; i < js->count; i++)
		ready = ready && (js->streams[i].is_known || js->streams[i].texts == NULL);
	return ready;
}

/* Up or down: is there something to tell? A stream that comes later changes nothing in that. */
static bool turn_over(struct jetstream *js, struct js_event *event, int64_t now)
{
	bool keeps = js->is_up && js->io.link.state == LINK_UP;
	bool is_up = (keeps || js_is_ready(js)) && waiting_for(js, now) < STUCK_AFTER;

	if (is_up == js->is_up)
		return false;
	js->is_up = is_up;
	*event = (struct js_event){ .kind = is_up ? JS_UP : JS_DOWN };
	return true;
}

/* What there is to say that did not come just now. */
static bool next_of_own(struct jetstream *js, struct js_event *event, int64_t now)
{
	if (turn_over(js, event, now) || js_requests_expire(&js->requests, event, now))
		return true;
	for (uint32_t i = 0; i <= js->count; i++) {
		struct js_stream *s = stream_at(js, i);

		if (!js_stream_next(s, event))
			continue;
		if (s == &js->state && event->kind == JS_CAUGHT_UP)
			js->state_read = true;
		return true;
	}
	return false;
}

bool js_next(struct jetstream *js, struct js_event *event, int64_t now)
{
	for (;;) {
		if (js->ups != js->io.link.ups)
			greet(js, now);
		if (next_of_own(js, event, now))
			return true;
		if (js->op.sid > 0 && !js->is_held) {
			bool found = find_old(js, event, now);

			js->op.sid = 0;
			if (found)
				return true;
		}
		if (!js->is_held && !link_next(&js->io.link, &js->op, now)) {
			js->op.sid = 0;
			if (js->ups == js->io.link.ups)
				return false;
			continue;
		}
		js->is_held = false;
		if (js->ups == js->io.link.ups && read_message(js, &js->op, event, now))
			return true;
	}
}

void js_tick(struct jetstream *js, int64_t now)
{
	struct js_stream_rules rules = { js->settings->replicas, js->settings->only_looks };
	bool is_read = js->io.link.state == LINK_UP;

	link_tick(&js->io.link, now);
	/* It may be cut off from the others, and they not from us. */
	if (js->io.link.state == LINK_UP && js->settings->link.targets > 1 &&
		waiting_for(js, now) >= HOPELESS_AFTER)
		link_lose(&js->io.link, LINK_UNREACHABLE, "it stores nothing", now);
	if (js->io.link.state != LINK_UP || js->ups != js->io.link.ups)
		return;
	if (js->name_asked != 0 && now >= js->name_until)
		stop_asking_name(js);
	for (uint32_t i = 0; i <= js->count; i++) {
		js_stream_tick(stream_at(js, i), &js->io, &rules, now);
		is_read = is_read &&
			(stream_at(js, i)->caught_up || stream_at(js, i)->texts == NULL);
	}
	js_requests_send(&js->requests, &js->io, is_read, now);
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t js_deadline(const struct jetstream *js)
{
	int64_t next = earlier(link_deadline(&js->io.link),
		js_requests_deadline(&js->requests, &js->io));

	if (js->io.link.state != LINK_UP)
		return next;
	if (js->name_asked != 0)
		next = earlier(next, js->name_until);
	next = earlier(next, js_stream_deadline(&js->state));
	for (uint32_t i = 0; i < js->count; i++)
		next = earlier(next, js_stream_deadline(&js->streams[i]));
	return next;
}

const char *js_fault(struct jetstream *js, int64_t now)
{
	const struct link *link = &js->io.link;
	struct js_stream *s;

	if (link->fault == LINK_DENIED)
		return "wrong user, password or token";
	if (link->fault == LINK_TOO_OLD) {
		snprintf(js->fault, sizeof(js->fault), "nats-server %.32s is too old for more than "
			"one replica: 2.12.3 or newer is needed", link->why);
		return js->fault;
	}
	if (link->fault == LINK_WANTS_TLS || link->fault == LINK_NOT_NATS)
		return link->why;
	if (js->lacking_since != TIME_NEVER && now - js->lacking_since >= LACKING_AFTER)
		return "this nats-server has no JetStream";
	for (uint32_t i = 0; (s = stream_at(js, i)) != NULL; i++) {
		if (s->difference == NULL)
			continue;
		snprintf(js->fault, sizeof(js->fault), "stream %.*s %s", (int)s->name.len,
			s->name.bytes, s->difference);
		return js->fault;
	}
	return NULL;
}

void js_figures(const struct jetstream *js, struct js_figures *figures)
{
	*figures = (struct js_figures){
		.in_flight = js->requests.count,
		.reconnects = js->io.link.ups > 0 ? js->io.link.ups - 1 : 0,
	};
	for (uint32_t i = 0; i < js->count; i++) {
		const struct js_stream *s = &js->streams[i];

		if (s->info.last + 1 > s->next)
			figures->behind += s->info.last + 1 - s->next;
	}
}
