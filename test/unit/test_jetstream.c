/*
 * The log on JetStream, beside a server that follows a script: rows of what the server says, what
 * it has to have heard since the row before, to the byte, and which events came of it.
 */
#include "server/core/nats/jetstream.h"

#include <stdlib.h>

#include "server/core/base/time.h"
#include "test/unit/unit.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define NOTHING { NULL, 0 }

enum act {
	CONNECT, /* the socket is connected */
	LOSE,    /* and lost */
	SAY,     /* the server says text, after `after` milliseconds */
	ROOM,    /* room `number` needs line `next` next; text "full": and may not take it */
	LEAVE,   /* room `number` is no more */
	LINE,    /* is asked for, with id `number`, of room 0 */
	PUT,     /* the same of a key, to be at number `next` */
	ASK,     /* of node b */
	TELL,
	REPLY,   /* to text */
	PASS,    /* time: nothing else happens */
};

struct row {
	enum act act;
	const char *text;
	const char *hears;  /* NULL: it does not matter */
	const char *events; /* each ends with ';' */
	int after;          /* milliseconds */
	uint64_t number, next;
};

struct script {
	struct js_settings settings;
	struct jetstream js;
	int64_t now;
	char events[2048];
};

static void begin(struct script *s)
{
	*s = (struct script){ .now = 1000 * (int64_t)TIME_SECOND };
	s->settings = (struct js_settings){
		.link = { .targets = 1, .name = { "a", 1 }, .seed = 4 },
		.node = { "a", 1 },
		.share = { "x", 1 },
		.replicas = 1,
		.id = "abcdefghijklmnop",
	};
	CHECK_INT(js_init(&s->js, &s->settings), 0);
	CHECK_INT(js_set_stream(&s->js, 0, (struct slice){ "Tea", 3 }, 1, true), 0);
}

static void note(struct script *s, const struct js_event *e)
{
	static const char *const answers[] = {
		[JS_STORED] = "stored", [JS_CONFLICT] = "conflict", [JS_NO_ROOM] = "full",
		[JS_NOBODY] = "nobody", [JS_TIMEOUT] = "timeout", [JS_REPLIED] = "replied",
	};
	static const char *const kinds[] = {
		[JS_UP] = "up", [JS_DOWN] = "down", [JS_ANSWERED] = "answered",
		[JS_MESSAGE] = "message", [JS_GAP] = "gap", [JS_REPLACED] = "replaced",
		[JS_CAUGHT_UP] = "caught up", [JS_TOLD] = "told", [JS_ASKED] = "asked",
	};
	char *to = s->events + strlen(s->events);
	size_t room = sizeof(s->events) - strlen(s->events);
	const char *stream = e->stream == JS_STATE ? "keys" : "room";
	int payload = (int)e->payload.len;

	if (e->kind == JS_ANSWERED)
		snprintf(to, room, "%" PRIu64 " %s %" PRIu64 "%.*s;", e->id, answers[e->answer],
			e->seq, payload, e->payload.bytes);
	else if (e->kind == JS_MESSAGE)
		snprintf(to, room, "%s %" PRIu64 " %.*s %.*s @%" PRId64 ";", stream, e->seq,
			(int)e->key.len, e->key.bytes, payload, e->payload.bytes, e->ns);
	else if (e->kind == JS_GAP)
		snprintf(to, room, "%s gap %" PRIu64 ";", stream, e->seq);
	else if (e->kind == JS_REPLACED || e->kind == JS_CAUGHT_UP)
		snprintf(to, room, "%s %s;", stream, kinds[e->kind]);
	else
		snprintf(to, room, "%s%s%.*s%s%.*s;", kinds[e->kind], e->reply.len > 0 ? " " : "",
			(int)e->reply.len, e->reply.bytes, payload > 0 ? " " : "", payload,
			e->payload.bytes);
}

static void hear(struct script *s, const char *text)
{
	size_t len = strlen(text), room;
	char *space = link_space(&s->js.io.link, &room);

	CHECK(space != NULL && room >= len);
	memcpy(space, text, len);
	link_received(&s->js.io.link, len, s->now);
}

static void ask(struct script *s, const struct row *row)
{
	static const enum js_request_kind kinds[] = {
		[LINE] = JS_LINE, [PUT] = JS_PUT, [ASK] = JS_ASK, [TELL] = JS_TELL, [REPLY] = JS_REPLY,
	};
	struct js_request r = {
		.id = row->number,
		.kind = kinds[row->act],
		.msg_id = { "m-1", 3 },
		.payload = { "hi", 2 },
		.expects = row->act == PUT,
		.expected = row->next,
	};

	if (row->act > PUT)
		r.msg_id.len = 0;
	if (row->act == PUT)
		r.subject[0] = (struct slice){ "nick.bob", 8 };
	if (row->act == ASK)
		r.subject[0] = (struct slice){ "b", 1 };
	if (row->act == REPLY)
		r.subject[0] = (struct slice){ row->text, strlen(row->text) };
	CHECK_INT(js_request(&s->js, &r, 0, s->now), 0);
}

