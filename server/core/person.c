/*
 * The commands that everybody may use.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/text.h"
#include "server/core/nick.h"
#include "server/core/presence.h"
#include "server/core/stream.h"
#include "server/core/words.h"

void person_nick(struct room *room, struct slot *slot, const struct words *words)
{
	const char *nick = words->text[0], *fault = nick_fault(nick, words->len[0]);
	size_t len = words->len[0];
	const struct slot *holder;
	char before[WHO_MAX];
	size_t before_len = room_who(room, slot, before);

	if (fault != NULL) {
		room_error(room, slot, "%s", fault);
		return;
	}
	holder = room_find(room, nick, len);
	if ((holder != NULL && holder != slot) ||
		absences_by_nick(&room->absences, nick, len) != NULL) {
		room_error(room, slot, "the nick %.*s is taken", (int)len, nick);
		return;
	}
	if (before_len == len && memcmp(before, nick, len) == 0) {
		room_answer(room, slot, "you are %.*s already", (int)len, nick);
		return;
	}
	room_log(room, slot, LOG_AT_INFO, "is now %.*s", (int)len, nick);
	memcpy(slot->nick, nick, len);
	slot->nick_len = (uint8_t)len;
	if (slot->announced)
		room_event(room, "%.*s is now %.*s", (int)before_len, before, (int)len, nick);
}

static void tell_person(struct room *room, struct slot *slot, const struct slot *person)
{
	struct stamp since = { 0 };
	char who[WHO_MAX], address[ADDRESS_TEXT_MAX] = "", from[ADDRESS_TEXT_MAX + 8] = "";
	int64_t idle = (room->now.ticks - person->heard) / MOMENT_SECOND;
	int who_len = (int)room_who(room, person, who);

	if (slot->operator) {
		address_text(address, &person->from);
		snprintf(from, sizeof(from), ", from %s", address);
	}
	room_answer(room, slot, "%.*s%s since %s, idle %" PRId64 " s%s", who_len, who,
		person == slot ? " (you)" : person->operator ? " (operator)" : "",
		stamp_at(&since, person->since), idle, from);
}

void person_who_go_on(struct room *room, struct slot *slot)
{
	while (slot->list_next < room->slots.top && slot->list_next < room->slots.max) {
		const struct slot *person = &room->slots.list[slot->list_next];

		if (reply_waiting(&slot->reply) > REPLY_BUSY)
			return;
		slot->list_next++;
		if (person->state == SLOT_HERE && person->announced)
			tell_person(room, slot, person);
	}
	slot->list = LIST_NONE;
}

void person_who(struct room *room, struct slot *slot, const struct words *words)
{
	room_answer(room, slot, "%u online:", (unsigned)room->online);
	slot->list = LIST_WHO;
	slot->list_next = 0;
	person_who_go_on(room, slot);
}

void person_me(struct room *room, struct slot *slot, const struct words *words)
{
	room_say(room, slot, MESSAGE_ACTION, words->text[0], words->len[0]);
}

static void send_private(struct room *room, struct slot *slot, struct slot *to, const char *text,
	size_t len)
{
	char from[WHO_MAX], who[WHO_MAX];
	size_t from_len = room_who(room, slot, from), who_len = room_who(room, to, who);

	if (!reply_fits(&to->reply, MESSAGE_FRAME_MAX + len)) {
		room_error(room, slot, "%.*s is not reading: not sent", (int)who_len, who);
		return;
	}
	room->counters.private++;
	room_tell_text(room, slot, MESSAGE_SENT, who, who_len, text, len);
	/* Who is ignored can't tell. */
	if (slot_ignores(to, slot->serial))
		return;
	to->writer = slot->serial;
	room_tell_text(room, to, MESSAGE_RECEIVED, from, from_len, text, len);
}

void person_msg(struct room *room, struct slot *slot, const struct words *words)
{
	struct slot *to = room_person(room, slot, words->text[0], words->len[0]);

	if (to != NULL)
		send_private(room, slot, to, words->text[1], words->len[1]);
}

void person_r(struct room *room, struct slot *slot, const struct words *words)
{
	struct slot *to = slot->writer != 0 ? room_by_serial(room, slot->writer) : NULL;

	if (slot->writer == 0)
		room_error(room, slot, "nobody has written to you yet");
	else if (to == NULL)
		room_error(room, slot, "who wrote to you last is no longer here");
	else
		send_private(room, slot, to, words->text[0], words->len[0]);
}

