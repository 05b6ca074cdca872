/*
 * Reads the list of rooms. The rule: after a head that says how many there are, as many lines are
 * its own, so a person's list and one that was asked for unseen are never mixed up.
 */
#include "client/core/rooms.h"

#include <inttypes.h>
#include <string.h>

#include "proto/text.h"

#define ASK "/rooms"

void rooms_ask(struct rooms *r, struct buffer *out)
{
	r->asked++;
	buffer_text(out, ASK "\n");
}

void rooms_lost(struct rooms *r)
{
	r->asked = 0;
	r->left = 0;
}

bool rooms_refused(struct rooms *r, struct piece text)
{
	if (!r->asked || !piece_begins(text, "unknown command " ASK))
		return false;
	r->asked--;
	return true;
}

/* "3 rooms:" */
static bool takes_head(struct rooms *r, struct piece text)
{
	struct piece number = piece_word(&text);

	if (!(piece_is(text, "rooms:") || piece_is(text, "room:")) ||
		!text_number(number.s, number.len, UINT32_MAX, &r->left))
		return false;
	r->hidden = r->asked > 0;
	r->asked -= r->hidden;
	r->list.count = 0;
	r->here.len = 0;
	return true;
}

/* What stands before the topic. */
static struct piece figures_of(struct piece text)
{
	struct piece rest = text;

	for (; rest.len; rest.s++, rest.len--)
		if (piece_begins(rest, " - "))
			return (struct piece){ text.s, text.len - rest.len };
	return text;
}

/* The name of "NAME (you): 3 online, up to 42"; nothing if it is not such a line. */
static struct piece name_of(struct piece figures)
{
	struct piece name = piece_word(&figures);
	bool ends = name.len && name.s[name.len - 1] == ':';

	if (!ends && !piece_begins(figures, "("))
		return (struct piece){ "", 0 };
	return (struct piece){ name.s, name.len - ends };
}

static uint64_t unread_of(const struct rooms *r, struct piece name, struct piece figures,
	uint64_t here)
{
	uint64_t last = piece_number(figures, ", up to ");
	uint64_t read = piece_has(figures, "(you)") ? here : rooms_read(r, name).id;

	return read && last > read ? last - read : 0;
}

enum rooms_line rooms_heard(struct rooms *r, struct piece text, uint64_t here,
	struct buffer *shown)
{
	struct piece figures = figures_of(text), name = name_of(figures);
	uint64_t unread;

	if (takes_head(r, text)) {
		buffer_append(shown, text.s, text.len);
		return r->hidden ? ROOMS_HIDDEN : ROOMS_SHOWN;
	}
	if (!r->left || !name.len)
		return ROOMS_OTHER;
	r->left--;
	roster_came(&r->list, name.s, name.len);
	if (piece_has(figures, "(you)") && r->list.count)
		r->here = r->list.names[r->list.count - 1];
	if (r->hidden)
		return ROOMS_HIDDEN;
	unread = unread_of(r, name, figures, here);
	buffer_append(shown, figures.s, figures.len);
	if (unread)
		buffer_format(shown, ", %" PRIu64 " unread", unread);
	if (r->list.count < 10)
		buffer_format(shown, ", Alt-%zu", r->list.count);
	buffer_append(shown, text.s + figures.len, text.len - figures.len);
	return ROOMS_SHOWN;
}

/* Where in the ring it is remembered, or ROOMS_READ_MAX. */
static size_t find(const struct rooms *r, struct piece room)
{
	size_t count = r->read_count < ROOMS_READ_MAX ? r->read_count : ROOMS_READ_MAX;

	for (size_t i = 0; i < count; i++)
		if (text_compare(r->read[i].name, r->read[i].len, room.s, room.len) == 0)
			return i;
	return ROOMS_READ_MAX;
}

void rooms_set_read(struct rooms *r, struct piece room, struct room_place place)
{
	size_t at = find(r, room);
	struct room_read *read;

	if (!room.len || room.len > sizeof(read->name) || !place.id)
		return;
	if (at == ROOMS_READ_MAX)
		at = r->read_count++ % ROOMS_READ_MAX;
	read = &r->read[at];
	memcpy(read->name, room.s, room.len);
	read->len = room.len;
	read->place = place;
}

struct room_place rooms_read(const struct rooms *r, struct piece room)
{
	size_t at = find(r, room);

	return at < ROOMS_READ_MAX ? r->read[at].place : (struct room_place){ 0, 0 };
}
