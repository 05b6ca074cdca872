/*
 * Several servers as one (cluster.h). Both sides speak of the same things with names of their own,
 * so that neither knows the other: this file has the two tables between them.
 */
#include "server/shell/cluster.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "server/core/base/base64.h"
#include "server/core/chat_log.h"
#include "server/shell/host.h"
#include "server/shell/random.h"

#define START_MAX (3 * (int64_t)TIME_SECOND) /* to wait for the log at the start */

void cluster_init(struct cluster *c)
{
	*c = (struct cluster){ .nats = { .fd = -1 } };
}

static struct slice text_of(const char *text)
{
	return (struct slice){ text, text != NULL ? strlen(text) : 0 };
}

/* "USER:PASSWORD" or a token. */
static struct nats_credentials credentials_of(const char *text)
{
	const char *colon = text != NULL ? strchr(text, ':') : NULL;

	if (colon == NULL)
		return (struct nats_credentials){ .token = text_of(text) };
	return (struct nats_credentials){
		.user = { text, (size_t)(colon - text) },
		.password = text_of(colon + 1),
	};
}

static int begin(struct cluster *c, const struct options *o, struct log *log, struct error *error)
{
	uint8_t bytes[JS_ID_LEN];
	uint64_t seed;

	if (targets_look_up(&c->targets, o->share, "--share", error) < 0)
		return -1;
	c->log = log;
	random_fill(bytes, sizeof(bytes));
	random_fill(&seed, sizeof(seed));
	base32_encode(c->id, JS_ID_LEN, bytes);
	c->settings = (struct js_settings){
		.link = {
			.credentials = credentials_of(o->share_password),
			.name = text_of(o->node),
			.targets = c->targets.count,
			.needs_replicas = o->share_replicas > 1,
			.seed = seed,
		},
		.node = text_of(o->node),
		.share = text_of(o->share_name != NULL ? o->share_name : "chatd"),
		.replicas = o->share_replicas,
		.id = c->id,
	};
	if (js_init(&c->js, &c->settings) < 0)
		return error_set(error, ERROR_START, "out of memory");
	c->nats.link = &c->js.io.link;
	c->nats.targets = &c->targets;
	c->is_on = true;
	return 0;
}

void cluster_finish(struct cluster *c)
{
	nats_close(&c->nats);
	if (c->is_on)
		js_finish(&c->js);
	targets_finish(&c->targets);
	c->is_on = false;
}

/* What is to be followed: each room of the chat, from where it stands. */
static void follow(struct cluster *c, uint32_t room)
{
	(void)js_set_stream(&c->js, room, chat_log_room(c->chat, room),
		chat_log_next(c->chat, room), chat_log_may_take(c->chat, room));
}

static void follow_all(struct cluster *c)
{
	for (uint32_t i = 0; i < chat_log_rooms(c->chat); i++)
		follow(c, i);
}

static void hand_answer(struct cluster *c, const struct js_event *event)
{
	static const enum log_answer answers[] = {
		[JS_STORED] = LOG_STORED,
		[JS_CONFLICT] = LOG_CONFLICT,
		[JS_NO_ROOM] = LOG_FULL,
		[JS_NOBODY] = LOG_NOBODY,
		[JS_TIMEOUT] = LOG_TIMEOUT,
		[JS_REPLIED] = LOG_REPLIED,
	};

	chat_log_answer(c->chat, event->id, answers[event->answer], event->seq, event->payload);
}

