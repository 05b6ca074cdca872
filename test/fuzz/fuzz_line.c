/*
 * Bytes to lines, telnet and all: however they are cut, the events are the same, and the lines
 * are those of a model that keeps everything and is too simple to be wrong.
 *
 * The first byte of the input is the limit, the second seeds the cuts.
 */
#include "proto/line.h"
#include "proto/telnet.h"
#include "proto/text.h"
#include "test/fuzz/fuzz.h"

/* What the bytes became, written down. */
struct story {
	char *bytes;
	size_t len;
	size_t size;
};

static void put(struct story *s, const void *bytes, size_t len)
{
	if (s->len + len > s->size) {
		s->size = 2 * (s->len + len);
		s->bytes = realloc(s->bytes, s->size);
		MUST(s->bytes != NULL);
	}
	if (len > 0)
		memcpy(s->bytes + s->len, bytes, len);
	s->len += len;
}

/* The line as it would be with all its bytes kept. */
struct model {
	uint8_t *bytes;
	size_t len;
	size_t peak; /* the longest it has been */
	bool begun;  /* a line has ended */
	bool cr;     /* … with a CR, to which the next byte may belong */
	bool crlf;   /* … with CR LF */
};

static void model_clear(struct model *m)
{
	m->len = 0;
	m->peak = 0;
}

/* Erases the last code point, as it is found from the beginning on. */
static void model_erase(struct model *m)
{
	size_t at = 0, n = 0;
	uint32_t code;

	for (; at < m->len; at += n)
		n = text_decode((const char *)m->bytes + at, m->len - at, &code, NULL);
	m->len -= n;
}

static bool model_ends_blank(const struct model *m)
{
	return m->len > 0 && (m->bytes[m->len - 1] == ' ' || m->bytes[m->len - 1] == '\t');
}

static void model_erase_word(struct model *m)
{
	while (model_ends_blank(m))
		m->len--;
	while (m->len > 0 && !model_ends_blank(m))
		m->len--;
}

static void model_add(struct model *m, uint8_t c)
{
	switch (c) {
	case 0x08:
	case 0x7f:
		model_erase(m);
		break;
	case 0x15:
		model_clear(m);
		break;
	case 0x17:
		model_erase_word(m);
		break;
	default:
		m->bytes[m->len++] = c;
		if (m->len > m->peak)
			m->peak = m->len;
	}
}

struct run {
	struct telnet telnet;
	struct line line;
	struct model model;
	struct story story;
	size_t max;
};

