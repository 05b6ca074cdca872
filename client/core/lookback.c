/*
 * Looking back. The rule: what is drawn here stands on the alternate screen of the terminal, so it
 * never gets into its scrollback, where everything is once already.
 */
#include "client/core/lookback.h"

#include <string.h>

#include "client/core/layout.h"

#define CLEAR "\033[H\033[2J"

void lookback_resize(struct lookback *l, size_t width, size_t height)
{
	l->changed |= width != l->width || height != l->height;
	l->width = width;
	l->height = height;
}

/* The number of the oldest line that is kept; below 0 where older ones were put before it. */
static int64_t oldest(const struct scrollback *s)
{
	return (int64_t)s->added - (int64_t)s->count;
}

static int64_t newest(const struct scrollback *s)
{
	return (int64_t)s->added - 1;
}

static size_t place_of(const struct scrollback *s, int64_t number)
{
	return (size_t)(number - oldest(s));
}

static size_t rows_of(const struct lookback *l, const struct lookback_source *from,
	int64_t number)
{
	struct layout layout;

	layout_begin(&layout, NULL, l->width);
	render_item(&layout, scrollback_at(from->scrollback, place_of(from->scrollback, number)),
		from->look);
	layout_end(&layout);
	return layout.rows;
}

/* The rows of a page: the last one of the screen tells the keys. */
static size_t page(const struct lookback *l)
{
	return l->height > 1 ? l->height - 1 : 1;
}

/* The first line of the page, and how many of its rows do not fit. */
static int64_t top(const struct lookback *l, const struct lookback_source *from, size_t *skip)
{
	int64_t first = l->bottom + 1;
	size_t rows = 0;

	while (first > oldest(from->scrollback) && rows < page(l))
		rows += rows_of(l, from, --first);
	*skip = rows > page(l) ? rows - page(l) : 0;
	return first;
}

bool lookback_up(struct lookback *l, const struct lookback_source *from)
{
	const struct scrollback *s = from->scrollback;
	int64_t first;
	size_t skip;

	if (!s->count)
		return false;
	if (!l->open) {
		l->bottom = newest(s);
		l->more = LOOKBACK_MORE_UNKNOWN;
		l->goes_on = false;
	}
	if (l->bottom < oldest(s))
		l->bottom = oldest(s);
	first = top(l, from, &skip);
	if (first == oldest(s) && !skip && l->open)
		return false;
	l->open = l->changed = true;
	if (first > oldest(s) || skip)
		l->bottom = (skip && first < l->bottom) || first <= oldest(s) ? first : first - 1;
	return true;
}

bool lookback_reaches(const struct lookback *l, const struct lookback_source *from, size_t place)
{
	int64_t number = oldest(from->scrollback) + (int64_t)place;
	size_t skip;
	int64_t first = top(l, from, &skip);

	return first < number || (first == number && !skip);
}

void lookback_set_more(struct lookback *l, enum lookback_more more)
{
	l->changed |= more != l->more;
	l->more = more;
}

void lookback_down(struct lookback *l, const struct lookback_source *from)
{
	const struct scrollback *s = from->scrollback;
	size_t rows = 0;

	if (!l->open)
		return;
	if (l->bottom >= newest(s)) {
		l->open = false;
		return;
	}
	while (l->bottom < newest(s) && rows < page(l))
		rows += rows_of(l, from, ++l->bottom);
	if (rows > page(l))
		l->bottom--;
	l->changed = true;
}

void lookback_draw(struct lookback *l, const struct lookback_source *from, struct buffer *out)
{
	static const char *const hints[] = {
		[LOOKBACK_MORE_UNKNOWN] =
			"PageUp, PageDown: look back; Escape or typing: to the end",
		[LOOKBACK_MORE_ASKED] = "asking the server for more; Escape or typing: to the end",
		[LOOKBACK_MORE_NONE] = "there is no more; PageDown, Escape or typing: to the end",
	};
	const char *hint = hints[l->more];
	size_t skip;
	int64_t first;

	if (l->bottom < oldest(from->scrollback))
		l->bottom = oldest(from->scrollback);
	first = top(l, from, &skip);
	buffer_text(out, CLEAR);
	for (int64_t number = first; number <= l->bottom; number++) {
		struct layout layout;

		layout_begin(&layout, out, l->width);
		layout.skip = number == first ? skip : 0;
		render_item(&layout,
			scrollback_at(from->scrollback, place_of(from->scrollback, number)),
			from->look);
		layout_end(&layout);
	}
	buffer_format(out, "\033[%zu;1H", l->height);
	buffer_append(out, hint, strlen(hint) < l->width ? strlen(hint) : l->width);
	l->changed = false;
}
