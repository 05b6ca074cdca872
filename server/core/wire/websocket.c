/*
 * WebSocket frames. The decoder is in a head or in a payload, and what it does next depends on
 * nothing but its state and the next byte: so however frames are cut, the events are the same. A
 * violation is found at the first byte that shows it.
 *
 * RFC 6455, https://www.rfc-editor.org/rfc/rfc6455
 */
#include "server/core/wire/websocket.h"

#include <stdlib.h>
#include <string.h>

/* 5.2 */
enum {
	FIN = 0x80,
	RESERVED = 0x70,
	OPCODE = 0x0f,
	MASKED = 0x80,
	LENGTH = 0x7f,
	LENGTH_16 = 126, /* two more bytes have the length */
	LENGTH_64 = 127, /* eight */
};

enum opcode {
	CONTINUATION = 0,
	TEXT = 1,
	BINARY = 2,
	CLOSE = 8, /* from here on they are control frames */
	PING = 9,
	PONG = 10,
};

static unsigned opcode_of(const struct websocket *w)
{
	return w->head[0] & OPCODE;
}

static bool is_control(const struct websocket *w)
{
	return opcode_of(w) >= CLOSE;
}

/* Bytes of the head before the mask. */
static size_t mask_offset(const struct websocket *w)
{
	unsigned len = w->head[1] & LENGTH;

	return len < LENGTH_16 ? 2 : len == LENGTH_16 ? 4 : 10;
}

void websocket_finish(struct websocket *w)
{
	free(w->control);
	w->control = NULL;
}

/* The peer closes, or is taken to. */
static enum websocket_event close_with(struct websocket *w, struct websocket_span *span,
	enum websocket_code code)
{
	websocket_finish(w);
	w->ended = true;
	span->code = code;
	return WEBSOCKET_CLOSE;
}

static enum websocket_event fail_with(struct websocket *w, struct websocket_span *span,
	enum websocket_code code, const char *reason)
{
	close_with(w, span, code);
	span->reason = reason;
	return WEBSOCKET_FAIL;
}

static enum websocket_event fail(struct websocket *w, struct websocket_span *span,
	const char *reason)
{
	return fail_with(w, span, WEBSOCKET_PROTOCOL_ERROR, reason);
}

/* The first two bytes of a head. */
static enum websocket_event check_start(struct websocket *w, struct websocket_span *span)
{
	unsigned opcode = opcode_of(w);

	if (w->head[0] & RESERVED)
		return fail(w, span, "reserved bit set");
	if (opcode > PONG || (opcode > BINARY && opcode < CLOSE))
		return fail(w, span, "unknown opcode");
	if (opcode >= CLOSE && !(w->head[0] & FIN))
		return fail(w, span, "fragmented control frame");
	if (opcode >= CLOSE && (w->head[1] & LENGTH) > WEBSOCKET_CONTROL_MAX)
		return fail(w, span, "control frame too long");
	if (opcode == CLOSE && !(w->head[1] & MASKED))
		return close_with(w, span, WEBSOCKET_GOING_AWAY);
	if (!(w->head[1] & MASKED))
		return fail(w, span, "unmasked frame");
	if (opcode == CONTINUATION && !w->in_message)
		return fail(w, span, "continuation of no message");
	if ((opcode == TEXT || opcode == BINARY) && w->in_message)
		return fail(w, span, "message within a message");
	if (opcode == BINARY)
		return fail_with(w, span, WEBSOCKET_UNSUPPORTED_DATA, "binary message");
	return WEBSOCKET_MORE;
}

/* All of a head but its mask: how long the payload is. */
static enum websocket_event check_length(struct websocket *w, struct websocket_span *span)
{
	unsigned form = w->head[1] & LENGTH;

