/*
 * Bytes to lines. A line that lies whole in the input, with nothing to erase, is handed on as it
 * is; all else goes through the held part run by run, and both ways must give the same. Erasing
 * looks at the bytes as they came, before they are made safe to show.
 */
#include "proto/line.h"

#include <stdlib.h>
#include <string.h>

#include "proto/text.h"

enum {
	BS = 0x08,
	NAK = 0x15, /* Ctrl-U */
	ETB = 0x17, /* Ctrl-W */
	DEL = 0x7f,
	WORD = sizeof(uint64_t), /* bytes that are looked at at once */
	HELD_MIN = 64,           /* first allocation, bytes */
	BEYOND_MIN = 64,         /* likewise */
	CODE_POINT_MAX = 4,      /* bytes */
	NO_BYTE = -1,
};

static const char mark[] = "\xef\xbb\xbf"; /* U+FEFF */

enum { MARK_LEN = sizeof(mark) - 1 };

/*
 * The kinds of bytes, as far as erasing has to tell them apart: each begins at the byte that stands
 * first, and the other one is as good as any of it (Unicode 15, table 3-7). 'x' stands for all
 * that are a code point, or a bad sequence, by themselves.
 */
static const struct kind {
	uint8_t first, example;
} kinds[] = {
	{ 0x00, 'x' }, { 0x80, 0x80 }, { 0x90, 0x90 }, { 0xa0, 0xa0 }, { 0xc0, 'x' },
	{ 0xc2, 0xc2 }, { 0xe0, 0xe0 }, { 0xe1, 0xe1 }, { 0xed, 0xed }, { 0xee, 0xee },
	{ 0xf0, 0xf0 }, { 0xf1, 0xf1 }, { 0xf4, 0xf4 }, { 0xf5, 'x' }, { 0, ' ' },
};

enum {
	KIND_ASCII = 0,
	KIND_BLANK = sizeof(kinds) / sizeof(kinds[0]) - 1,
};

static bool is_blank(int c)
{
	return c == ' ' || c == '\t';
}

static bool is_line_end(uint8_t c)
{
	return c == '\n' || c == '\r';
}

static bool is_special(uint8_t c)
{
	if (c >= ' ' && c != DEL)
		return false;
	return is_line_end(c) || c == BS || c == NAK || c == ETB || c == DEL;
}

/* Not zero if one of the eight bytes at s is a control, or may be one after a byte of ones. */
static uint64_t look_for_controls(const uint8_t *s)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t word;

	memcpy(&word, s, WORD);
	return ((word - ones * ' ') | (word + ones)) & ~word & ones << 7;
}

/* The first byte that ends a line or erases, or end. */
static const uint8_t *find_special(const uint8_t *s, const uint8_t *end)
{
	while (s < end) {
		size_t left = (size_t)(end - s);

		for (; left >= 2 * WORD; left -= 2 * WORD, s += 2 * WORD)
			if ((look_for_controls(s) | look_for_controls(s + WORD)) != 0)
				break;
		if (left >= WORD && look_for_controls(s) == 0) {
			left -= WORD;
			s += WORD;
		}
		for (left = left < WORD ? left : WORD; left > 0; left--, s++)
			if (is_special(*s))
				return s;
	}
	return end;
}

static bool is_empty(const struct line *l)
{
	return l->held == NULL || (l->held->len == 0 && l->held->over == 0);
}

/* Empties the line but keeps what is allocated, which may be on view. */
static void clear(struct line *l)
{
	if (l->held == NULL)
		return;
	l->held->len = 0;
	l->held->over = 0;
	l->held->known = 0;
}

void line_erase(struct line *l)
{
	clear(l);
	l->cr = false;
}

struct line_held *line_hold(struct line *l)
{
	if (l->held == NULL)
		l->held = calloc(1, sizeof(*l->held));
	return l->held;
}

