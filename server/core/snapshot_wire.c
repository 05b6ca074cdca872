/*
 * What a connection holds of its input and of what it is owed, in a snapshot (snapshot_wire.h).
 */
#include "server/core/snapshot_wire.h"

#include <stdlib.h>
#include <string.h>

/*
 * Bytes past the limit were known in another way; they are forgotten, and the line stays too
 * long. A CR at the end of the line had not ended it.
 */
static void load_beyond_4(struct line_held *h, struct codec *p)
{
	h->over = (uint32_t)codec_number(p, 0, 4, UINT32_MAX);
	codec_number(p, 0, 4, h->over);
	codec_number(p, 0, 8, UINT64_MAX);
	codec_number(p, 0, 1, 64);
	codec_flag(p, false);
	if (h->over == 0)
		return;
	h->beyond_size = LINE_BEYOND_MAX / 2;
	h->beyond = calloc(1, h->beyond_size);
	p->failed = p->failed || h->beyond == NULL;
}

static void serialize_beyond(struct line_held *h, struct codec *p)
{
	size_t len = h->beyond_size, most;

	h->beyond = codec_heap(p, h->beyond, &len, LINE_BEYOND_MAX / 2);
	h->beyond_size = (uint32_t)len;
	/* Only a ring of full size may have gone round. */
	most = len < LINE_BEYOND_MAX / 2 ? 2 * len : UINT32_MAX;
	h->over = (uint32_t)codec_number(p, h->over, 4, most);
	most = h->over < 2 * len ? h->over : 2 * len;
	h->known = (uint32_t)codec_number(p, h->known, 4, most);
}

static void serialize_held(struct line *l, struct codec *p)
{
	struct line_held none = { 0 }, *h = p->reading ? line_hold(l) : l->held;
	size_t len;

	if (p->reading && h == NULL) {
		p->failed = true;
		return;
	}
	if (h == NULL)
		h = &none;
	len = h->len;
	h->bytes = codec_heap(p, h->bytes, &len, SNAPSHOT_HEAP_MAX);
	if (p->reading)
		h->len = h->size = (uint32_t)len;
	if (p->reading && p->version < 5)
		load_beyond_4(h, p);
	else
		serialize_beyond(h, p);
	if (p->reading)
		line_release(l);
	free(none.beyond);
}

static void serialize_line(struct line *l, struct codec *p)
{
	serialize_held(l, p);
	if (p->version < 5) {
		l->begun = true;
		return;
	}
	l->begun = codec_flag(p, l->begun);
	l->cr = codec_flag(p, l->cr);
	l->crlf = codec_flag(p, l->crlf);
}

static struct telnet *serialize_telnet(struct telnet *t, struct codec *p)
{
	bool any = codec_flag(p, t != NULL);

	if (p->reading && any) {
		t = calloc(1, sizeof(*t));
		p->failed = p->failed || t == NULL;
	}
	if (t == NULL)
		return NULL;
	t->state = (uint8_t)codec_number(p, t->state, 1, TELNET_STATES - 1);
	t->verb = (uint8_t)codec_number(p, t->verb, 1, UINT8_MAX);
	t->negotiating = codec_flag(p, t->negotiating);
	t->echo = codec_flag(p, t->echo);
	t->asked = codec_flag(p, t->asked);
	if (p->version >= 5) {
		t->sends_binary = (uint8_t)codec_number(p, t->sends_binary, 1, TELNET_CONSENTS - 1);
		t->takes_binary = (uint8_t)codec_number(p, t->takes_binary, 1, TELNET_CONSENTS - 1);
	} else {
		t->asked = false; /* what stood there was something else */
	}
	codec_array(p, t->refused_will, sizeof(t->refused_will));
	codec_array(p, t->refused_do, sizeof(t->refused_do));
	return t;
}

static void serialize_backlog(struct wire *w, struct codec *p)
{
	const struct backlog *b = w->backlog;
	size_t len = b != NULL ? b->len - b->at : 0;
	const void *bytes = codec_bytes(p, b != NULL ? b->bytes + b->at : NULL, &len,
		SNAPSHOT_HEAP_MAX);

	if (p->reading && wire_put_off(w, bytes, len) < 0)
		p->failed = true;
}