static void do_act(struct script *s, const struct row *row)
{
	switch (row->act) {
	case CONNECT:
		CHECK(link_wants_dial(&s->js.io.link, s->now));
		link_dialing(&s->js.io.link, s->now);
		link_connected(&s->js.io.link, s->now);
		break;
	case LOSE:
		link_lose(&s->js.io.link, LINK_UNREACHABLE, "gone", s->now);
		break;
	case SAY:
		hear(s, row->text);
		break;
	case ROOM:
		CHECK_INT(js_set_stream(&s->js, (uint32_t)row->number, (struct slice){ "Tea", 3 },
			row->next, row->text == NULL), 0);
		break;
	case LEAVE:
		CHECK_INT(js_set_stream(&s->js, (uint32_t)row->number, (struct slice){ NULL, 0 }, 0,
			false), 0);
		break;
	case PASS:
		break;
	default:
		ask(s, row);
		break;
	}
}

/* As the shell does: what came is looked at, what is asked goes out. */
static void run_row(struct script *s, const struct row *row)
{
	struct buffer *out = &s->js.io.link.out;
	unsigned before = unit_failures;
	struct js_event event;

	s->events[0] = '\0';
	s->now += row->after * (int64_t)TIME_MS;
	do_act(s, row);
	while (js_next(&s->js, &event, s->now)) {
		note(s, &event);
		if (event.kind == JS_CAUGHT_UP && event.stream == JS_STATE)
			js_set_stream(&s->js, 0, (struct slice){ "Tea", 3 }, s->js.streams[0].next,
				true);
	}
	js_tick(&s->js, s->now);
	while (js_next(&s->js, &event, s->now))
		note(s, &event);
	if (row->hears != NULL)
		CHECK_TEXT(buffer_len(out) > 0 ? out->bytes + out->start : "", buffer_len(out),
			row->hears);
	CHECK_TEXT(s->events, strlen(s->events), row->events != NULL ? row->events : "");
	buffer_clear(out);
	if (unit_failures > before)
		printf("#   at: %s\n", row->text != NULL ? row->text : "(no text)");
}

static void run(struct script *s, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		run_row(s, &rows[i]);
}

#define TEA "chatd.x.room.tea"
#define INBOX "_INBOX.abcdefghijklmnop."
#define INFO "INFO {\"server_id\":\"N\",\"version\":\"2.9.10\",\"headers\":true} \r\n"

static const char connect_text[] =
	"CONNECT {\"verbose\":false,\"pedantic\":false,\"headers\":true,\"no_responders\":true,"
	"\"protocol\":1,\"lang\":\"c\",\"version\":\"" CHAT_VERSION "\",\"name\":\"a\"}\r\nPING\r\n";

#define SUBSCRIPTIONS "SUB " INBOX "* 1\r\nSUB chatd.x.node.a 2\r\nSUB chatd.x.tell 3\r\n"
#define STREAM_INFO(number, stream) \
	"PUB $JS.API.STREAM.INFO.CHATD_x_" stream " " INBOX number " 0\r\n\r\n"

/* An answer to the inbox; len has to be right. */
static const char *answer(uint64_t number, const char *json)
{
	static char texts[32][2048];
	static unsigned at;
	char *text = texts[at++ % 32];

	snprintf(text, sizeof(texts[0]), "MSG " INBOX "%" PRIu64 " 1 %zu\r\n%s\r\n", number,
		strlen(json), json);
	return text;
}

static const char *stream_json(const char *room, uint64_t first, uint64_t last, const char *created)
{
	static char texts[32][1024];
	static unsigned at;
	char *text = texts[at++ % 32];
	bool is_state = strcmp(room, "STATE") == 0;

	snprintf(text, sizeof(texts[0]),
		"{\"type\":\"io.nats.jetstream.api.v1.stream_info_response\",\"config\":{"
		"\"name\":\"CHATD_x_%s\",\"description\":\"chatd shared log, version 1\","
		"\"subjects\":[\"chatd.x.%s%s\"],\"retention\":\"limits\",\"max_age\":0,"
		"\"max_msgs_per_subject\":%d,\"storage\":\"file\",\"num_replicas\":1},"
		"\"created\":\"%s\",\"state\":{\"messages\":0,\"bytes\":0,\"first_seq\":%" PRIu64 ","
		"\"last_seq\":%" PRIu64 "}}",
		room, is_state ? "key.\\u003e" : "room.", is_state ? "" : room, is_state ? 1 : -1, created,
		first, last);
	return text;
}