/* A line longer than the limit may stay so if more was erased than can be remembered. */
static void check_line(struct run *r, enum line_status status, const struct line_view *view)
{
	struct model *m = &r->model;
	size_t mark = !m->begun && m->len >= 3 && memcmp(m->bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	size_t len = m->len - mark;

	if (status == LINE_WHOLE) {
		MUST(view->len <= r->max && view->len == len);
		MUST(view->len == 0 || memcmp(view->text, m->bytes + mark, len) == 0);
	} else {
		MUST(status == LINE_LONG && view->len > r->max && view->len >= len);
		MUST(view->len == len || m->peak > r->max + LINE_BEYOND_MAX);
	}
	put(&r->story, status == LINE_WHOLE ? "W" : "L", 1);
	put(&r->story, &view->len, sizeof(view->len));
	MUST(view->kept <= r->max && (status == LINE_LONG || view->kept == view->len));
	put(&r->story, view->text, view->kept);
	model_clear(m);
	m->begun = true;
}

/* What of a CR's line end comes after it. */
static const uint8_t *skip_after_cr(struct model *m, const uint8_t *s, const uint8_t *end)
{
	if (!m->cr || s == end)
		return s;
	m->cr = false;
	m->crlf = m->crlf || *s == '\n';
	return s + (*s == '\n' || *s == 0);
}

/* Adds to the model what is before the next line end, or all of it. */
static const uint8_t *add_to_model(struct model *m, const uint8_t *s, const uint8_t *end)
{
	while (s < end && *s != '\n' && *s != '\r')
		model_add(m, *s++);
	return s;
}

static void take_text(struct run *r, const uint8_t *s, size_t len)
{
	const uint8_t *end = s + len, *model_at = s;
	struct line_view view;
	enum line_status status;

	do {
		model_at = skip_after_cr(&r->model, model_at, end);
		model_at = add_to_model(&r->model, model_at, end);
		status = line_next(&r->line, r->max, &s, end, &view);
		MUST(status != LINE_NOMEM);
		MUST(r->line.held == NULL || (r->line.held->len <= r->max + 3 &&
			r->line.held->size <= r->max + 64));
		if (status == LINE_MORE)
			break;
		MUST(model_at < end);
		r->model.cr = *model_at++ == '\r';
		model_at = skip_after_cr(&r->model, model_at, end);
		MUST(s == model_at && r->line.crlf == r->model.crlf);
		check_line(r, status, &view);
	} while (status != LINE_MORE);
	MUST(s == end && model_at == end && r->line.crlf == r->model.crlf);
}

static void end_line(struct run *r)
{
	struct line_view view;
	enum line_status status = line_end(&r->line, r->max, &view);

	if (status == LINE_MORE)
		MUST(r->model.len == 0);
	else
		check_line(r, status, &view);
}

static void take_piece(struct run *r, const uint8_t *in, const uint8_t *end)
{
	struct telnet_span span;
	enum telnet_event event;

	while ((event = telnet_next(&r->telnet, &in, end, &span)) != TELNET_NONE) {
		switch (event) {
		case TELNET_DATA:
			MUST(span.len > 0);
			take_text(r, span.bytes, span.len);
			break;
		case TELNET_EOF:
			put(&r->story, "E", 1);
			break;
		case TELNET_ERASE_CHARACTER:
			line_erase_character(&r->line);
			r->model.cr = false;
			model_erase(&r->model);
			break;
		case TELNET_ERASE_LINE:
			line_erase(&r->line);
			r->model.cr = false;
			model_clear(&r->model);
			break;
		default:
			MUST(event == TELNET_ANSWER && span.len == TELNET_ANSWER_MAX);
			put(&r->story, "A", 1);
			put(&r->story, span.bytes, span.len);
			break;
		}
	}
	MUST(in == end);
}

/* seed 0: all in one piece; 1: byte by byte; else pieces of 1 to 8 bytes. */
static struct story run(const uint8_t *data, size_t size, size_t max, uint32_t seed)
{
	struct run r = { .max = max };
	const uint8_t *at = data, *end = data + size;

	r.model.bytes = malloc(size + 1);
	MUST(r.model.bytes != NULL);
	while (at < end) {
		size_t left = (size_t)(end - at), n = seed == 0 ? left : 1;

		if (seed > 1) {
			seed = seed * 1664525 + 1013904223;
			n += seed >> 29;
		}
		n = n < left ? n : left;
		/* A copy of just this piece, so that a byte read beyond it is noticed. */
		uint8_t *piece = malloc(n);
		MUST(piece != NULL);
		memcpy(piece, at, n);
		take_piece(&r, piece, piece + n);
		free(piece);
		at += n;
	}
	end_line(&r);
	line_finish(&r.line);
	free(r.model.bytes);
	return r.story;
}

static void must_be_same(const struct story *a, struct story b)
{
	MUST(a->len == b.len && (b.len == 0 || memcmp(a->bytes, b.bytes, b.len) == 0));
	free(b.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	size_t max = 1 + data[0] % 80;
	struct story whole = run(data + 2, size - 2, max, 0);

	must_be_same(&whole, run(data + 2, size - 2, max, 1));
	must_be_same(&whole, run(data + 2, size - 2, max, 2 + data[1]));
	free(whole.bytes);
	return 0;
}
