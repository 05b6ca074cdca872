/*
 * WebSocket frames beside a second decoder, which has them all before it and so can afford to be
 * too simple to be wrong: however the bytes are cut, both tell the same.
 */
#include "proto/text.h"
#include "server/core/wire/websocket.h"

#include "test/fuzz/fuzz.h"

/* Events, written down. Of a message that fails only the failure is. */
struct story {
	uint8_t *bytes;
	size_t len, size;
};

static void tell(struct story *s, const void *bytes, size_t len)
{
	if (s->len + len > s->size) {
		s->size = 2 * (s->len + len);
		s->bytes = realloc(s->bytes, s->size);
	}
	if (len > 0)
		memcpy(s->bytes + s->len, bytes, len);
	s->len += len;
}

static void tell_event(struct story *s, char kind, unsigned code, const void *bytes, size_t len)
{
	char head[32];

	tell(s, head, (size_t)snprintf(head, sizeof(head), "%c%u.%zu:", kind, code, len));
	tell(s, bytes, len);
}

/* One frame, as section 5.2 draws it. */
struct frame {
	bool fin, masked;
	unsigned reserved, opcode;
	uint64_t len;
	size_t head_len;
	bool shortest;
	const uint8_t *payload; /* masked */
};

/* False if its head is not whole. A head that fails by its first two bytes need not be. */
static bool read_frame(struct frame *f, const uint8_t *in, size_t len)
{
	*f = (struct frame){ 0 };
	if (len < 2)
		return false;
	f->fin = in[0] >> 7;
	f->reserved = in[0] >> 4 & 7;
	f->opcode = in[0] & 15;
	f->masked = in[1] >> 7;
	f->len = in[1] & 127;
	size_t more = f->len == 126 ? 2 : f->len == 127 ? 8 : 0;
	f->head_len = 2 + more;
	f->shortest = true;
	if (more == 0 || len < 2 + more)
		return true;
	f->len = 0;
	for (size_t i = 0; i < more; i++)
		f->len = f->len << 8 | in[2 + i];
	f->shortest = f->len >= (more == 2 ? 126 : 65536);
	return true;
}

static bool is_utf8(const uint8_t *bytes, size_t len)
{
	bool valid = true;
	uint32_t code;

	for (size_t at = 0; at < len && valid;)
		at += text_decode((const char *)bytes + at, len - at, &code, &valid);
	return valid;
}

/* Whether bytes can be followed by others so that all are UTF-8. */
static bool may_become_utf8(const uint8_t *bytes, size_t len)
{
	static const char *const ends[] = { "", "\x80", "\xbf", "\x80\x80", "\xbf\x80",
		"\x80\x80\x80", "\xbf\x80\x80", "\x90\x80\x80" };
	uint8_t *copy = malloc(len + 3);
	bool found = false;

	if (len > 0)
		memcpy(copy, bytes, len);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		memcpy(copy + len, ends[i], strlen(ends[i]));
		found |= is_utf8(copy, len + strlen(ends[i]));
	}
	free(copy);
	return found;
}

static unsigned start_error(const struct frame *f, bool in_message)
{
	bool control = f->opcode >= 8;

	if (f->reserved || (f->opcode > 2 && f->opcode < 8) || f->opcode > 10 ||
		(control && (!f->fin || f->len > 125)))
		return 1002;
	if (!f->masked)
		return f->opcode == 8 ? 1 : 1002;
	if (!control && (f->opcode == 0) != in_message)
		return 1002;
	return f->opcode == 2 ? 1003 : 0;
}

/* The close frame with this body: its code, or that of the failure; 1005 for none. */
static unsigned close_code(const uint8_t *body, size_t len, bool *failed)
{
	unsigned code = len >= 2 ? (unsigned)body[0] << 8 | body[1] : 1005;

	*failed = false;
	if (len == 0)
		return code;
	*failed = true;
	if (len == 1 || code < 1000 || code > 4999 || (code > 1003 && code < 1007) ||
		(code > 1014 && code < 3000))
		return 1002;
	if (!is_utf8(body + 2, len - 2))
		return 1007;
	*failed = false;
	return code;
}

/* The decoder that has everything. */
struct model {
	struct story story;
	struct story message;
	bool in_message;
};

static bool fail(struct model *m, unsigned code)
{
	tell_event(&m->story, 'F', code, NULL, 0);
	return false;
}