static const char *message(uint64_t sid, const char *subject, const char *stream, uint64_t seq,
	uint64_t consumed, uint64_t pending)
{
	static char texts[32][512];
	static unsigned at;
	char *text = texts[at++ % 32];

	snprintf(text, sizeof(texts[0]),
		"MSG %s %" PRIu64 " $JS.ACK.CHATD_x_%s.abcdefghijklmnop%" PRIu64 ".1.%" PRIu64 ".%" PRIu64
		".1796039400058577989.%" PRIu64 " 2\r\nhi\r\n",
		subject, sid, stream, sid, seq, consumed, pending);
	return text;
}

/* A message of headers only, to consumer 6; reply ends with a blank, if there is one. */
static const char *status(const char *reply, const char *headers)
{
	static char texts[8][512];
	static unsigned at;
	char *text = texts[at++ % 8];

	snprintf(text, sizeof(texts[0]), "HMSG " INBOX "c.6 6 %s%zu %zu\r\n%s\r\n", reply,
		strlen(headers), strlen(headers), headers);
	return text;
}

#define CREATED "{\"type\":\"io.nats.jetstream.api.v1.consumer_create_response\",\"name\":\"x\"}"

/* Up, with keys that are read and a room that is followed from a number on. */
static void come_up(struct script *s, uint64_t last)
{
	begin(s);
	js_set_stream(&s->js, 0, (struct slice){ "Tea", 3 }, last + 1, true);
	const struct row rows[] = {
		{ CONNECT, NULL, "", NULL, 0, 0, 0 },
		{ SAY, INFO, connect_text, NULL, 0, 0, 0 },
		{ SAY, "PONG\r\n",
			SUBSCRIPTIONS STREAM_INFO("1", "tea") STREAM_INFO("2", "STATE"), NULL, 0, 0, 0 },
		{ SAY, answer(1, stream_json("tea", 1, last, "t1")), "", NULL, 0, 0, 0 },
		{ SAY, answer(2, stream_json("STATE", 0, 0, "t2")),
			"SUB " INBOX "c.5 5\r\n"
			"PUB $JS.API.CONSUMER.CREATE.CHATD_x_STATE.abcdefghijklmnop5 " INBOX "3 318\r\n"
			"{\"stream_name\":\"CHATD_x_STATE\",\"config\":{\"name\":\"abcdefghijklmnop5\","
			"\"deliver_subject\":\"" INBOX "c.5\",\"deliver_policy\":\"by_start_sequence\","
			"\"opt_start_seq\":1,\"ack_policy\":\"none\",\"max_deliver\":1,"
			"\"replay_policy\":\"instant\",\"flow_control\":true,"
			"\"idle_heartbeat\":1000000000,\"mem_storage\":true,\"num_replicas\":1}}\r\n",
			NULL, 0, 0, 0 },
		{ SAY, answer(3, CREATED), STREAM_INFO("4", "tea"), "up;keys caught up;", 0, 0, 0 },
		{ SAY, answer(4, stream_json("tea", 1, last, "t1")), NULL, NULL, 0, 0, 0 },
		{ SAY, answer(5, CREATED), "", "room caught up;", 0, 0, 0 },
	};

	run(s, rows, COUNT(rows));
}

static void test_start(void)
{
	struct script s;

	come_up(&s, 0);
	js_finish(&s.js);
}

static const char *create_tea(const char *max_bytes)
{
	static char text[1024];
	char json[700];

	snprintf(json, sizeof(json),
		"{\"name\":\"CHATD_x_tea\",\"description\":\"chatd shared log, version 1\","
		"\"subjects\":[\"chatd.x.room.tea\"],\"retention\":\"limits\",\"storage\":\"file\","
		"\"discard\":\"old\",\"max_consumers\":-1,\"max_msgs\":-1,\"max_age\":0,"
		"\"num_replicas\":1,\"deny_delete\":true,\"deny_purge\":true,\"max_bytes\":%s,"
		"\"duplicate_window\":600000000000}", max_bytes);
	snprintf(text, sizeof(text), "PUB $JS.API.STREAM.CREATE.CHATD_x_tea " INBOX "%s %zu\r\n%s\r\n",
		max_bytes[0] == '-' ? "4" : "3", strlen(json), json);
	return text;
}

#define NOT_FOUND "{\"error\":{\"code\":404,\"err_code\":10059,\"description\":\"stream not found\"}}"

/* A stream that is absent is made; without a limit where the server has not that much room. */
static void test_absent(void)
{
	struct script s;

	begin(&s);
	const struct row rows[] = {
		{ CONNECT, NULL, "", NULL, 0, 0, 0 },
		{ SAY, INFO, connect_text, NULL, 0, 0, 0 },
		{ SAY, "PONG\r\n", NULL, NULL, 0, 0, 0 },
		{ SAY, answer(1, NOT_FOUND), create_tea("1073741824"), NULL, 0, 0, 0 },
	};
	run(&s, rows, COUNT(rows));
	const struct row more[] = {
		{ SAY, answer(3, "{\"error\":{\"code\":500,\"err_code\":10047,\"description\":"
				 "\"insufficient storage resources available\"}}"),
			create_tea("-1"), NULL, 0, 0, 0 },
		{ SAY, answer(4, stream_json("tea", 0, 0, "t1")), STREAM_INFO("5", "tea"), NULL, 0, 0, 0 },
		{ SAY, answer(5, stream_json("tea", 0, 0, "t1")), "", NULL, 0, 0, 0 },
	};
	run(&s, more, COUNT(more));
	CHECK(s.js.streams[0].is_known);
	js_finish(&s.js);
}

