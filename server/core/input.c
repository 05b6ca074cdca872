#include "server/core/input.h"

#include <stdlib.h>
#include <string.h>

#include "proto/text.h"
#include "server/core/command.h"
#include "server/core/door.h"
#include "server/core/flow.h"
#include "server/core/presence.h"
#include "server/core/stranger.h"

static bool is_listened_to(const struct slot *slot)
{
	return (slot->state == SLOT_HERE || slot->state == SLOT_DOOR) && !slot->failed;
}

bool input_may_go_on(struct room *room, struct slot *slot)
{
	int64_t when;

	if (reply_waiting(&slot->reply) > REPLY_BUSY)
		return false;
	if (slot->state == SLOT_DOOR)
		return door_is_open(slot);
	if (slot->list != LIST_NONE || slot->replay_end != 0 || !flow_is_open(room))
		return false;
	if (flow_may_speak(room, slot, &when))
		return true;
	room_wake_at(room, when);
	return false;
}

/* What somebody in the room says. */
static void say(struct room *room, struct slot *slot, const char *line, size_t len)
{
	if (line[0] == '/' && (len == 1 || line[1] != '/')) {
		command_run(room, slot, line + 1, len - 1);
		return;
	}
	presence_announce(room, slot);
	if (line[0] == '/') {
		line++;
		len--;
	}
	room_say(room, slot, MESSAGE_SAID, line, len);
}

/* Has input wait, behind what waits already. */
static void put_off(struct room *room, struct slot *slot, const void *bytes, size_t len)
{
	size_t before = slot->waiting != NULL ? slot->waiting_len : 0;
	uint8_t *waiting;

	if (len == 0)
		return;
	waiting = realloc(slot->waiting, before + len);
	if (waiting == NULL) {
		room_fail(room, slot);
		return;
	}
	memcpy(waiting + before, bytes, len);
	if (slot->waiting == NULL)
		slot->waiting_at = 0;
	slot->waiting = waiting;
	slot->waiting_len = (uint32_t)(before + len);
	room->waiting = true;
}

/* Whether a line is said to the room, not done. */
static bool is_message(const struct line_view *view)
{
	return view->len == 0 || view->text[0] != '/' ||
		(view->len > 1 && view->text[1] == '/') ||
		(view->len > 4 && memcmp(view->text, "/me ", 4) == 0);
}

/* A line that was said on another connection. False if it can't be said on this one. */
static bool inherit(struct room *room, struct slot *heir, bool whole, const struct line_view *view)
{
	size_t before = heir->waiting != NULL ? heir->waiting_len : 0;

	if (!whole || !is_message(view) || before + view->len >= INPUT_MAX)
		return false;
	put_off(room, heir, view->text, view->len);
	put_off(room, heir, "\n", 1);
	/* It is read as telnet once more. What is no UTF-8 may as well be another byte that is none. */
	for (size_t i = before; !heir->failed && i < heir->waiting_len; i++)
		if (heir->waiting[i] == TELNET_IAC)
			heir->waiting[i] = TELNET_IAC - 1;
	return true;
}

/* One line; of one that is too long only the beginning is there. */
static void act_on(struct room *room, struct slot *slot, bool whole, const struct line_view *view)
{
	const char *stranger = NULL;

	if (room->heir != NULL) {
		room->not_inherited += !inherit(room, room->heir, whole, view);
		return;
	}
	if (!slot->spoken)
		stranger = stranger_line(view->text, view->kept, whole);
	if (stranger != NULL) {
		presence_turn_away(room, slot, stranger);
		return;
	}
	if (view->crlf)
		slot->crlf = true;
	if (slot->state == SLOT_DOOR) {
		slot->spoken = true;
		door_knock(room, slot, view->text, whole ? view->len : 0);
		return;
	}
	if (whole && text_is_blank(view->text, view->len))
		return;
	slot->spoken = true;
	slot->heard = room->now.ticks;
	flow_spoken(room, slot);
	if (whole) {
		say(room, slot, view->text, view->len);
		return;
	}
	presence_announce(room, slot);
	room_error(room, slot, "message too long (%zu bytes, at most %u): not sent", view->len,
		(unsigned)room->settings.max_message);
}

/* Whether more of what is being taken can be; not if something else is to be taken first. */
static bool may_take(struct room *room, struct slot *slot)
{
	return is_listened_to(slot) && slot->waiting == NULL &&
		(room->heir != NULL || input_may_go_on(room, slot));
}

/* Text bytes, from *in up to end; stops behind a line after which the client has to wait. */
static void take_text(struct room *room, struct slot *slot, const uint8_t **in,
	const uint8_t *end)
{
	struct line_view view;
	enum line_status status;
	const char *stranger;

	while (*in < end && may_take(room, slot)) {
		stranger = NULL;
		if (!slot->spoken)
			stranger = stranger_bytes(*in, (size_t)(end - *in), slot->line.cr);
		if (stranger != NULL) {
			presence_turn_away(room, slot, stranger);
			return;
		}
		status = line_next(&slot->line, room->settings.max_message, in, end, &view);
		if (status == LINE_NOMEM)
			room_fail(room, slot);
		if (status == LINE_WHOLE || status == LINE_LONG)
			act_on(room, slot, status == LINE_WHOLE, &view);
	}
	line_release(&slot->line);
}

