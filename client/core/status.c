/*
 * The status line. It is cut where the screen ends, so what matters most stands first.
 */
#include "client/core/status.h"

#include <inttypes.h>
#include <string.h>

#include "proto/text.h"

#define NAMELESS "chatd" /* what a server is called that nobody has given a name */

void place_set_room(struct place_info *p, struct piece name)
{
	if (name.len > NICK_MAX || !text_is_clean(name.s, name.len))
		return;
	memcpy(p->room, name.s, name.len);
	p->room_len = name.len;
}

/* What stands between a text and the next one of some characters. */
static bool between(struct piece text, const char *before, const char *ends, struct piece *found)
{
	for (; text.len; text.s++, text.len--) {
		if (!piece_begins(text, before))
			continue;
		found->s = text.s + strlen(before);
		found->len = 0;
		while (found->s + found->len < text.s + text.len &&
			!strchr(ends, found->s[found->len]))
			found->len++;
		return found->len > 0;
	}
	return false;
}

/* "Tea room: you are #2, 2 of 256 online, room lobby, /help for help" */
static void greeted(struct place_info *p, struct piece text)
{
	struct piece name = { text.s, 0 }, found;
	uint64_t online;

	while (!piece_begins((struct piece){ text.s + name.len, text.len - name.len },
		": you are #"))
		name.len++;
	p->server_len = 0;
	if (name.len <= PLACE_SERVER_MAX && text_is_clean(name.s, name.len) &&
		!piece_is(name, NAMELESS)) {
		memcpy(p->server, name.s, name.len);
		p->server_len = name.len;
	}
	p->room_len = 0;
	if (between(text, ", room ", ",", &found))
		place_set_room(p, found);
	if (between(text, ", ", " ", &found) &&
		text_number(found.s, found.len, UINT32_MAX, &online))
		p->online = online;
}

void place_answered(struct place_info *p, struct piece text)
{
	struct piece found, rest = text, number = piece_word(&rest);
	uint64_t online;

	if (piece_begins(text, "room ") && piece_has(text, " online") &&
		between(text, "room ", ":", &found)) {
		place_set_room(p, found);
		p->online = piece_number(text, ": ");
	} else if (piece_has(text, ": you are #")) {
		greeted(p, text);
	} else if (piece_is(rest, "online:") &&
		text_number(number.s, number.len, UINT32_MAX, &online)) {
		p->online = online;
	}
}

void place_changed(struct place_info *p, struct piece text)
{
	uint64_t online = piece_number(text, " (");

	if (online && piece_has(text, " online)"))
		p->online = online;
}

static void separate(struct buffer *out, size_t start)
{
	if (out->len > start)
		buffer_text(out, " \xc2\xb7 ");
}

void status_put(struct buffer *out, struct piece who, const struct place_info *place,
	uint64_t mentions, const char *connection)
{
	size_t start = out->len;

	buffer_text(out, connection);
	if (who.len) {
		separate(out, start);
		buffer_append(out, who.s, who.len);
	}
	if (place->room_len || place->server_len) {
		bool room = place->room_len > 0;

		separate(out, start);
		buffer_append(out, room ? place->room : place->server,
			room ? place->room_len : place->server_len);
	}
	if (place->online) {
		separate(out, start);
		buffer_format(out, "%" PRIu64 " online", place->online);
	}
	if (mentions) {
		separate(out, start);
		buffer_format(out, "%" PRIu64 " mention%s", mentions, mentions == 1 ? "" : "s");
	}
}