static void free_held(struct line *l)
{
	if (l->held == NULL)
		return;
	free(l->held->bytes);
	free(l->held->beyond);
	free(l->held);
	l->held = NULL;
}

void line_finish(struct line *l)
{
	free_held(l);
	*l = (struct line){ 0 };
}

void line_release(struct line *l)
{
	if (is_empty(l))
		free_held(l);
}

/* Of the first line a byte-order mark may be held besides. */
static size_t room_for(const struct line *l, size_t max)
{
	const struct line_held *h = l->held;
	size_t limit = l->begun ? max : max + MARK_LEN;

	return h->over == 0 && h->len < limit ? limit - h->len : 0;
}

static int reserve(struct line_held *h, size_t limit, size_t need)
{
	if (h->bytes != NULL && need <= h->size)
		return 0;
	size_t size = h->size > limit / 2 ? limit : 2 * (size_t)h->size;
	if (size < HELD_MIN)
		size = HELD_MIN;
	if (size < need)
		size = need;
	char *bytes = realloc(h->bytes, size);
	if (bytes == NULL)
		return -1;
	h->bytes = bytes;
	h->size = (uint32_t)size;
	return 0;
}

static unsigned kind_of(uint8_t c)
{
	unsigned kind = KIND_ASCII;

	if (is_blank(c))
		return KIND_BLANK;
	while (kind + 1 < KIND_BLANK && c >= kinds[kind + 1].first)
		kind++;
	return kind;
}

/* Makes room for one more kind; a ring that has its full size begins again at its start. */
static int reserve_beyond(struct line_held *h)
{
	uint32_t size = h->beyond_size > 0 ? 2 * h->beyond_size : BEYOND_MIN;

	if (h->over / 2 < h->beyond_size || h->beyond_size >= LINE_BEYOND_MAX / 2)
		return 0;
	uint8_t *beyond = realloc(h->beyond, size);
	if (beyond == NULL)
		return -1;
	memset(beyond + h->beyond_size, 0, size - h->beyond_size);
	h->beyond = beyond;
	h->beyond_size = size;
	return 0;
}

/* Counts bytes past the limit, and notes their kinds. */
static int count_over(struct line_held *h, const uint8_t *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (h->over == UINT32_MAX) {
			h->known = 0; /* a line of 4 GiB gets no exact count */
			return 0;
		}
		if (reserve_beyond(h) < 0)
			return -1;
		uint32_t at = h->over % LINE_BEYOND_MAX;
		unsigned shift = at % 2 * 4;
		uint8_t *pair = &h->beyond[at / 2];
		*pair = (uint8_t)((*pair & 0xf0 >> shift) | kind_of(s[i]) << shift);
		h->over++;
		h->known += h->known < LINE_BEYOND_MAX;
	}
	return 0;
}

static int append(struct line *l, size_t max, const uint8_t *s, size_t n)
{
	struct line_held *h = n > 0 ? line_hold(l) : NULL;
	size_t room, fits;

	if (h == NULL)
		return n > 0 ? -1 : 0;
	room = room_for(l, max);
	fits = n < room ? n : room;
	if (fits > 0) {
		if (reserve(h, h->len + room, h->len + fits) < 0)
			return -1;
		memcpy(h->bytes + h->len, s, fits);
		h->len += (uint32_t)fits;
	}
	return count_over(h, s + fits, n - fits);
}

/*
 * The byte before this number of bytes at the end of the line, or one like it; NO_BYTE: none can be
 * seen.
 */
static int byte_back(const struct line_held *h, uint32_t back)
{
	if (h == NULL)
		return NO_BYTE;
	if (back < h->over) {
		uint32_t at = (h->over - 1 - back) % LINE_BEYOND_MAX;

		if (back >= h->known)
			return NO_BYTE;
		return kinds[h->beyond[at / 2] >> at % 2 * 4 & 0xf].example;
	}
	back -= h->over;
	return back < h->len ? (uint8_t)h->bytes[h->len - 1 - back] : NO_BYTE;
}