static bool control(struct model *m, const struct frame *f, const uint8_t *body)
{
	bool failed;

	if (f->opcode == 9)
		tell_event(&m->story, 'P', 0, body, (size_t)f->len);
	if (f->opcode != 8)
		return true;
	unsigned code = close_code(body, (size_t)f->len, &failed);
	if (failed)
		return fail(m, code);
	tell_event(&m->story, 'C', code, body + 2, f->len > 2 ? (size_t)f->len - 2 : 0);
	return false;
}

/* The payload of a data frame, of which len bytes have come. */
static bool data_frame(struct model *m, const struct frame *f, const uint8_t *body, size_t len)
{
	tell(&m->message, body, len);
	m->in_message = true;
	if (!may_become_utf8(m->message.bytes, m->message.len))
		return fail(m, 1007);
	if (len < f->len || !f->fin)
		return len == f->len;
	if (!is_utf8(m->message.bytes, m->message.len))
		return fail(m, 1007);
	tell_event(&m->story, 'T', 0, m->message.bytes, m->message.len);
	m->in_message = false;
	m->message.len = 0;
	return true;
}

/* Takes one frame; false after the last. */
static bool model_frame(struct model *m, const uint8_t **in, const uint8_t *end)
{
	static uint8_t body[WEBSOCKET_MESSAGE_MAX];
	size_t left = (size_t)(end - *in);
	struct frame f;

	if (!read_frame(&f, *in, left))
		return false;
	unsigned error = start_error(&f, m->in_message);
	if (error == 1)
		tell_event(&m->story, 'C', 1001, NULL, 0);
	if (error != 0)
		return error != 1 && fail(m, error);
	if (left < f.head_len)
		return false;
	if (!f.shortest || f.len >> 63)
		return fail(m, 1002);
	if (f.opcode < 8 && f.len + m->message.len > WEBSOCKET_MESSAGE_MAX)
		return fail(m, 1009);
	if (left < f.head_len + 4)
		return false;
	const uint8_t *mask = *in + f.head_len;
	size_t len = left - f.head_len - 4 < f.len ? left - f.head_len - 4 : (size_t)f.len;
	for (size_t i = 0; i < len; i++)
		body[i] = mask[4 + i] ^ mask[i % 4];
	*in = mask + 4 + len;
	if (f.opcode < 8)
		return data_frame(m, &f, body, len);
	return len == f.len && control(m, &f, body);
}

static void note(struct model *m, enum websocket_event event, const struct websocket_span *span)
{
	if (event == WEBSOCKET_TEXT) {
		const uint8_t *lf = memchr(span->bytes, '\n', span->len);

		MUST(lf == NULL || lf == span->bytes + span->len - 1);
		tell(&m->message, span->bytes, span->len);
		if (span->ends) {
			tell_event(&m->story, 'T', 0, m->message.bytes, m->message.len);
			m->message.len = 0;
		}
	}
	if (event == WEBSOCKET_PING)
		tell_event(&m->story, 'P', 0, span->bytes, span->len);
	if (event == WEBSOCKET_CLOSE)
		tell_event(&m->story, 'C', span->code, span->bytes, span->len);
	if (event == WEBSOCKET_FAIL)
		tell_event(&m->story, 'F', span->code, NULL, 0);
}

/* In pieces of at most this many bytes; 0: of lengths that follow from the input. */
static void decode(struct model *m, const uint8_t *data, size_t size, size_t piece)
{
	struct websocket w = { 0 };
	struct websocket_span span;
	enum websocket_event event;
	uint32_t random = size > 0 ? data[size / 2] : 0;

	for (size_t at = 0; at < size;) {
		random = random * 1664525 + 1013904223;
		size_t len = piece > 0 ? piece : 1 + random % 251;
		len = len < size - at ? len : size - at;
		/* Just these bytes, so that a sanitizer sees any read beyond them. */
		uint8_t *copy = malloc(len);
		const uint8_t *in = copy;

		memcpy(copy, data + at, len);
		while ((event = websocket_next(&w, &in, copy + len, &span)) != WEBSOCKET_MORE)
			note(m, event, &span);
		MUST(in == copy + len);
		free(copy);
		at += len;
	}
	websocket_finish(&w);
}

static void finish(struct model *m)
{
	free(m->story.bytes);
	free(m->message.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t pieces[] = { SIZE_MAX, 1, 0 };
	const uint8_t *in = data;
	struct model want = { 0 };

	while (model_frame(&want, &in, data + size))
		;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		struct model got = { 0 };

		decode(&got, data, size, pieces[i]);
		MUST(got.story.len == want.story.len);
		MUST(got.story.len == 0 ||
			memcmp(got.story.bytes, want.story.bytes, got.story.len) == 0);
		finish(&got);
	}
	finish(&want);
	return 0;
}
