/*
 * Bytes to events (wire.h): telnet (RFC 854, https://www.rfc-editor.org/rfc/rfc854) is taken out
 * first, where the peer speaks it, and lines are cut from what is left. The rule: however the bytes
 * are cut into pieces, the events are the same.
 */
#include "server/core/wire/wire.h"

#include <stdlib.h>
#include <string.h>

static enum wire_status line_event(struct wire *w, enum line_status status,
	struct wire_event *event)
{
	bool whole = status == LINE_WHOLE;

	/* The LF of a line that a CR has ended may have come only now. */
	if (w->line.crlf)
		w->crlf = true;
	if (status == LINE_MORE)
		return WIRE_MORE;
	if (status == LINE_NOMEM)
		return WIRE_NOMEM;
	if (!w->identified)
		event->alien = sniff_line(event->line.text, event->line.kept, whole);
	if (event->alien != NULL)
		return WIRE_ALIEN;
	return whole ? WIRE_LINE : WIRE_LONG;
}

/* Text, from *in up to end or the end of a line. */
static enum wire_status next_text(struct wire *w, size_t max, const uint8_t **in,
	const uint8_t *end, struct wire_event *event)
{
	if (!w->identified)
		event->alien = sniff_bytes(*in, (size_t)(end - *in), w->line.cr,
			w->line.begun);
	if (event->alien != NULL)
		return WIRE_ALIEN;
	return line_event(w, line_next(&w->line, max, in, end, &event->line), event);
}

/* A run of text of a telnet client: what follows its first line comes again as input. */
static enum wire_status next_run(struct wire *w, size_t max, const uint8_t **in,
	struct wire_event *event)
{
	const uint8_t *text = event->span.telnet.bytes, *end = text + event->span.telnet.len;
	enum wire_status status = next_text(w, max, &text, end, event);

	if (text < end && status != WIRE_ALIEN) {
		*in = text;
		telnet_unread(w->telnet);
	}
	return status;
}

static enum wire_status next_telnet(struct wire *w, size_t max, const uint8_t **in,
	const uint8_t *end, struct wire_event *event)
{
	enum telnet_event type = telnet_next(w->telnet, in, end, &event->span.telnet);

	/* Before the text that follows is acted on, and answered. */
	if (w->telnet->negotiating)
		w->crlf = true;
	switch (type) {
	case TELNET_DATA:
		return next_run(w, max, in, event);
	case TELNET_EOF:
		*in = end;
		return WIRE_END;
	case TELNET_ERASE_CHARACTER:
		line_erase_character(&w->line);
		break;
	case TELNET_ERASE_LINE:
		line_erase(&w->line);
		break;
	case TELNET_ANSWER:
		event->out = event->span.telnet.bytes;
		event->out_len = event->span.telnet.len;
		return WIRE_OUT;
	case TELNET_NONE:
		break;
	}
	return WIRE_MORE;
}

int wire_look(struct wire *w, const uint8_t *in, const uint8_t *end)
{
	if (w->is_websocket || w->telnet != NULL || in == end ||
		memchr(in, TELNET_IAC, (size_t)(end - in)) == NULL)
		return 0;
	w->telnet = calloc(1, sizeof(*w->telnet));
	return w->telnet != NULL ? 0 : -1;
}

/*
 * Takes out what is for editing a line that is being typed: a message has been edited already. Its
 * end is the line's; a CR before an LF belongs to that.
 */
static size_t drop_controls(uint8_t *text, size_t len)
{
	size_t kept = 0;

	for (size_t i = 0; i < len; i++)
		if (memchr("\b\r\x15\x17\x7f", text[i], 5) == NULL)
			text[kept++] = text[i];
	return kept;
}

/* A run of a message, which holds one LF at most, as its last byte. */
static enum wire_status next_message(struct wire *w, size_t max, struct wire_event *event)
{
	struct websocket_span *run = &event->span.frame;
	const uint8_t *text = run->bytes;
	const uint8_t *end = text + drop_controls(run->bytes, run->len);
	enum line_status status = line_next(&w->line, max, &text, end, &event->line);

	if (status == LINE_MORE && run->ends)
		status = line_end(&w->line, max, &event->line);
	return line_event(w, status, event);
}

static enum wire_status next_frame(struct wire *w, size_t max, const uint8_t **in,
	const uint8_t *end, struct wire_event *event)
{
	switch (websocket_next(w->websocket, in, end, &event->span.frame)) {
	case WEBSOCKET_MORE:
		break;
	case WEBSOCKET_TEXT:
		return next_message(w, max, event);
	case WEBSOCKET_PING:
		return WIRE_PING;
	case WEBSOCKET_CLOSE:
		return WIRE_CLOSE;
	case WEBSOCKET_FAIL:
		return WIRE_FAIL;
	}
	return WIRE_MORE;
}

