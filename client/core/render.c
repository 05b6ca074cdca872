/*
 * How a line looks. The rule: its kind can be told without any colour.
 */
#include "client/core/render.h"

#include <string.h>

#include "client/core/piece.h"

enum {
	/* Of a stamp, "Wed Oct 19 21:24:05 2022". */
	STAMP_TIME = 11,
	STAMP_TIME_LEN = 5,
};

#define STYLE_FAINT "2"
#define STYLE_BOLD "1"
#define STYLE_HIGHLIGHT "1;7"
#define STYLE_ERROR "31"
#define STYLE_PRIVATE "3;35"

static void put(struct layout *l, const char *text, const char *style)
{
	layout_text(l, text, strlen(text), style);
}

static const char *mark(const struct item *item)
{
	return item->found ? "/" : item->own ? ">" : item->mention ? "!" : " ";
}

static void put_time(struct layout *l, const struct item *item, enum palette palette)
{
	if (item->stamp[0]) {
		bool usual = !item->time[0];

		layout_text(l, usual ? item->stamp + STAMP_TIME : item->time,
			usual ? STAMP_TIME_LEN : strlen(item->time),
			palette_style(palette, STYLE_FAINT));
		put(l, mark(item), palette_style(palette, STYLE_BOLD));
	} else if (item->own) {
		put(l, "> ", palette_style(palette, STYLE_BOLD));
	}
}

/* "[", "", "alice", "]: " or the like. */
static void put_who(struct layout *l, const struct item *item, enum palette palette,
	const char *open, const char *close)
{
	const char *style = item->mention && item->kind != MESSAGE_RECEIVED
		? palette_style(palette, STYLE_HIGHLIGHT)
		: palette_of(palette, item_who(item), item->who_len);

	put(l, open, NULL);
	layout_text(l, item_who(item), item->who_len, style);
	put(l, close, NULL);
}

static bool is_announcement(const struct item *item)
{
	return piece_begins((struct piece){ item_text(item), item->text_len }, "announcement: ");
}

/* What stands before the text; returns the style of the text. */
static const char *put_head(struct layout *l, const struct item *item, enum palette palette)
{
	const char *style = NULL;

	put_time(l, item, palette);
	switch (item->kind) {
	case MESSAGE_SAID:
		put_who(l, item, palette, "[", "]: ");
		break;
	case MESSAGE_RECEIVED:
		style = palette_style(palette, STYLE_PRIVATE);
		put_who(l, item, palette, "[", " -> you]: ");
		break;
	case MESSAGE_SENT:
		style = palette_style(palette, STYLE_PRIVATE);
		put_who(l, item, palette, "[you -> ", "]: ");
		break;
	case MESSAGE_ACTION:
		put(l, "* ", NULL);
		put_who(l, item, palette, "", " ");
		break;
	case MESSAGE_EVENT:
		style = palette_style(palette,
			is_announcement(item) ? STYLE_HIGHLIGHT : STYLE_FAINT);
		put(l, "*** ", style);
		break;
	case MESSAGE_ANSWER:
		put(l, "=== ", NULL);
		break;
	case MESSAGE_ERROR:
		style = palette_style(palette, STYLE_ERROR);
		put(l, "!!! ", style);
		break;
	case MESSAGE_OTHER:
		style = item->notice ? palette_style(palette, STYLE_FAINT) : NULL;
		break;
	}
	layout_hang_here(l);
	return style;
}

void render_rest(struct layout *l, const struct item *item, size_t from, const struct look *look)
{
	struct buffer *out = l->out;
	const char *style;

	l->links = look->links;
	l->out = from ? NULL : out; /* the head is only measured, or drawn */
	l->pen.out = l->out;
	style = put_head(l, item, look->palette);
	l->out = out;
	if (from)
		layout_go_on(l);
	layout_text(l, item_text(item) + from, item->text_len - from, style);
}

void render_item(struct layout *l, const struct item *item, const struct look *look)
{
	render_rest(l, item, 0, look);
}

void render_plain(struct buffer *out, const struct item *item)
{
	static const struct look plain = { PALETTE_NONE, false };
	struct layout l;

	layout_begin(&l, out, SIZE_MAX / 2);
	render_item(&l, item, &plain);
	buffer_text(out, "\n");
}

void render_log(struct buffer *out, const struct item *item)
{
	char frame[MESSAGE_FRAME_MAX];
	size_t who_len = item->who_len < WHO_MAX ? item->who_len : WHO_MAX;

	buffer_append(out, frame, message_begin(frame, item->kind, item_who(item), who_len));
	buffer_append(out, item_text(item), item->text_len);
	if (message_is_stamped(item->kind) && item->stamp[0])
		buffer_append(out, frame, message_end(frame, item->kind, item->stamp));
	else
		buffer_text(out, "\n");
}