static struct websocket_control *serialize_control(struct websocket_control *c, struct codec *p)
{
	bool any = codec_flag(p, c != NULL);

	if (p->reading && any) {
		c = calloc(1, sizeof(*c));
		p->failed = p->failed || c == NULL;
	}
	if (c == NULL)
		return NULL;
	c->len = (uint8_t)codec_number(p, c->len, 1, WEBSOCKET_CONTROL_MAX);
	codec_array(p, c->bytes, c->len);
	return c;
}

static struct websocket *serialize_websocket(struct websocket *w, struct codec *p)
{
	bool any = p->version >= 5 && codec_flag(p, w != NULL);

	if (p->reading && any) {
		w = calloc(1, sizeof(*w));
		p->failed = p->failed || w == NULL;
	}
	if (w == NULL)
		return NULL;
	codec_array(p, w->head, sizeof(w->head));
	codec_array(p, w->mask, sizeof(w->mask));
	w->head_len = (uint8_t)codec_number(p, w->head_len, 1, WEBSOCKET_HEAD_MAX);
	w->in_frame = codec_flag(p, w->in_frame);
	w->in_message = codec_flag(p, w->in_message);
	w->ended = codec_flag(p, w->ended);
	w->utf8.need = (uint8_t)codec_number(p, w->utf8.need, 1, 3);
	w->utf8.low = (uint8_t)codec_number(p, w->utf8.low, 1, UINT8_MAX);
	w->utf8.high = (uint8_t)codec_number(p, w->utf8.high, 1, UINT8_MAX);
	w->left = codec_number(p, w->left, 8, w->in_frame ? WEBSOCKET_MESSAGE_MAX : UINT64_MAX);
	w->message_len = (uint32_t)codec_number(p, w->message_len, 4, WEBSOCKET_MESSAGE_MAX);
	w->mask_at = (uint8_t)codec_number(p, w->mask_at, 1, UINT8_MAX);
	w->pong = serialize_control(w->pong, p);
	w->control = serialize_control(w->control, p);
	/* It has room for the rest. */
	if (w->control != NULL && w->control->len + w->left > WEBSOCKET_CONTROL_MAX)
		p->failed = true;
	return w;
}

void snapshot_wire(struct wire *w, struct codec *p)
{
	struct telnet *telnet;
	struct websocket *websocket;

	serialize_line(&w->line, p);
	telnet = serialize_telnet(w->is_websocket ? NULL : w->telnet, p);
	websocket = serialize_websocket(w->is_websocket ? w->websocket : NULL, p);
	w->is_websocket = websocket != NULL;
	if (w->is_websocket)
		w->websocket = websocket;
	else
		w->telnet = telnet;
	/* A damaged snapshot may have both. */
	if (w->is_websocket && telnet != NULL) {
		free(telnet);
		p->failed = true;
	}
	serialize_backlog(w, p);
}

void snapshot_outbox(struct outbox *r, struct codec *p)
{
	struct outbox_piece piece = { 0 };
	uint32_t position = 0;

	while (codec_flag(p, !p->reading && outbox_next(r, &position, &piece))) {
		char *copy;

		piece.at = codec_number(p, piece.at, 8, UINT64_MAX);
		piece.raw = p->version >= 5 && codec_flag(p, piece.raw);
		piece.bytes = codec_bytes(p, piece.bytes, &piece.len, SNAPSHOT_HEAP_MAX);
		if (!p->reading)
			continue;
		if (piece.raw) {
			p->failed = p->failed || outbox_add_raw(r, piece.bytes, piece.len) < 0;
			continue;
		}
		copy = p->failed ? NULL : outbox_add(r, piece.at, piece.len);
		if (copy != NULL && piece.len > 0)
			memcpy(copy, piece.bytes, piece.len);
		p->failed = p->failed || copy == NULL;
	}
}