static void end_line(struct room *room, struct slot *slot)
{
	struct line_view view;
	enum line_status status = line_end(&slot->line, room->settings.max_message, &view);

	if (status == LINE_WHOLE || status == LINE_LONG)
		act_on(room, slot, status == LINE_WHOLE, &view);
	line_release(&slot->line);
}

/* One event of the telnet layer; false if the client has to wait, with *in at what is left. */
static bool take_telnet(struct room *room, struct slot *slot, const uint8_t **in,
	const uint8_t *end)
{
	struct telnet_span span;
	enum telnet_event event = telnet_next(slot->telnet, in, end, &span);
	const uint8_t *text;

	/* Before the text behind it is acted on, and answered. */
	if (slot->telnet->negotiating)
		slot->crlf = true;
	switch (event) {
	case TELNET_DATA:
		text = span.bytes;
		take_text(room, slot, &text, span.bytes + span.len);
		if (text < span.bytes + span.len && is_listened_to(slot)) {
			*in = text;
			telnet_unread(slot->telnet);
			return false;
		}
		break;
	case TELNET_LINE_END:
		end_line(room, slot);
		break;
	case TELNET_ERASE_CHARACTER:
		line_erase_character(&slot->line);
		break;
	case TELNET_ERASE_LINE:
		line_erase(&slot->line);
		break;
	case TELNET_ANSWER:
		room_tell_raw(room, slot, span.bytes, span.len);
		break;
	case TELNET_NONE:
		break;
	}
	if (is_listened_to(slot) && slot->telnet->negotiating)
		door_hide(room, slot);
	return true;
}

/* The first IAC makes a telnet client of it. */
static bool begins_telnet(struct room *room, struct slot *slot, const uint8_t *in, size_t len)
{
	if (slot->telnet == NULL && memchr(in, TELNET_IAC, len) != NULL) {
		slot->telnet = calloc(1, sizeof(*slot->telnet));
		if (slot->telnet == NULL)
			room_fail(room, slot);
	}
	return slot->telnet != NULL;
}

/* Returns how many bytes were taken. */
static size_t take(struct room *room, struct slot *slot, const uint8_t *bytes, size_t len)
{
	const uint8_t *in = bytes, *end = bytes + len;
	bool telnet = begins_telnet(room, slot, bytes, len);

	while (in < end && may_take(room, slot)) {
		if (!telnet)
			take_text(room, slot, &in, end);
		else if (!take_telnet(room, slot, &in, end))
			break;
	}
	return is_listened_to(slot) ? (size_t)(in - bytes) : len;
}

void input_receive(struct room *room, struct slot *slot, const uint8_t *bytes, size_t len)
{
	size_t taken;

	room->counters.bytes_in += len;
	taken = take(room, slot, bytes, len);
	put_off(room, slot, bytes + taken, len - taken);
}

uint32_t input_move(struct room *room, struct slot *from, struct slot *to)
{
	uint8_t *bytes = from->waiting;

	if (bytes == NULL)
		return 0;
	from->waiting = NULL;
	room->heir = to;
	room->not_inherited = 0;
	take(room, from, bytes + from->waiting_at, from->waiting_len - from->waiting_at);
	room->heir = NULL;
	free(bytes);
	if (to->paid < from->paid)
		to->paid = from->paid;
	return room->not_inherited;
}

/* Whether the end of the input has to wait, since something before it is still to be answered. */
static bool is_busy(const struct slot *slot)
{
	return slot->waiting != NULL || slot->list != LIST_NONE ||
		(slot->pausing && !slot->deaf);
}

void input_end(struct room *room, struct slot *slot)
{
	if (!is_busy(slot) && is_listened_to(slot) && !slot->deaf)
		end_line(room, slot);
	if (is_busy(slot))
		room->waiting = true;
	else
		presence_leave(room, slot, LEAVING_LOST, "", 0);
}

static void take_up_waiting(struct room *room, struct slot *slot)
{
	uint8_t *bytes = slot->waiting;
	uint32_t at = slot->waiting_at, len = slot->waiting_len;

	/* Taken out of the slot, so that nothing frees it underfoot. */
	slot->waiting = NULL;
	at += (uint32_t)take(room, slot, bytes + at, len - at);
	if (slot->waiting == NULL && is_listened_to(slot) && at < len) {
		slot->waiting = bytes;
		slot->waiting_at = at;
		return;
	}
	if (is_listened_to(slot))
		put_off(room, slot, bytes + at, len - at);
	free(bytes);
}

void input_catch_up(struct room *room, struct slot *slot)
{
	if (!is_listened_to(slot))
		return;
	if (slot->waiting != NULL && input_may_go_on(room, slot))
		take_up_waiting(room, slot);
	if (slot->waiting != NULL)
		room->waiting = true;
	else if (slot->ended)
		input_end(room, slot);
}

bool input_is_due(struct room *room, struct slot *slot)
{
	if (!is_listened_to(slot))
		return false;
	if (slot->waiting != NULL)
		return input_may_go_on(room, slot);
	return slot->ended && !is_busy(slot);
}