/* What the log says, to the core. */
static void hand(struct cluster *c, const struct js_event *event)
{
	bool is_state = event->stream == JS_STATE;

	switch (event->kind) {
	case JS_UP:
	case JS_DOWN:
		chat_log_status(c->chat, event->kind == JS_UP);
		break;
	case JS_ANSWERED:
		hand_answer(c, event);
		break;
	case JS_MESSAGE:
		if (is_state)
			chat_log_state(c->chat, event->key, event->seq, event->payload);
		else
			chat_log_line(c->chat, event->stream, event->seq, event->ns,
				event->payload);
		break;
	case JS_GAP:
		chat_log_gap(c->chat, event->stream, event->seq);
		break;
	case JS_REPLACED:
		chat_log_replaced(c->chat, is_state ? LOG_STATE : event->stream);
		break;
	case JS_CAUGHT_UP:
		chat_log_caught_up(c->chat, is_state ? LOG_STATE : event->stream);
		break;
	case JS_TOLD:
		chat_log_tell(c->chat, event->payload);
		break;
	case JS_ASKED:
		chat_log_asked(c->chat, event->reply, event->payload);
		break;
	case JS_NAMESAKE:
		chat_log_namesake(c->chat);
		break;
	}
	if ((event->kind == JS_MESSAGE || event->kind == JS_GAP || event->kind == JS_REPLACED) &&
		!is_state)
		follow(c, event->stream);
}

static const char *label_of(const struct cluster *c)
{
	return c->targets.items[c->js.io.link.target].label;
}

/* What the operator is told of the log. */
static void report(struct cluster *c, int64_t usec)
{
	const struct link *link = &c->js.io.link;
	bool is_linked = link->state == LINK_UP;
	const char *fault = js_fault(&c->js, usec);

	if (is_linked && !c->was_linked)
		memcpy(c->label, label_of(c), sizeof(c->label));
	if (c->js.is_up && !c->was_up)
		log_line(c->log, LOG_AT_NOTICE, "share: connected to %s", c->label);
	else if (!is_linked && c->was_linked)
		log_line(c->log, LOG_AT_WARNING, "share: lost %s: %s", c->label, link->why);
	else if (!c->js.is_up && c->was_up)
		log_line(c->log, LOG_AT_WARNING, "share: %s stores nothing", c->label);
	if (fault != NULL && strcmp(fault, c->fault) != 0)
		log_line(c->log, LOG_AT_ERROR, "share: %s: %s", label_of(c), fault);
	c->was_linked = is_linked;
	c->was_up = c->js.is_up;
	snprintf(c->fault, sizeof(c->fault), "%s", fault != NULL ? fault : "");
}

bool cluster_receive(struct cluster *c, short revents, struct time now)
{
	struct js_event event;
	bool any = false;

	if (!c->is_on)
		return false;
	nats_receive(&c->nats, revents, now.usec);
	follow_all(c);
	while (js_next(&c->js, &event, now.usec)) {
		hand(c, &event);
		any = true;
	}
	return any;
}

/* What the core asks, to the log. */
static int ask(struct cluster *c, const struct log_request *r, int64_t usec)
{
	static const enum js_request_kind kinds[] = {
		[LOG_LINE] = JS_LINE,
		[LOG_PUT] = JS_PUT,
		[LOG_ASK] = JS_ASK,
		[LOG_REPLY] = JS_REPLY,
		[LOG_TELL] = JS_TELL,
		[LOG_END] = JS_END,
	};
	struct js_request request = {
		.id = r->id,
		.kind = kinds[r->kind],
		.subject = { r->to },
		.msg_id = r->msg_id,
		.expects = r->kind == LOG_PUT && r->expected != LOG_ANY,
		.expected = r->expected,
		.payload = r->payload,
	};

	return js_request(&c->js, &request, r->room, usec);
}

static void tell_figures(struct cluster *c)
{
	struct js_figures f;

	js_figures(&c->js, &f);
	chat_log_set_figures(c->chat, &(struct log_figures){ f.in_flight, f.behind, f.reconnects });
}

void cluster_send(struct cluster *c, struct time now)
{
	const struct log_request *r;

	if (!c->is_on)
		return;
	follow_all(c);
	while (!c->settings.only_looks && js_may_request(&c->js) &&
		(r = chat_take_request(c->chat)) != NULL)
		if (ask(c, r, now.usec) < 0)
			chat_log_answer(c->chat, r->id, LOG_TIMEOUT, 0, (struct slice){ NULL, 0 });
	js_tick(&c->js, now.usec);
	tell_figures(c);
	report(c, now.usec);
	nats_send(&c->nats, now.usec);
}