	if (form < LENGTH_16)
		w->left = form;
	if ((form == LENGTH_16 && w->left < LENGTH_16) ||
		(form == LENGTH_64 && w->left <= UINT16_MAX))
		return fail(w, span, "length not in its shortest form");
	if (w->left >> 63 != 0)
		return fail(w, span, "length out of range");
	if (opcode_of(w) == TEXT)
		w->message_len = 0;
	if (is_control(w))
		return WEBSOCKET_MORE;
	if (w->left > WEBSOCKET_MESSAGE_MAX - w->message_len)
		return fail_with(w, span, WEBSOCKET_TOO_BIG, "message too long");
	w->message_len += (uint32_t)w->left;
	return WEBSOCKET_MORE;
}

/* The head is whole. */
static void begin_payload(struct websocket *w)
{
	w->in_frame = true;
	w->mask_at = 0;
	if (opcode_of(w) == TEXT) {
		w->in_message = true;
		w->utf8 = (struct utf8){ 0 };
	}
}

static enum websocket_event take_head_byte(struct websocket *w, uint8_t c,
	struct websocket_span *span)
{
	enum websocket_event event = WEBSOCKET_MORE;
	size_t at = w->head_len++;

	if (at < 2)
		w->head[at] = c;
	else if (at < mask_offset(w))
		w->left = w->left << 8 | c;
	else
		w->mask[(at - mask_offset(w)) % WEBSOCKET_MASK_LEN] = c;
	if (at < 1)
		return WEBSOCKET_MORE;
	if (at == 1)
		event = check_start(w, span);
	if (event == WEBSOCKET_MORE && at + 1 == mask_offset(w))
		event = check_length(w, span);
	if (event == WEBSOCKET_MORE && at + 1 >= mask_offset(w) + WEBSOCKET_MASK_LEN)
		begin_payload(w);
	return event;
}

static uint8_t unmask(struct websocket *w, uint8_t c)
{
	return c ^ w->mask[w->mask_at++ % WEBSOCKET_MASK_LEN];
}

static void end_payload(struct websocket *w)
{
	w->in_frame = false;
	w->head_len = 0;
}

static enum websocket_event take_text(struct websocket *w, const uint8_t **in,
	const uint8_t *stop, struct websocket_span *span)
{
	size_t max = w->left < WEBSOCKET_RUN_MAX ? (size_t)w->left : WEBSOCKET_RUN_MAX;

	while (*in < stop && span->len < max) {
		uint8_t c = unmask(w, *(*in)++);

		span->bytes[span->len++] = c;
		if (c == '\n')
			break;
	}
	w->left -= span->len;
	span->ends = w->left == 0 && w->head[0] & FIN;
	if (!utf8_take(&w->utf8, span->bytes, span->len) ||
		(span->ends && !utf8_is_whole(&w->utf8)))
		return fail_with(w, span, WEBSOCKET_INVALID_DATA, "text is not UTF-8");
	if (span->ends)
		w->in_message = false;
	if (w->left == 0)
		end_payload(w);
	return span->len > 0 || span->ends ? WEBSOCKET_TEXT : WEBSOCKET_MORE;
}

/* Whether an endpoint may send a close code (7.4); what is registered since then, too. */
static bool may_be_sent(unsigned code)
{
	return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
		(code >= 3000 && code <= 4999);
}

static enum websocket_event take_close(struct websocket *w, struct websocket_span *span)
{
	struct utf8 utf8 = { 0 };
	unsigned code;

	if (span->len == 0)
		return close_with(w, span, WEBSOCKET_NO_CODE);
	if (span->len == 1)
		return fail(w, span, "close frame of one byte");
	code = (unsigned)span->bytes[0] << 8 | span->bytes[1];
	if (!may_be_sent(code))
		return fail(w, span, "invalid close code");
	span->len -= 2;
	memmove(span->bytes, span->bytes + 2, span->len);
	if (!utf8_take(&utf8, span->bytes, span->len) || !utf8_is_whole(&utf8))
		return fail_with(w, span, WEBSOCKET_INVALID_DATA, "close reason is not UTF-8");
	return close_with(w, span, (enum websocket_code)code);
}

/* A control frame that is whole, its payload in span. */
static enum websocket_event take_control(struct websocket *w, struct websocket_span *span)
{
	websocket_finish(w);
	end_payload(w);
	if (opcode_of(w) == CLOSE)
		return take_close(w, span);
	return opcode_of(w) == PING ? WEBSOCKET_PING : WEBSOCKET_MORE;
}