#define LINE_TEXT(id) \
	"HPUB chatd.x.room.tea " INBOX id " 30 32\r\nNATS/1.0\r\nNats-Msg-Id: m-1\r\n\r\nhi\r\n"

/* The same bytes until there is an answer. */
static void test_publish(void)
{
	struct script s;

	come_up(&s, 0);
	const struct row rows[] = {
		{ LINE, NULL, LINE_TEXT("6"), NULL, 0, 70, 0 },
		{ SAY, answer(6, "{\"stream\":\"CHATD_x_tea\", \"seq\":1}"), "", "70 stored 1;", 0, 0, 0 },
		{ SAY, answer(6, "{\"stream\":\"CHATD_x_tea\", \"seq\":1}"), "", NULL, 0, 0, 0 },
		/* Nobody stores it, as in an election. */
		{ LINE, NULL, LINE_TEXT("7"), NULL, 0, 71, 0 },
		{ SAY, "HMSG " INBOX "7 1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n", "", NULL, 0, 0, 0 },
		{ PASS, NULL, "", NULL, 199, 0, 0 },
		{ PASS, NULL, LINE_TEXT("7"), NULL, 1, 0, 0 },
		{ SAY, answer(7, "{\"stream\":\"CHATD_x_tea\", \"seq\":2,\"duplicate\": true}"), "",
			"71 stored 2;", 0, 0, 0 },
		/* Silence: down, and again. */
		{ LINE, NULL, LINE_TEXT("8"), NULL, 0, 72, 0 },
		{ SAY, "PING\r\n", "PONG\r\nPING\r\n", NULL, 1000, 0, 0 },
		{ SAY, "PING\r\n", "PONG\r\n", NULL, 999, 0, 0 },
		{ PASS, NULL, "PING\r\n" LINE_TEXT("8"), "down;", 1, 0, 0 },
		{ SAY, answer(8, "{\"error\":{\"code\":503,\"err_code\":10077,\"description\":"
				 "\"maximum bytes exceeded\"},\"stream\":\"S\",\"seq\":0}"), "",
			"72 full 0;up;", 0, 0, 0 },
		/* A lost connection: at once on the next. */
		{ LINE, NULL, LINE_TEXT("9"), NULL, 0, 73, 0 },
		{ LOSE, NULL, NULL, "down;", 0, 0, 0 },
		{ CONNECT, NULL, "", NULL, 100, 0, 0 },
		{ SAY, INFO, connect_text, NULL, 0, 0, 0 },
		{ SAY, "PONG\r\n", SUBSCRIPTIONS STREAM_INFO("10", "tea") STREAM_INFO("11", "STATE")
			LINE_TEXT("9"), NULL, 0, 0, 0 },
	};
	run(&s, rows, COUNT(rows));
	struct js_figures figures;
	js_figures(&s.js, &figures);
	CHECK_INT(figures.in_flight, 1);
	CHECK_INT(figures.reconnects, 1);
	CHECK_INT(figures.behind, 0);
	js_finish(&s.js);
}

/* One that a server may have forgotten is looked for in its stream before it is sent again. */
static void test_old_line(void)
{
	struct script s;

	for (int is_there = 0; is_there < 2; is_there++) {
		come_up(&s, 4);
		const struct row rows[] = {
			{ LINE, NULL, LINE_TEXT("6"), NULL, 0, 70, 0 },
			{ LOSE, NULL, NULL, "down;", 0, 0, 0 },
			{ CONNECT, NULL, "", NULL, 8 * 60 * 1000, 0, 0 },
			{ SAY, INFO, connect_text, NULL, 0, 0, 0 },
			{ SAY, "PONG\r\n", SUBSCRIPTIONS STREAM_INFO("7", "tea") STREAM_INFO("8", "STATE"),
				NULL, 0, 0, 0 },
			{ SAY, answer(7, stream_json("tea", 1, 5, "t1")), NULL, NULL, 0, 0, 0 },
			{ SAY, answer(9, CREATED), "", NULL, 0, 0, 0 },
			{ SAY, answer(8, stream_json("STATE", 0, 0, "t2")), NULL, NULL, 0, 0, 0 },
			{ SAY, answer(10, CREATED), "", "up;keys caught up;", 0, 0, 0 },
		};
		run(&s, rows, COUNT(rows));
		const struct row found[] = {
			{ SAY, "HMSG " TEA " 7 $JS.ACK.CHATD_x_tea.abcdefghijklmnop7.1.5.1.17.0 30 32\r\n"
				"NATS/1.0\r\nNats-Msg-Id: m-1\r\n\r\nhi\r\n", "",
				"room 5  hi @17;room caught up;70 stored 5;", 0, 0, 0 },
		};
		const struct row absent[] = {
			{ SAY, message(7, TEA, "tea", 5, 1, 0), "",
				"room 5  hi @1796039400058577989;room caught up;", 0, 0, 0 },
			{ PASS, NULL, LINE_TEXT("6"), NULL, 200, 0, 0 },
		};
		run(&s, is_there ? found : absent, is_there ? COUNT(found) : COUNT(absent));
		js_finish(&s.js);
	}
}