struct pollfd cluster_poll(const struct cluster *c)
{
	return c->is_on ? nats_poll(&c->nats) : (struct pollfd){ .fd = -1 };
}

int64_t cluster_deadline(const struct cluster *c)
{
	return c->is_on ? js_deadline(&c->js) : TIME_NEVER;
}

const char *cluster_fault(const struct cluster *c)
{
	return c->is_on ? chat_log_fault(c->chat) : NULL;
}

size_t cluster_ports(const struct cluster *c, uint16_t ports[TARGETS_MAX])
{
	for (uint32_t i = 0; i < c->targets.count; i++)
		ports[i] = c->targets.items[i].port;
	return c->targets.count;
}

/* One turn of nothing but this, at most until a time. */
static void turn_alone(struct cluster *c, int64_t until)
{
	struct pollfd entry = cluster_poll(c);
	int64_t next = cluster_deadline(c) < until ? cluster_deadline(c) : until;
	int64_t wait = next - host_now().usec;
	struct time now;

	if (poll(&entry, 1, wait > 0 ? (int)((wait + TIME_MS - 1) / TIME_MS) : 0) < 0)
		entry.revents = 0;
	now = host_now();
	chat_turn(c->chat, now);
	cluster_receive(c, entry.revents, now);
	cluster_send(c, now);
}

/* Until all is ready, or can't be. 1, 0 if the time is over, -1 with *error. */
static int wait_ready(struct cluster *c, struct error *error)
{
	int64_t until = host_now().usec + START_MAX;
	const char *fault = NULL;
	int64_t now;

	while ((now = host_now().usec) < until && !js_is_ready(&c->js)) {
		turn_alone(c, until);
		fault = cluster_fault(c);
		if (fault != NULL)
			return error_set(error, ERROR_START, "--node %.*s: %s",
				(int)c->settings.node.len, c->settings.node.bytes, fault);
		fault = js_fault(&c->js, now);
		if (fault != NULL)
			return error_set(error, ERROR_START, "--share: %s: %s", label_of(c), fault);
	}
	return js_is_ready(&c->js);
}

/* Differs from that of every node before, and grows with time: ns since 1970. */
static uint64_t new_incarnation(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

int cluster_continue(struct cluster *c, const struct options *o, struct chat *chat,
	struct log *log, struct error *error)
{
	if (o->share == NULL)
		return 0;
	c->chat = chat;
	if (chat_share(chat, text_of(o->node), new_incarnation()) < 0)
		return error_set(error, ERROR_START, "out of memory");
	return begin(c, o, log, error);
}

/* What is known of why it is not ready. */
static const char *reason(const struct cluster *c)
{
	const struct link *link = &c->js.io.link;

	if (link->state != LINK_UP)
		return link->why[0] != '\0' ? link->why : "no answer";
	return c->js.why[0] != '\0' ? c->js.why : "the streams do not answer";
}

int cluster_start(struct cluster *c, const struct options *o, struct chat *chat, struct log *log,
	struct error *error)
{
	int rc;

	if (cluster_continue(c, o, chat, log, error) < 0)
		return -1;
	if (!c->is_on)
		return 0;
	c->settings.asks_name = true;
	rc = wait_ready(c, error);
	if (rc == 0)
		log_line(log, LOG_AT_WARNING,
			"share: not reached so far (%s): lines wait until it is", reason(c));
	return rc < 0 ? -1 : 0;
}

int cluster_check(const struct options *o, struct chat *chat, struct log *log, struct error *error)
{
	struct cluster c;
	int rc;

	cluster_init(&c);
	if (cluster_continue(&c, o, chat, log, error) < 0)
		return -1;
	if (!c.is_on)
		return 0;
	c.settings.only_looks = true;
	c.js.state.wanted = false;
	rc = wait_ready(&c, error);
	if (rc == 0)
		error_set(error, ERROR_START, "--share: %s cannot be reached: %s", o->share,
			reason(&c));
	cluster_finish(&c);
	return rc > 0 ? 0 : -1;
}
