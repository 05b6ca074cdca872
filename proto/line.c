/*
 * Bytes to lines. A line that lies whole in the input, with nothing to erase, is handed on as it
 * is; all else goes through the held part byte run by byte run, so that both ways give the same.
 */
#include "proto/line.h"

#include <stdlib.h>
#include <string.h>

enum {
	BS = 0x08,
	DEL = 0x7f,
	HELD_MIN = 64,      /* first allocation, bytes */
	STARTS_MAX = 64,    /* bits in starts */
	CODE_POINT_MAX = 4, /* bytes */
};

static bool is_eraser(uint8_t c)
{
	return c == BS || c == DEL;
}

static bool has_eraser(const uint8_t *s, size_t len)
{
	return memchr(s, BS, len) != NULL || memchr(s, DEL, len) != NULL;
}

/* Whether a code point begins with this byte. */
static bool is_start(uint8_t c)
{
	return (c & 0xc0) != 0x80;
}

/* Empties the line but keeps what is allocated, which may be on view. */
static void clear(struct line *l)
{
	*l = (struct line){ .held = l->held, .size = l->size };
}

void line_finish(struct line *l)
{
	free(l->held);
	*l = (struct line){ 0 };
}

static int reserve(struct line *l, size_t max, size_t need)
{
	if (l->held != NULL && need <= l->size)
		return 0;
	size_t size = l->size > max / 2 ? max : 2 * (size_t)l->size;
	if (size < HELD_MIN)
		size = HELD_MIN;
	if (size < need)
		size = need;
	char *held = realloc(l->held, size);
	if (held == NULL)
		return -1;
	l->held = held;
	l->size = (uint32_t)size;
	return 0;
}

/* Puts bits into the register, of n bytes that come past the limit. */
static void remember(struct line *l, uint64_t bits, unsigned n)
{
	l->starts = n < STARTS_MAX ? l->starts << n | bits : bits;
	l->known = l->known + n < STARTS_MAX ? (uint8_t)(l->known + n) : STARTS_MAX;
}

/* Counts bytes that come past the limit. */
static void count_over(struct line *l, const uint8_t *s, size_t n)
{
	if (n > UINT32_MAX - l->over)
		n = UINT32_MAX - l->over; /* whoever sends 4 GiB without LF gets no exact count */
	l->over += (uint32_t)n;
	for (size_t i = 0; i < n; i++) {
		if (s[i] < 0x80) {
			l->ascii++;
			continue;
		}
		if (l->ascii > 0) {
			unsigned run = l->ascii < STARTS_MAX ? (unsigned)l->ascii : STARTS_MAX;
			remember(l, UINT64_MAX >> (STARTS_MAX - run), run);
			l->ascii = 0;
		}
		remember(l, is_start(s[i]), 1);
	}
}

static int append(struct line *l, size_t max, const uint8_t *s, size_t n)
{
	size_t room = l->over == 0 && l->len < max ? max - l->len : 0;
	size_t fits = n < room ? n : room;

	if (fits > 0) {
		if (reserve(l, max, l->len + fits) < 0)
			return -1;
		memcpy(l->held + l->len, s, fits);
		l->len += (uint32_t)fits;
	}
	count_over(l, s + fits, n - fits);
	return 0;
}

/* Takes away the last byte. Whether a code point began with it: 0 or 1; -1: none can be taken. */
static int pop(struct line *l)
{
	if (l->over == 0)
		return l->len > 0 ? is_start((uint8_t)l->held[--l->len]) : -1;
	if (l->ascii > 0) {
		l->ascii--;
		l->over--;
		return true;
	}
	if (l->known == 0)
		return -1;
	bool start = l->starts & 1;
	l->starts >>= 1;
	l->known--;
	l->over--;
	return start;
}

void line_erase_character(struct line *l)
{
	if (l->cr) {
		l->cr = false;
		return;
	}
	int popped = 0;
	while (popped < CODE_POINT_MAX && pop(l) == 0)
		popped++;
}

void line_erase(struct line *l)
{
	clear(l);
}

/* Takes bytes that hold no LF. The last of them is held back if it is a CR. */
static int take(struct line *l, size_t max, const uint8_t *s, const uint8_t *end)
{
	while (s < end) {
		const uint8_t *run = s;

		while (s < end && !is_eraser(*s))
			s++;
		if (s > run) {
			bool cr = s == end && s[-1] == '\r';

			if (l->cr && append(l, max, (const uint8_t *)"\r", 1) < 0)
				return -1;
			l->cr = cr;
			if (append(l, max, run, (size_t)(s - run) - cr) < 0)
				return -1;
		}
		if (s < end) {
			line_erase_character(l);
			s++;
		}
	}
	return 0;
}

/* Ends a line of len bytes, and over that have not been kept. */
static enum line_status end_line(struct line_view *view, const char *text, size_t len,
	uint64_t over, bool crlf, size_t max)
{
	*view = (struct line_view){ .text = text, .len = len + (size_t)over, .crlf = crlf };
	view->kept = len < max ? len : max;
	return over == 0 && len <= max ? LINE_WHOLE : LINE_LONG;
}

static enum line_status end_held(struct line *l, size_t max, bool crlf, struct line_view *view)
{
	enum line_status status = end_line(view, l->held != NULL ? l->held : "", l->len, l->over,
		crlf, max);

	clear(l);
	return status;
}

static bool is_empty(const struct line *l)
{
	return l->len == 0 && l->over == 0 && !l->cr;
}

void line_release(struct line *l)
{
	if (l->held != NULL && is_empty(l))
		line_finish(l);
}

enum line_status line_next(struct line *l, size_t max, const uint8_t **in, const uint8_t *end,
	struct line_view *view)
{
	const uint8_t *s = *in;
	size_t left = (size_t)(end - s);
	const uint8_t *lf = left > 0 ? memchr(s, '\n', left) : NULL;
	const uint8_t *stop = lf != NULL ? lf : end;
	size_t len = (size_t)(stop - s);

	line_release(l);
	*in = lf != NULL ? lf + 1 : end;
	if (lf != NULL && is_empty(l) && !has_eraser(s, len)) {
		bool crlf = len > 0 && s[len - 1] == '\r';
		return end_line(view, (const char *)s, len - crlf, 0, crlf, max);
	}
	if (take(l, max, s, stop) < 0)
		return LINE_NOMEM;
	return lf != NULL ? end_held(l, max, l->cr, view) : LINE_MORE;
}

enum line_status line_end(struct line *l, size_t max, struct line_view *view)
{
	l->cr = false;
	return is_empty(l) ? LINE_MORE : end_held(l, max, false, view);
}