/* A server that stores nothing is left for another one, if there is one. */
static void test_hopeless(void)
{
	for (uint32_t targets = 1; targets <= 2; targets++) {
		struct script s;

		come_up(&s, 0);
		s.settings.link.targets = targets;
		const struct row rows[] = {
			{ LINE, NULL, LINE_TEXT("6"), NULL, 0, 70, 0 },
			{ SAY, "PONG\r\n", NULL, "down;", 2000, 0, 0 },
			{ SAY, "PONG\r\n", NULL, NULL, 2000, 0, 0 },
			{ SAY, "PONG\r\n", NULL, NULL, 2000, 0, 0 },
			{ SAY, "PONG\r\n", NULL, NULL, 1999, 0, 0 },
		};
		run(&s, rows, COUNT(rows));
		CHECK_INT(s.js.io.link.state, LINK_UP);
		s.now += TIME_MS;
		js_tick(&s.js, s.now);
		CHECK_INT(s.js.io.link.state, targets > 1 ? LINK_WAITS : LINK_UP);
		js_finish(&s.js);
	}
}

#define PUT_TEXT(id, expected) \
	"HPUB chatd.x.key.nick.bob " INBOX id " 70 72\r\nNATS/1.0\r\nNats-Msg-Id: m-1\r\n" \
	"Nats-Expected-Last-Subject-Sequence: " expected "\r\n\r\nhi\r\n"

static void test_requests(void)
{
	struct script s;

	come_up(&s, 0);
	const struct row rows[] = {
		{ PUT, NULL, PUT_TEXT("6", "0"), NULL, 0, 1, 0 },
		{ SAY, answer(6, "{\"error\":{\"code\":400,\"err_code\":10071,\"description\":"
				 "\"wrong last sequence: 3\"},\"stream\":\"S\",\"seq\":0}"), "",
			"1 conflict 3;", 0, 0, 0 },
		{ PUT, NULL, PUT_TEXT("7", "3"), NULL, 0, 2, 3 },
		{ SAY, answer(7, "{\"stream\":\"S\", \"domain\":\"hub\", \"seq\":4}"), "",
			"2 stored 4;", 0, 0, 0 },
		{ ASK, NULL, "PUB chatd.x.node.b " INBOX "8 2\r\nhi\r\n", NULL, 0, 3, 0 },
		{ SAY, answer(8, "yes"), "", "3 replied 0yes;", 0, 0, 0 },
		{ ASK, NULL, "PUB chatd.x.node.b " INBOX "9 2\r\nhi\r\n", NULL, 0, 4, 0 },
		{ SAY, "HMSG " INBOX "9 1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n", "", "4 nobody 0;", 0, 0, 0 },
		{ ASK, NULL, "PUB chatd.x.node.b " INBOX "10 2\r\nhi\r\n", NULL, 0, 5, 0 },
		{ SAY, "PONG\r\n", NULL, NULL, 2999, 0, 0 },
		{ SAY, "PONG\r\n", NULL, "5 timeout 0;", 1, 0, 0 },
		{ SAY, answer(10, "late"), "", NULL, 0, 0, 0 },
		{ TELL, NULL, "PUB chatd.x.tell 2\r\nhi\r\n", NULL, 0, 6, 0 },
		{ REPLY, "_INBOX.b.1", "PUB _INBOX.b.1 2\r\nhi\r\n", NULL, 0, 7, 0 },
		{ SAY, "MSG chatd.x.node.a 2 _INBOX.b.2 2\r\nho\r\n", "", "asked _INBOX.b.2 ho;", 0, 0, 0 },
		{ SAY, "MSG chatd.x.node.a 2 2\r\nho\r\n", "", NULL, 0, 0, 0 },
		{ SAY, "MSG chatd.x.tell 3 2\r\nho\r\n", "", "told ho;", 0, 0, 0 },
	};
	run(&s, rows, COUNT(rows));
	js_finish(&s.js);
}

#define DROP(sid) \
	"UNSUB " sid "\r\n" \
	"PUB $JS.API.CONSUMER.DELETE.CHATD_x_tea.abcdefghijklmnop" sid " 0\r\n\r\n"

