/*
 * Requests that wait for their answers (js_requests.h). The rule: no answer does not mean that a
 * line was not stored, so it is sent again, the same bytes under the same Nats-Msg-Id, until there
 * is one. A server knows an ID again for ten minutes. After that the stream itself is read first,
 * and a line that is found there is not sent again.
 */
#include "server/core/nats/js_requests.h"

#include <stdlib.h>
#include <string.h>

#include "server/core/base/time.h"
#include "server/core/nats/js_api.h"

#define REPEAT_AFTER (2 * (int64_t)TIME_SECOND)      /* silence */
/* nobody there to store it, as in an election */
#define REPEAT_REFUSED (200 * (int64_t)TIME_MS)
#define ASK_PATIENCE (3 * (int64_t)TIME_SECOND)
#define OLD_AFTER (8 * 60 * (int64_t)TIME_SECOND)    /* well before a server forgets it */

enum { WAITING_MAX = 64 * 1024 }; /* bytes to go out, above which nothing is added */

int js_requests_add(struct js_requests *all, const struct js_request *r, uint64_t number,
	int64_t now)
{
	struct slice first = r->subject[0];
	struct js_pending *p = malloc(sizeof(*p) + first.len);

	if (p == NULL)
		return -1;
	*p = (struct js_pending){
		.request = *r,
		.number = number,
		.since = now,
		.sent_at = TIME_NEVER,
		.again_at = now,
	};
	if (first.len > 0)
		memcpy(p->subject, first.bytes, first.len);
	p->request.subject[0].bytes = p->subject;
	if (all->first == NULL)
		all->end = &all->first;
	*all->end = p;
	all->end = &p->next;
	all->count++;
	return 0;
}

static void remove_at(struct js_requests *all, struct js_pending **at)
{
	struct js_pending *p = *at;

	*at = p->next;
	if (p->next == NULL)
		all->end = at;
	free(p);
	all->count--;
}

static bool is_stored(const struct js_pending *p)
{
	return p->request.kind == JS_LINE || p->request.kind == JS_PUT;
}

static bool is_old(const struct js_pending *p, int64_t now)
{
	return p->sent_at != TIME_NEVER && now - p->sent_at >= OLD_AFTER;
}

static void send(struct js_pending *p, struct js_io *io, int64_t now)
{
	const struct js_request *r = &p->request;
	char number[JS_NUMBER_MAX];
	struct nats_publish publish = {
		.subject = { r->subject[0], r->subject[1], r->subject[2] },
		.reply = { { io->inbox, JS_INBOX_LEN }, js_number_text(number, p->number) },
		.msg_id = r->msg_id,
		.expects = r->expects,
		.expected = r->expected,
		.payload = r->payload,
	};

	nats_put_publish(&io->link.out, &publish);
	if (p->sent_at == TIME_NEVER)
		p->sent_at = now;
	p->again_at = is_stored(p) ? now + REPEAT_AFTER : TIME_NEVER;
}

void js_requests_send(struct js_requests *all, struct js_io *io, bool is_read, int64_t now)
{
	for (struct js_pending *p = all->first; p != NULL; p = p->next) {
		if (buffer_len(&io->link.out) >= WAITING_MAX)
			return;
		if (now < p->again_at)
			continue;
		if (is_old(p, now) && !is_read) {
			p->again_at = now + REPEAT_REFUSED;
			continue;
		}
		send(p, io, now);
	}
}

void js_requests_restart(struct js_requests *all, int64_t now)
{
	for (struct js_pending *p = all->first; p != NULL; p = p->next)
		if (is_stored(p))
			p->again_at = now;
}

/* What a server says of a line or a key; false: it is to be sent again. */
static bool read_stored(struct js_pending *p, const struct nats_op *op, struct js_event *event,
	int64_t now)
{
	event->seq = js_read_seq(op->payload);
	switch (js_result(op->headers, op->payload)) {
	case JS_OK:
		event->answer = JS_STORED;
		return true;
	case JS_CONFLICTS:
		event->answer = JS_CONFLICT;
		return true;
	case JS_FULL:
		event->answer = JS_NO_ROOM;
		return true;
	case JS_ABSENT:
	case JS_LATER:
	case JS_NO_JETSTREAM:
	case JS_EXISTS:
		break;
	}
	p->again_at = now + REPEAT_REFUSED;
	return false;
}

static bool read_answer(struct js_pending *p, const struct nats_op *op, struct js_event *event,
	int64_t now)
{
	*event = (struct js_event){ .kind = JS_ANSWERED, .id = p->request.id };
	if (is_stored(p))
		return read_stored(p, op, event, now);
	event->answer = nats_status(op->headers) != 0 ? JS_NOBODY : JS_REPLIED;
	event->payload = op->payload;
	return true;
}

bool js_requests_answer(struct js_requests *all, const struct nats_op *op, uint64_t number,
	struct js_event *event, int64_t now)
{
	for (struct js_pending **at = &all->first; *at != NULL; at = &(*at)->next) {
		if ((*at)->number != number)
			continue;
		if (!read_answer(*at, op, event, now))
			return false;
		remove_at(all, at);
		return true;
	}
	return false;
}

bool js_requests_found(struct js_requests *all, struct slice msg_id, uint64_t seq,
	struct js_event *event, int64_t now)
{
	for (struct js_pending **at = &all->first; *at != NULL; at = &(*at)->next) {
		struct slice id = (*at)->request.msg_id;

		if (!is_old(*at, now) || id.len != msg_id.len ||
			memcmp(id.bytes, msg_id.bytes, id.len) != 0)
			continue;
		*event = (struct js_event){
			.kind = JS_ANSWERED,
			.id = (*at)->request.id,
			.answer = JS_STORED,
			.seq = seq,
		};
		remove_at(all, at);
		return true;
	}
	return false;
}

bool js_requests_expire(struct js_requests *all, struct js_event *event, int64_t now)
{
	for (struct js_pending **at = &all->first; *at != NULL; at = &(*at)->next) {
		if (is_stored(*at) || now - (*at)->since < ASK_PATIENCE)
			continue;
		*event = (struct js_event){
			.kind = JS_ANSWERED,
			.id = (*at)->request.id,
			.answer = JS_TIMEOUT,
		};
		remove_at(all, at);
		return true;
	}
	return false;
}

int64_t js_requests_waiting_since(const struct js_requests *all)
{
	for (const struct js_pending *p = all->first; p != NULL; p = p->next)
		if (is_stored(p))
			return p->since;
	return TIME_NEVER;
}

int64_t js_requests_deadline(const struct js_requests *all, const struct js_io *io)
{
	bool sends = io->link.state == LINK_UP && buffer_len(&io->link.out) < WAITING_MAX;
	int64_t next = TIME_NEVER;

	for (const struct js_pending *p = all->first; p != NULL; p = p->next) {
		if (sends && p->again_at < next)
			next = p->again_at;
		if (!is_stored(p) && p->since + ASK_PATIENCE < next)
			next = p->since + ASK_PATIENCE;
	}
	return next;
}

void js_requests_finish(struct js_requests *all)
{
	while (all->first != NULL)
		remove_at(all, &all->first);
	*all = (struct js_requests){ 0 };
}