int wire_begin_websocket(struct wire *w)
{
	w->websocket = calloc(1, sizeof(*w->websocket));
	w->identified = true;
	w->is_websocket = w->websocket != NULL;
	return w->is_websocket ? 0 : -1;
}

int wire_keep_pong(struct wire *w, const uint8_t *bytes, size_t len)
{
	struct websocket *socket = w->websocket;

	if (socket->pong == NULL)
		socket->pong = malloc(sizeof(*socket->pong));
	if (socket->pong == NULL)
		return -1;
	memcpy(socket->pong->bytes, bytes, len);
	socket->pong->len = (uint8_t)len;
	return 0;
}

bool wire_has_pong(const struct wire *w)
{
	return w->is_websocket && w->websocket->pong != NULL;
}

size_t wire_take_pong(struct wire *w, uint8_t frame[WEBSOCKET_PUT_CONTROL_MAX])
{
	struct websocket *socket = w->websocket;
	size_t len = websocket_put_pong(frame, socket->pong->bytes, socket->pong->len);

	free(socket->pong);
	socket->pong = NULL;
	return len;
}

bool wire_awaits_close(const struct wire *w)
{
	return w->is_websocket && !w->websocket->ended;
}

void wire_skip(struct wire *w, const uint8_t *in, const uint8_t *end)
{
	struct websocket_span span;

	while (wire_awaits_close(w) && in < end)
		websocket_next(w->websocket, &in, end, &span);
}

static enum wire_status next_event(struct wire *w, size_t max, const uint8_t **in,
	const uint8_t *end, struct wire_event *event)
{
	if (w->is_websocket)
		return next_frame(w, max, in, end, event);
	return w->telnet != NULL ? next_telnet(w, max, in, end, event)
				 : next_text(w, max, in, end, event);
}

enum wire_status wire_next(struct wire *w, size_t max, const uint8_t **in, const uint8_t *end,
	struct wire_event *event)
{
	enum wire_status status = WIRE_MORE;

	event->alien = NULL;
	while (*in < end && status == WIRE_MORE)
		status = next_event(w, max, in, end, event);
	return status;
}

enum wire_status wire_end(struct wire *w, size_t max, struct wire_event *event)
{
	event->alien = NULL;
	/* A message that is not whole is none. */
	if (w->is_websocket)
		return WIRE_MORE;
	return line_event(w, line_end(&w->line, max, &event->line), event);
}

void wire_release(struct wire *w)
{
	line_release(&w->line);
}

size_t wire_begin_telnet(struct wire *w, uint8_t *out)
{
	w->crlf = true;
	w->telnet = calloc(1, sizeof(*w->telnet));
	if (w->telnet == NULL)
		return 0;
	w->telnet->negotiating = true;
	return telnet_begin(w->telnet, out);
}

bool wire_is_telnet(const struct wire *w)
{
	return !w->is_websocket && w->telnet != NULL && w->telnet->negotiating;
}

size_t wire_offer_echo(struct wire *w, bool on, uint8_t *out)
{
	return !w->is_websocket && w->telnet != NULL ? telnet_offer_echo(w->telnet, on, out) : 0;
}

int wire_put_off(struct wire *w, const void *bytes, size_t len)
{
	struct backlog *old = w->backlog, *backlog;
	size_t before = old != NULL ? old->len : 0;

	if (len == 0)
		return 0;
	backlog = realloc(old, sizeof(*backlog) + before + len);
	if (backlog == NULL)
		return -1;
	if (old == NULL)
		backlog->at = 0;
	memcpy(backlog->bytes + before, bytes, len);
	backlog->len = (uint32_t)(before + len);
	w->backlog = backlog;
	return 0;
}

struct backlog *wire_take_backlog(struct wire *w)
{
	struct backlog *backlog = w->backlog;

	w->backlog = NULL;
	return backlog;
}

void wire_return_backlog(struct wire *w, struct backlog *backlog)
{
	if (backlog->at < backlog->len)
		w->backlog = backlog;
	else
		free(backlog);
}

void wire_move(struct wire *to, struct wire *from)
{
	wire_finish(to);
	*to = *from;
	*from = (struct wire){ 0 };
}

void wire_forget(struct wire *w)
{
	line_finish(&w->line);
	free(w->backlog);
	w->backlog = NULL;
	if (w->is_websocket)
		return;
	free(w->telnet);
	w->telnet = NULL;
}

void wire_finish(struct wire *w)
{
	wire_forget(w);
	if (w->is_websocket) {
		websocket_finish(w->websocket);
		free(w->websocket->pong);
		free(w->websocket);
	}
	*w = (struct wire){ 0 };
}