/* Messages in order, each once; what a consumer has lost is asked for from another one. */
static void test_follow(void)
{
	struct script s;

	come_up(&s, 4);
	const struct row rows[] = {
		{ SAY, message(6, TEA, "tea", 5, 1, 0), "", "room 5  hi @1796039400058577989;", 0, 0, 0 },
		{ SAY, message(6, TEA, "tea", 6, 2, 0), "", "room 6  hi @1796039400058577989;", 0, 0, 0 },
		{ SAY, message(5, "chatd.x.key.a.b", "STATE", 3, 1, 0), "",
			"keys 3 a.b hi @1796039400058577989;", 0, 0, 0 },
		/* Of another consumer: not ours. */
		{ SAY, "MSG " TEA " 6 $JS.ACK.CHATD_x_tea.other.1.7.3.1.0 2\r\nho\r\n", "", NULL, 0, 0, 0 },
		{ SAY, message(9, TEA, "tea", 7, 3, 0), "", NULL, 0, 0, 0 },
		/* A gap in the stream is told; one in the consumer's own numbers makes another consumer. */
		{ SAY, message(6, TEA, "tea", 9, 3, 1), "",
			"room gap 9;room 9  hi @1796039400058577989;", 0, 0, 0 },
		{ SAY, message(6, TEA, "tea", 11, 5, 0), DROP("6") STREAM_INFO("6", "tea"), NULL, 0, 0, 0 },
		{ SAY, answer(6, stream_json("tea", 1, 11, "t1")), NULL, NULL, 0, 0, 0 },
		{ SAY, message(7, TEA, "tea", 10, 1, 1), "", "room 10  hi @1796039400058577989;", 0, 0, 0 },
		{ SAY, answer(7, CREATED), "", NULL, 0, 0, 0 },
		{ SAY, message(7, TEA, "tea", 11, 2, 0), "",
			"room 11  hi @1796039400058577989;room caught up;", 0, 0, 0 },
		/* One that begins again. */
		{ SAY, message(7, TEA, "tea", 10, 1, 1), DROP("7") STREAM_INFO("8", "tea"), NULL, 0, 0, 0 },
	};
	run(&s, rows, COUNT(rows));
	js_finish(&s.js);
}

static void test_heartbeats(void)
{
	struct script s;

	come_up(&s, 0);
	const struct row rows[] = {
		{ SAY, status("", "NATS/1.0 100 Idle Heartbeat\r\nNats-Last-Consumer: 0\r\n"
				  "Nats-Last-Stream: 0\r\n\r\n"), "", NULL, 900, 0, 0 },
		{ SAY, status("$JS.FC.CHATD_x_tea.x.AbCd ", "NATS/1.0 100 FlowControl Request\r\n\r\n"),
			"PUB $JS.FC.CHATD_x_tea.x.AbCd 0\r\n\r\n", NULL, 0, 0, 0 },
		{ SAY, status("", "NATS/1.0 100 Idle Heartbeat\r\n"
				  "Nats-Consumer-Stalled: $JS.FC.CHATD_x_tea.x.EfGh\r\n\r\n"),
			"PUB $JS.FC.CHATD_x_tea.x.EfGh 0\r\n\r\n", NULL, 0, 0, 0 },
		/* It has sent more than came here. */
		{ SAY, status("", "NATS/1.0 100 Idle Heartbeat\r\nNats-Last-Consumer: 1\r\n\r\n"),
			DROP("6") STREAM_INFO("6", "tea"), NULL, 0, 0, 0 },
		{ SAY, answer(6, stream_json("tea", 1, 1, "t1")), NULL, NULL, 0, 0, 0 },
		/* No answer to CONSUMER.CREATE, as from a dead server: another one. */
		{ SAY, "PONG\r\n", NULL, NULL, 1499, 0, 0 },
		{ SAY, "PONG\r\n", DROP("7") STREAM_INFO("8", "tea"), NULL, 1, 0, 0 },
		{ SAY, answer(8, stream_json("tea", 1, 1, "t1")), NULL, NULL, 0, 0, 0 },
		{ SAY, answer(9, CREATED), "", NULL, 0, 0, 0 },
	};
	run(&s, rows, COUNT(rows));
	/* Silence for three heartbeats, of both. */
	const struct row silence[] = {
		{ SAY, "PONG\r\n", NULL, NULL, 3499, 0, 0 },
		{ SAY, "PONG\r\n", DROP("8") STREAM_INFO("11", "tea"), NULL, 1, 0, 0 },
	};
	run(&s, silence, COUNT(silence));
	js_finish(&s.js);
}

