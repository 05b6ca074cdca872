/*
 * The commands of operators.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/text.h"
#include "server/core/presence.h"
#include "server/core/secret.h"
#include "server/core/words.h"

void operator_op(struct room *room, struct slot *slot, const struct words *words)
{
	const char *password = room->settings.operator_password;

	if (slot->operator) {
		room_answer(room, slot, "you are an operator already");
		return;
	}
	if (password == NULL) {
		room_error(room, slot, "this server has no operator password");
		return;
	}
	if (!secret_equal(password, strlen(password), words->text[0], words->len[0])) {
		room_log(room, slot, LOG_AT_NOTICE, "gave a wrong password for operators");
		room_error(room, slot, "wrong password");
		return;
	}
	slot->operator = true;
	room_log(room, slot, LOG_AT_NOTICE, "is an operator now");
	room_answer(room, slot, "you are an operator now");
	room_tell_operator(room, slot);
}

/* Throws somebody out; the reason is told to them and to the room. */
static void throw_out(struct room *room, struct slot *person, const char *how, const char *text,
	size_t len)
{
	if (len > 0)
		room_error(room, person, "you were %s: %.*s", how, (int)len, text);
	else
		room_error(room, person, "you were %s", how);
	presence_leave(room, person, LEAVING_THROWN, len > 0 ? text : how,
		len > 0 ? len : strlen(how));
}

void operator_kick(struct room *room, struct slot *slot, const struct words *words)
{
	struct slot *person = room_person(room, slot, words->text[0], words->len[0]);
	char who[WHO_MAX + 1];

	if (person == NULL)
		return;
	who[room_who(room, person, who)] = '\0';
	room_log(room, slot, LOG_AT_NOTICE, "kicked %s", who);
	room_answer(room, slot, "%s was kicked", who);
	throw_out(room, person, "kicked", words->text[1], words->len[1]);
}

/* The prefix that WHO|ADDRESS[/BITS] means; false if none, and the operator has been told so. */
static bool find_prefix(struct room *room, struct slot *slot, const char *word, size_t len,
	struct prefix *prefix)
{
	const struct slot *person;

	if (prefix_parse(prefix, word, len))
		return true;
	person = room_person(room, slot, word, len);
	if (person == NULL)
		return false;
	if (person->from.family != ADDRESS_V4 && person->from.family != ADDRESS_V6) {
		room_error(room, slot, "%.*s has no address that could be banned", (int)len, word);
		return false;
	}
	prefix_of(prefix, &person->from);
	return true;
}

/* Closes whom a new ban covers, but for operators: nobody locks themselves out. */
static void close_banned(struct room *room, const struct prefix *prefix)
{
	for (uint32_t i = 0; i < room->slots.top && i < room->slots.max; i++) {
		struct slot *person = &room->slots.list[i];

		if ((person->state == SLOT_HERE || person->state == SLOT_DOOR) &&
			!person->operator && prefix_covers(prefix, &person->from))
			throw_out(room, person, "banned", "", 0);
	}
}

void operator_ban(struct room *room, struct slot *slot, const struct words *words)
{
	char text[ADDRESS_TEXT_MAX], time[48] = "";
	struct prefix prefix;
	uint64_t minutes = 0;

	if (words->count > 1 &&
		(!text_number(words->text[1], words->len[1], UINT32_MAX, &minutes) ||
			minutes == 0)) {
		room_error(room, slot, "a ban lasts a number of minutes, from 1 up");
		return;
	}
	if (!find_prefix(room, slot, words->text[0], words->len[0], &prefix))
		return;
	bans_expire(&room->bans, room->now.time);
	if (bans_add(&room->bans, &prefix,
		    minutes > 0 ? room->now.time + (int64_t)minutes * 60 : 0) < 0) {
		if (room->bans.count >= BANS_MAX)
			room_error(room, slot, "there are %u bans already, that is the most",
				(unsigned)room->bans.count);
		else
			room_error(room, slot, "out of memory: all is as it was");
		return;
	}
	prefix_text(text, &prefix);
	if (minutes > 0)
		snprintf(time, sizeof(time), " for %" PRIu64 " minute%s", minutes,
			minutes > 1 ? "s" : "");
	room_log(room, slot, LOG_AT_NOTICE, "banned %s%s", text, time);
	room_answer(room, slot, "%s is banned%s", text, time);
	close_banned(room, &prefix);
}

void operator_unban(struct room *room, struct slot *slot, const struct words *words)
{
	char text[ADDRESS_TEXT_MAX];
	struct prefix prefix, lifted = { 0 };

	if (!prefix_parse(&prefix, words->text[0], words->len[0])) {
		room_error(room, slot, "/unban takes an address, as /bans shows it");
		return;
	}
	bans_expire(&room->bans, room->now.time);
	/* The ban of that name, or all that keep the address out. */
	while (!prefix_equal(&lifted, &prefix) && bans_remove(&room->bans, &prefix, &lifted)) {
		prefix_text(text, &lifted);
		room_log(room, slot, LOG_AT_NOTICE, "unbanned %s", text);
		room_answer(room, slot, "%s is no longer banned", text);
	}
	if (lifted.family == ADDRESS_NONE) {
		prefix_text(text, &prefix);
		room_error(room, slot, "%s is not banned", text);
	}
}

void operator_bans_go_on(struct room *room, struct slot *slot)
{
	struct stamp until = { 0 };

	while (slot->list_next < room->bans.count) {
		const struct ban *ban = &room->bans.list[slot->list_next];
		char text[ADDRESS_TEXT_MAX];

		if (reply_waiting(&slot->reply) > REPLY_BUSY)
			return;
		slot->list_next++;
		prefix_text(text, &ban->prefix);
		if (ban->until == 0)
			room_answer(room, slot, "%s for good", text);
		else
			room_answer(room, slot, "%s until %s", text, stamp_at(&until, ban->until));
	}
	slot->list = LIST_NONE;
}

void operator_bans(struct room *room, struct slot *slot, const struct words *words)
{
	bans_expire(&room->bans, room->now.time);
	room_answer(room, slot, "%u banned%s", (unsigned)room->bans.count,
		room->bans.count > 0 ? ":" : "");
	slot->list = LIST_BANS;
	slot->list_next = 0;
	operator_bans_go_on(room, slot);
}

void operator_motd(struct room *room, struct slot *slot, const struct words *words)
{
	const char *motd = room->settings.motd;

	if (words->count == 0) {
		if (motd == NULL || *motd == '\0')
			room_answer(room, slot, "there is no message of the day");
		else
			presence_motd(room, slot);
		return;
	}
	if (settings_set_text(&room->settings.motd, words->text[0], words->len[0]) < 0) {
		room_error(room, slot, "out of memory: all is as it was");
		return;
	}
	room_log(room, slot, LOG_AT_NOTICE, "set the message of the day");
	room_answer(room, slot, "newcomers see it from now on");
}

void operator_announce(struct room *room, struct slot *slot, const struct words *words)
{
	room_log(room, slot, LOG_AT_NOTICE, "made an announcement");
	room_event(room, "announcement: %.*s", (int)words->len[0], words->text[0]);
}

void operator_shutdown(struct room *room, struct slot *slot, const struct words *words)
{
	if (settings_set_text(&room->stop_text, words->text[0], words->len[0]) < 0) {
		room_error(room, slot, "out of memory: all is as it was");
		return;
	}
	room->stopping = true;
	room_log(room, slot, LOG_AT_NOTICE, "shut the server down");
	room_answer(room, slot, "the server is shutting down");
}
