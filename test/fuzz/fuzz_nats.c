/*
 * What a nats-server says: whatever it is, in whatever pieces, operations lie within the bytes that
 * came, and lines are handed out in the order of their numbers, each gap told. A byte 0xff in the
 * input is a second that passes, one of 0xfe a line that is asked for.
 */
#include "server/core/base/time.h"
#include "server/core/nats/jetstream.h"
#include "server/core/nats/json.h"

#include "test/fuzz/fuzz.h"

enum { SECOND = 0xff, ASK = 0xfe };

struct peer {
	struct js_settings settings;
	struct jetstream js;
	int64_t now;
	uint64_t next, id, answered;
};

static void begin(struct peer *p)
{
	*p = (struct peer){ .now = TIME_SECOND, .next = 3 };
	p->settings = (struct js_settings){
		.link = { .targets = 2, .name = { "a", 1 }, .seed = 1 },
		.node = { "a", 1 },
		.share = { "x", 1 },
		.replicas = 1,
		.id = "abcdefghijklmnop",
	};
	MUST(js_init(&p->js, &p->settings) == 0);
}

static void check_event(struct peer *p, const struct js_event *e)
{
	if (e->kind == JS_ANSWERED)
		MUST(e->id > p->answered && e->id <= p->id);
	if (e->stream != 0 || e->kind == JS_ANSWERED)
		return;
	if (e->kind == JS_MESSAGE) {
		MUST(e->seq == p->next);
		p->next++;
	} else if (e->kind == JS_GAP) {
		MUST(e->seq > p->next);
		p->next = e->seq;
	} else if (e->kind == JS_REPLACED) {
		p->next = 1;
	}
}

static void turn(struct peer *p)
{
	struct link *link = &p->js.io.link;
	struct js_event event;

	if (link_wants_dial(link, p->now)) {
		link_dialing(link, p->now);
		link_connected(link, p->now);
	}
	do {
		MUST(js_set_stream(&p->js, 0, (struct slice){ "Tea \xc3\xa9", 6 }, p->next,
			p->id % 3 != 2) == 0);
		event = (struct js_event){ .stream = JS_STATE };
		if (!js_next(&p->js, &event, p->now))
			break;
		check_event(p, &event);
	} while (true);
	js_tick(&p->js, p->now);
	MUST(!link->out.failed && !link->in.failed);
	link_sent(link, buffer_len(&link->out));
}

static void ask(struct peer *p)
{
	struct js_request r = { .id = ++p->id, .msg_id = { "m-1", 3 }, .payload = { "hi", 2 } };

	r.kind = p->id % 2 == 0 ? JS_LINE : JS_PUT;
	r.subject[0] = (struct slice){ "k", 1 };
	if (js_may_request(&p->js))
		MUST(js_request(&p->js, &r, 0, p->now) == 0);
	else
		p->id--;
}

static void hear(struct peer *p, const uint8_t *data, size_t size)
{
	size_t room;
	char *space = link_space(&p->js.io.link, &room);

	MUST(space != NULL && room > 0);
	size = size < room ? size : room;
	memcpy(space, data, size);
	link_received(&p->js.io.link, size, p->now);
}

static void check_parser(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data, *end = bytes + size;
	struct slice value;
	struct nats_op op;
	size_t used;

	if (json_find((struct slice){ bytes, size }, "a.0", &value))
		MUST(value.bytes >= bytes && value.bytes + value.len <= end);
	if (nats_parse(&op, bytes, size, &used) == NATS_MORE)
		MUST(used > size);
	else
		MUST(used <= size + NATS_LINE_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct peer p;
	size_t from = 0;

	check_parser(data, size);
	begin(&p);
	turn(&p);
	for (size_t i = 0; i <= size; i++) {
		if (i < size && data[i] < ASK)
			continue;
		hear(&p, data + from, i - from);
		if (i < size && data[i] == ASK)
			ask(&p);
		else
			p.now += TIME_SECOND;
		turn(&p);
		from = i + 1;
	}
	js_finish(&p.js);
	return 0;
}