static void test_other_streams(void)
{
	struct script s;

	come_up(&s, 4);
	const struct row rows[] = {
		/* Purged up to 9. */
		{ SAY, message(6, TEA, "tea", 9, 2, 0), DROP("6") STREAM_INFO("6", "tea"), NULL, 0, 0, 0 },
		{ SAY, answer(6, stream_json("tea", 10, 9, "t1")), STREAM_INFO("7", "tea"),
			"room gap 10;", 0, 0, 0 },
		{ SAY, answer(7, stream_json("tea", 10, 9, "t1")), NULL, NULL, 0, 0, 0 },
		{ SAY, message(7, TEA, "tea", 11, 2, 0), DROP("7") STREAM_INFO("9", "tea"), NULL, 0, 0, 0 },
		/* Shorter than what was read: it is asked for again. */
		{ SAY, answer(9, stream_json("tea", 1, 3, "t1")), "", "", 0, 0, 0 },
		{ SAY, "PONG\r\n", STREAM_INFO("10", "tea"), "", 200, 0, 0 },
		{ SAY, answer(10, stream_json("tea", 10, 11, "t1")), NULL, "", 0, 0, 0 },
		{ SAY, message(8, TEA, "tea", 2, 2, 0), DROP("8") STREAM_INFO("12", "tea"), NULL, 0, 0, 0 },
		/* Made again. */
		{ SAY, answer(12, stream_json("tea", 1, 30, "t9")), "", "room replaced;", 0, 0, 0 },
	};
	run(&s, rows, COUNT(rows));
	js_finish(&s.js);
}

/* One that stays shorter than what was read is another one, but not before half a minute. */
static void test_short_stream(void)
{
	struct js_stream_rules rules = { .replicas = 1 };
	struct js_io io = { .prefix = "chatd.x.", .prefix_len = 8 };
	struct js_stream s;
	int64_t now = TIME_SECOND;
	unsigned ms = 0;

	CHECK_INT(js_stream_init(&s, 0, &io, (struct slice){ "tea", 3 }), 0);
	s.next = 12;
	s.wanted = true;
	for (; !s.is_replaced && ms < 60000; ms += 200, now += 200 * TIME_MS) {
		const char *json = stream_json("tea", 1, 3, "t1");
		struct nats_op op = { .kind = NATS_MSG, .payload = { json, strlen(json) } };

		js_stream_tick(&s, &io, &rules, now);
		CHECK_INT(js_stream_answer(&s, &io, &op, &rules, now), JS_OK);
	}
	CHECK_INT(ms, 30200);
	CHECK_INT(s.next, 1);
	js_stream_finish(&s);
	link_finish(&io.link);
}

/* A room that may take nothing is not followed until it may. */
static void test_back_pressure(void)
{
	struct script s;

	come_up(&s, 4);
	const struct row rows[] = {
		{ ROOM, "full", "", NULL, 0, 0, 5 },
		{ SAY, message(6, TEA, "tea", 5, 1, 0), DROP("6"), NULL, 0, 0, 0 },
		{ SAY, message(6, TEA, "tea", 6, 2, 0), "", NULL, 0, 0, 0 },
		{ ROOM, NULL, STREAM_INFO("6", "tea"), NULL, 0, 0, 5 },
	};
	run(&s, rows, COUNT(rows));
	js_finish(&s.js);
}

/* A room that goes, and another in its place. */
static void test_other_room(void)
{
	struct script s;

	come_up(&s, 4);
	const struct row rows[] = {
		{ LINE, NULL, LINE_TEXT("6"), NULL, 0, 70, 0 },
		{ LEAVE, NULL, DROP("6"), NULL, 0, 0, 0 },
		{ SAY, message(6, TEA, "tea", 5, 1, 0), "", NULL, 0, 0, 0 },
		{ SAY, answer(6, "{\"stream\":\"CHATD_x_tea\", \"seq\":5}"), "", "70 stored 5;", 0, 0, 0 },
		{ ROOM, NULL, STREAM_INFO("7", "tea"), NULL, 0, 0, 1 },
		{ SAY, answer(7, stream_json("tea", 1, 5, "t1")), NULL, NULL, 0, 0, 0 },
	};
	run(&s, rows, COUNT(rows));
	CHECK_INT(js_set_stream(&s.js, 2, (struct slice){ "a/B\xc3\xa9", 5 }, 1, true), 0);
	const struct row more[] = {
		{ PASS, NULL, STREAM_INFO("9", "a=2Fb=C3=A9"), NULL, 0, 0, 0 },
	};
	run(&s, more, COUNT(more));
	js_finish(&s.js);
}