/* Gathers the payload of a control frame, in span if it has come at once. */
static enum websocket_event take_control_bytes(struct websocket *w, const uint8_t **in,
	const uint8_t *stop, struct websocket_span *span)
{
	if (w->control == NULL && (size_t)(stop - *in) < w->left) {
		w->control = malloc(sizeof(*w->control));
		if (w->control == NULL)
			return fail_with(w, span, WEBSOCKET_INTERNAL_ERROR, "out of memory");
		w->control->len = 0;
	}
	uint8_t *bytes = w->control != NULL ? w->control->bytes : span->bytes;

	span->len = w->control != NULL ? w->control->len : 0;
	for (; *in < stop && w->left > 0; w->left--)
		bytes[span->len++] = unmask(w, *(*in)++);
	if (w->control != NULL) {
		w->control->len = (uint8_t)span->len;
		memcpy(span->bytes, bytes, span->len);
	}
	return w->left > 0 ? WEBSOCKET_MORE : take_control(w, span);
}

/* Whether there is something to do: an empty payload needs no byte. */
static bool may_go_on(const struct websocket *w, const uint8_t *in, const uint8_t *stop)
{
	return !w->ended && (in < stop || (w->in_frame && w->left == 0));
}

enum websocket_event websocket_next(struct websocket *w, const uint8_t **in, const uint8_t *stop,
	struct websocket_span *span)
{
	enum websocket_event event = WEBSOCKET_MORE;

	while (event == WEBSOCKET_MORE && may_go_on(w, *in, stop)) {
		span->len = 0;
		span->ends = false;
		span->reason = "";
		if (!w->in_frame)
			event = take_head_byte(w, *(*in)++, span);
		else if (is_control(w))
			event = take_control_bytes(w, in, stop, span);
		else
			event = take_text(w, in, stop, span);
	}
	if (event == WEBSOCKET_MORE)
		*in = stop;
	return event;
}

size_t websocket_put_text_head(uint8_t out[WEBSOCKET_PUT_HEAD_MAX], uint64_t len)
{
	size_t size = len < LENGTH_16 ? 0 : len <= UINT16_MAX ? 2 : 8;

	out[0] = FIN | TEXT;
	out[1] = (uint8_t)(size == 0 ? len : size == 2 ? LENGTH_16 : LENGTH_64);
	for (size_t i = 0; i < size; i++)
		out[2 + i] = (uint8_t)(len >> 8 * (size - 1 - i));
	return 2 + size;
}

static size_t put_control(uint8_t *out, enum opcode opcode, const void *bytes, size_t len)
{
	out[0] = (uint8_t)(FIN | opcode);
	out[1] = (uint8_t)len;
	if (len > 0)
		memcpy(out + 2, bytes, len);
	return 2 + len;
}

size_t websocket_put_ping(uint8_t out[WEBSOCKET_PUT_CONTROL_MAX])
{
	return put_control(out, PING, NULL, 0);
}

size_t websocket_put_pong(uint8_t out[WEBSOCKET_PUT_CONTROL_MAX], const uint8_t *bytes, size_t len)
{
	return put_control(out, PONG, bytes, len);
}

size_t websocket_put_close(uint8_t out[WEBSOCKET_PUT_CONTROL_MAX], enum websocket_code code,
	struct slice reason)
{
	uint8_t body[WEBSOCKET_CONTROL_MAX] = { (uint8_t)(code >> 8), (uint8_t)code };

	if (code == WEBSOCKET_NO_CODE)
		return put_control(out, CLOSE, NULL, 0);
	if (reason.len > WEBSOCKET_REASON_MAX) {
		reason.len = WEBSOCKET_REASON_MAX;
		while (reason.len > 0 && (reason.bytes[reason.len] & 0xc0) == 0x80)
			reason.len--;
	}
	if (reason.len > 0)
		memcpy(body + 2, reason.bytes, reason.len);
	return put_control(out, CLOSE, body, 2 + reason.len);
}