/* Takes away the last byte, which can be seen. */
static void pop(struct line_held *h)
{
	if (h->over == 0) {
		h->len--;
		return;
	}
	h->over--;
	h->known--;
}

/* How many bytes the last code point has: the last maximal part of it, if it is a bad one. */
static size_t last_length(const struct line_held *h)
{
	char tail[CODE_POINT_MAX];
	uint32_t code;

	for (uint32_t n = 1; n <= CODE_POINT_MAX; n++) {
		int byte = byte_back(h, n - 1);
		char *start = tail + CODE_POINT_MAX - n;

		if (byte == NO_BYTE)
			return n > 1;
		*start = (char)byte;
		/* A continuation byte that no start is near is bad by itself. */
		if ((byte & 0xc0) != 0x80)
			return text_decode(start, n, &code, NULL) == n ? n : 1;
	}
	return 1;
}

void line_erase_character(struct line *l)
{
	l->cr = false;
	for (size_t n = last_length(l->held); n > 0; n--)
		pop(l->held);
}

/* Erases blanks, then what is none up to the next. */
static void erase_word(struct line_held *h)
{
	while (is_blank(byte_back(h, 0)))
		pop(h);
	while (byte_back(h, 0) != NO_BYTE && !is_blank(byte_back(h, 0)))
		pop(h);
}

static void erase(struct line *l, uint8_t eraser)
{
	if (eraser == NAK)
		line_erase(l);
	else if (eraser == ETB)
		erase_word(l->held);
	else
		line_erase_character(l);
}

/* Takes the LF or NUL that belongs to the CR before it. */
static void take_after_cr(struct line *l, const uint8_t **in, const uint8_t *end)
{
	if (!l->cr || *in == end)
		return;
	l->cr = false;
	if (**in == '\n')
		l->crlf = true;
	*in += **in == '\n' || **in == '\0';
}

/* Ends a line of len bytes at text, and those that have not been kept. */
static enum line_status end_line(struct line *l, size_t max, const char *text, size_t len,
	struct line_view *view)
{
	size_t over = l->held != NULL ? l->held->over : 0;

	if (!l->begun && len >= MARK_LEN && memcmp(text, mark, MARK_LEN) == 0) {
		text += MARK_LEN;
		len -= MARK_LEN;
	}
	l->begun = true;
	clear(l);
	*view = (struct line_view){ .text = text, .len = len + over };
	view->kept = len < max ? len : max;
	return over == 0 && len <= max ? LINE_WHOLE : LINE_LONG;
}

static enum line_status end_held(struct line *l, size_t max, struct line_view *view)
{
	const struct line_held *h = l->held;
	bool any = h != NULL && h->bytes != NULL;

	return end_line(l, max, any ? h->bytes : "", any ? h->len : 0, view);
}

enum line_status line_next(struct line *l, size_t max, const uint8_t **in, const uint8_t *end,
	struct line_view *view)
{
	line_release(l);
	take_after_cr(l, in, end);
	while (*in < end) {
		const uint8_t *run = *in, *stop = find_special(run, end);
		bool ends = stop < end && is_line_end(*stop);
		bool held = !ends || !is_empty(l);

		*in = stop;
		if (held && append(l, max, run, (size_t)(stop - run)) < 0)
			return LINE_NOMEM;
		if (stop == end)
			break;
		*in = stop + 1;
		l->cr = *stop == '\r';
		if (!ends) {
			erase(l, *stop);
			continue;
		}
		take_after_cr(l, in, end);
		return held ? end_held(l, max, view)
			: end_line(l, max, (const char *)run, (size_t)(stop - run), view);
	}
	return LINE_MORE;
}

enum line_status line_end(struct line *l, size_t max, struct line_view *view)
{
	return is_empty(l) ? LINE_MORE : end_held(l, max, view);
}