/* Servers that can't be used, and why. */
static void test_faults(void)
{
	static const struct {
		const char *says, *fault;
		uint32_t replicas;
	} rows[] = {
		{ "-ERR 'Authorization Violation'\r\n", "wrong user, password or token", 1 },
		{ "INFO {\"version\":\"2.12.2\"}\r\n", "nats-server 2.12.2 is too old for more than "
			"one replica: 2.12.3 or newer is needed", 3 },
		{ "INFO {\"version\":\"2.9.10\"}\r\n", "nats-server 2.9.10 is too old for more than "
			"one replica: 2.12.3 or newer is needed", 3 },
		{ "INFO {\"version\":\"2.12.3-beta\"}\r\n", NULL, 3 },
		{ "INFO {\"version\":\"2.12.3\"}\r\n", NULL, 3 },
		{ "INFO {\"version\":\"2.13.0\"}\r\n", NULL, 3 },
		{ "INFO {\"version\":\"3.0\"}\r\n", NULL, 3 },
		{ "INFO {\"version\":\"2.9.10\"}\r\n", NULL, 1 },
		{ "INFO {\"version\":\"2.9.10\",\"tls_required\":true}\r\n",
			"it wants TLS, which chatd does not speak", 1 },
		{ "SSH-2.0-OpenSSH_9.2\r\n", "this is not a nats-server", 1 },
		{ "INFO {}\r\n", "this is not a nats-server", 1 },
		{ "-ERR 'maximum connections exceeded'\r\n", NULL, 1 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct script s;
		struct js_event event;
		const char *fault;

		begin(&s);
		s.settings.link.needs_replicas = rows[i].replicas > 1;
		link_dialing(&s.js.io.link, s.now);
		link_connected(&s.js.io.link, s.now);
		hear(&s, rows[i].says);
		CHECK(!js_next(&s.js, &event, s.now));
		fault = js_fault(&s.js, s.now);
		CHECK((fault == NULL) == (rows[i].fault == NULL));
		if (fault != NULL && rows[i].fault != NULL)
			CHECK_TEXT(fault, strlen(fault), rows[i].fault);
		js_finish(&s.js);
	}
}

static void test_no_jetstream(void)
{
	struct script s;

	begin(&s);
	const struct row rows[] = {
		{ CONNECT, NULL, "", NULL, 0, 0, 0 },
		{ SAY, INFO, connect_text, NULL, 0, 0, 0 },
		{ SAY, "PONG\r\n", NULL, NULL, 0, 0, 0 },
		{ SAY, "HMSG " INBOX "1 1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n", "", NULL, 0, 0, 0 },
		{ PASS, NULL, STREAM_INFO("3", "tea"), NULL, 200, 0, 0 },
	};
	run(&s, rows, COUNT(rows));
	CHECK(js_fault(&s.js, s.now) == NULL);
	CHECK(js_fault(&s.js, s.now + 2 * (int64_t)TIME_SECOND) != NULL);
	js_finish(&s.js);
}

/* Pauses between attempts grow to five seconds; a link that has held is tried at once. */
static void test_pauses(void)
{
	struct script s;
	int64_t longest = 0;

	begin(&s);
	for (int i = 0; i < 20; i++) {
		int64_t pause;

		link_dialing(&s.js.io.link, s.now);
		link_lose(&s.js.io.link, LINK_UNREACHABLE, "refused", s.now);
		pause = s.js.io.link.dial_at - s.now;
		CHECK(pause >= 50 * TIME_MS && pause <= 5 * (int64_t)TIME_SECOND);
		longest = pause > longest ? pause : longest;
		CHECK(!link_wants_dial(&s.js.io.link, s.js.io.link.dial_at - 1));
		s.now = s.js.io.link.dial_at;
	}
	CHECK(longest > 5 * (int64_t)TIME_SECOND / 2);
	const struct row rows[] = {
		{ CONNECT, NULL, "", NULL, 0, 0, 0 },
		{ SAY, INFO, NULL, NULL, 0, 0, 0 },
		{ SAY, "PONG\r\n", NULL, NULL, 0, 0, 0 },
		{ SAY, "PONG\r\n", NULL, NULL, 1000, 0, 0 },
		/* A PING that nothing follows ends it. */
		{ SAY, "PONG\r\n", NULL, NULL, 1000, 0, 0 },
		{ PASS, NULL, NULL, NULL, 2999, 0, 0 },
	};
	run(&s, rows, COUNT(rows));
	CHECK_INT(s.js.io.link.state, LINK_UP);
	s.now += TIME_MS;
	js_tick(&s.js, s.now);
	CHECK_INT(s.js.io.link.state, LINK_WAITS);
	CHECK(link_wants_dial(&s.js.io.link, s.now));
	js_finish(&s.js);
}

static const struct unit_test tests[] = {
	{ "from the first byte to lines that are followed", test_start },
	{ "a stream that is absent is made", test_absent },
	{ "a line is sent until it is stored", test_publish },
	{ "a line that a server may have forgotten", test_old_line },
	{ "a server that stores nothing", test_hopeless },
	{ "keys, questions and answers", test_requests },
	{ "messages in order, each once", test_follow },
	{ "heartbeats and flow control", test_heartbeats },
	{ "a stream that was purged, or is another one", test_other_streams },
	{ "a stream that is shorter than it was", test_short_stream },
	{ "a room that may take nothing", test_back_pressure },
	{ "a room that goes, and another one", test_other_room },
	{ "servers that can't be used", test_faults },
	{ "servers without JetStream", test_no_jetstream },
	{ "pauses, and a server that says nothing", test_pauses },
};
UNIT_MAIN(tests)