/* Forgets the ignored who are gone for good, so that the list does not fill up with them. */
static void prune_ignored(struct room *room, struct slot *slot)
{
	for (uint16_t i = 0; i < slot->ignored_count;) {
		uint32_t serial = slot->ignored[i];

		if (room_by_serial(room, serial) == NULL &&
			absences_by_serial(&room->absences, serial) == NULL)
			slot_unignore(slot, serial);
		else
			i++;
	}
}

static void list_ignored(struct room *room, struct slot *slot)
{
	uint16_t listed = 0;

	for (uint16_t i = 0; i < slot->ignored_count; i++) {
		const struct slot *person = room_by_serial(room, slot->ignored[i]);
		char who[WHO_MAX];

		if (person == NULL)
			continue;
		room_answer(room, slot, "you ignore %.*s", (int)room_who(room, person, who), who);
		listed++;
	}
	if (listed == 0)
		room_answer(room, slot, "you ignore nobody");
}

void person_ignore(struct room *room, struct slot *slot, const struct words *words)
{
	struct slot *person;
	char who[WHO_MAX];

	prune_ignored(room, slot);
	if (words->count == 0) {
		list_ignored(room, slot);
		return;
	}
	person = room_person(room, slot, words->text[0], words->len[0]);
	if (person == NULL)
		return;
	if (person == slot)
		room_error(room, slot, "you can't ignore yourself");
	else if (slot_ignore(slot, person->serial) == 0)
		room_answer(room, slot, "you ignore %.*s from now on",
			(int)room_who(room, person, who), who);
	else if (slot->ignored_count >= IGNORES_MAX)
		room_error(room, slot, "you ignore %u people already, that is the most",
			(unsigned)slot->ignored_count);
	else
		room_error(room, slot, "out of memory: all is as it was");
}

void person_unignore(struct room *room, struct slot *slot, const struct words *words)
{
	struct slot *person = room_person(room, slot, words->text[0], words->len[0]);
	char who[WHO_MAX];
	int len;

	if (person == NULL)
		return;
	len = (int)room_who(room, person, who);
	if (!slot_ignores(slot, person->serial)) {
		room_error(room, slot, "you do not ignore %.*s", len, who);
		return;
	}
	slot_unignore(slot, person->serial);
	room_answer(room, slot, "you see what %.*s says again", len, who);
}

void person_replay(struct room *room, struct slot *slot, const struct words *words)
{
	uint64_t count = room->settings.replay > 0 ? room->settings.replay : SETTINGS_REPLAY;

	if (words->count > 0 &&
		(!text_number(words->text[0], words->len[0], UINT32_MAX, &count) || count == 0)) {
		room_error(room, slot, "/replay takes a number of messages, from 1 up");
		return;
	}
	stream_replay(room, slot, (uint32_t)count);
	if (slot->replay_end == 0)
		room_answer(room, slot, "nothing has been said yet");
	else
		room_answer(room, slot, "the last messages again:");
}

void person_stats(struct room *room, struct slot *slot, const struct words *words)
{
	const struct counters *c = &room->counters;
	const struct feed *f = &room->feed;
	uint64_t held = f->next - f->first;

	room_answer(room, slot, "version %s, uptime %" PRId64 " s", CHAT_VERSION,
		(room->now.ticks - room->started.ticks) / MOMENT_SECOND);
	room_answer(room, slot, "clients: %u now, %u peak, %u most", (unsigned)room->clients,
		(unsigned)c->peak, (unsigned)room->slots.max);
	room_answer(room, slot, "lines: %" PRIu64 " said, %" PRIu64 " private", c->lines,
		c->private);
	room_answer(room, slot, "bytes: %" PRIu64 " in, %" PRIu64 " out", c->bytes_in,
		c->bytes_out);
	room_answer(room, slot, "feed: %" PRIu64 " lines, @%" PRIu64 " to @%" PRIu64
		", %zu of %zu bytes", held, f->first, f->next - 1, feed_behind(f, f->first),
		f->size);
	room_answer(room, slot, "connects: %" PRIu64 ", %" PRIu64 " refused, %" PRIu64
		" strangers", c->connects, c->refused, c->strangers);
	room_answer(room, slot, "errors: %" PRIu64 " told, %" PRIu64 " lines missed, %" PRIu64
		" times lagging, %" PRIu64 " log lines dropped, %" PRIu64 " not in the history",
		c->errors, c->missed, c->lagged, room->log->dropped_total, c->history_lost);
}

void person_quit(struct room *room, struct slot *slot, const struct words *words)
{
	presence_leave(room, slot, LEAVING_WISH, words->text[0], words->len[0]);
}
