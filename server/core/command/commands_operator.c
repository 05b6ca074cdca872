/*
 * The commands of operators.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/text.h"
#include "server/core/room/presence.h"
#include "server/core/base/secret.h"
#include "server/core/command/args.h"

void command_op(struct room *room, struct client *client, const struct args *args)
{
	const char *password = room->settings.operator_password;

	if (client->is_operator) {
		room_answer(room, client, "you are an operator already");
		return;
	}
	if (password == NULL) {
		room_error(room, client, "this server has no operator password");
		return;
	}
	if (!secret_equal(password, strlen(password), args->text[0], args->len[0])) {
		room_log(room, client, LOG_AT_NOTICE, "gave a wrong password for operators");
		room_error(room, client, "wrong password");
		return;
	}
	client->is_operator = true;
	room_log(room, client, LOG_AT_NOTICE, "is an operator now");
	room_answer(room, client, "you are an operator now");
	room_tell_operator(room, client);
}

/* Throws somebody out; the reason is told to them and to the room. */
static void throw_out(struct room *room, struct client *person, const char *how, const char *text,
	size_t len)
{
	if (len > 0)
		room_error(room, person, "you were %s: %.*s", how, (int)len, text);
	else
		room_error(room, person, "you were %s", how);
	presence_leave(room, person, LEAVING_THROWN, len > 0 ? text : how,
		len > 0 ? len : strlen(how));
}

void command_kick(struct room *room, struct client *client, const struct args *args)
{
	struct client *person = room_person(room, client, args->text[0], args->len[0]);
	char who[WHO_MAX + 1];

	if (person == NULL)
		return;
	who[room_who(room, person, who)] = '\0';
	room_log(room, client, LOG_AT_NOTICE, "kicked %s", who);
	room_answer(room, client, "%s was kicked", who);
	throw_out(room, person, "kicked", args->text[1], args->len[1]);
}

/* The prefix that WHO|ADDRESS[/BITS] means; false if none, and the operator has been told so. */
static bool find_prefix(struct room *room, struct client *client, const char *word, size_t len,
	struct prefix *prefix)
{
	const struct client *person;

	if (prefix_parse(prefix, word, len))
		return true;
	person = room_person(room, client, word, len);
	if (person == NULL)
		return false;
	if (person->from.family != ADDRESS_V4 && person->from.family != ADDRESS_V6) {
		room_error(room, client, "%.*s has no address that could be banned", (int)len, word);
		return false;
	}
	prefix_of(prefix, &person->from);
	return true;
}

/* Closes whom a new ban covers, but for operators: nobody locks themselves out. */
static void close_banned(struct room *room, const struct prefix *prefix)
{
	for (uint32_t i = 0; i < room->clients.top && i < room->clients.max; i++) {
		struct client *person = &room->clients.list[i];

		if ((person->state == CLIENT_HERE || person->state == CLIENT_AUTH) &&
			!person->is_operator && prefix_covers(prefix, &person->from))
			throw_out(room, person, "banned", "", 0);
	}
}

void command_ban(struct room *room, struct client *client, const struct args *args)
{
	char text[ADDRESS_TEXT_MAX], time[48] = "";
	struct prefix prefix;
	uint64_t minutes = 0;

	if (args->count > 1 &&
		(!text_number(args->text[1], args->len[1], UINT32_MAX, &minutes) ||
			minutes == 0)) {
		room_error(room, client, "a ban lasts a number of minutes, from 1 up");
		return;
	}
	if (!find_prefix(room, client, args->text[0], args->len[0], &prefix))
		return;
	bans_expire(&room->bans, room->now.time);
	if (bans_add(&room->bans, &prefix,
		    minutes > 0 ? room->now.time + (int64_t)minutes * 60 : 0) < 0) {
		if (room->bans.count >= BANS_MAX)
			room_error(room, client, "there are %u bans already, that is the most",
				(unsigned)room->bans.count);
		else
			room_error(room, client, "out of memory: all is as it was");
		return;
	}
	prefix_text(text, &prefix);
	if (minutes > 0)
		snprintf(time, sizeof(time), " for %" PRIu64 " minute%s", minutes,
			minutes > 1 ? "s" : "");
	room_log(room, client, LOG_AT_NOTICE, "banned %s%s", text, time);
	room_answer(room, client, "%s is banned%s", text, time);
	close_banned(room, &prefix);
}

void command_unban(struct room *room, struct client *client, const struct args *args)
{
	char text[ADDRESS_TEXT_MAX];
	struct prefix prefix, lifted = { 0 };

	if (!prefix_parse(&prefix, args->text[0], args->len[0])) {
		room_error(room, client, "/unban takes an address, as /bans shows it");
		return;
	}
	bans_expire(&room->bans, room->now.time);
	/* The ban of that name, or all that keep the address out. */
	while (!prefix_equal(&lifted, &prefix) && bans_remove(&room->bans, &prefix, &lifted)) {
		prefix_text(text, &lifted);
		room_log(room, client, LOG_AT_NOTICE, "unbanned %s", text);
		room_answer(room, client, "%s is no longer banned", text);
	}
	if (lifted.family == ADDRESS_NONE) {
		prefix_text(text, &prefix);
		room_error(room, client, "%s is not banned", text);
	}
}

void command_bans_go_on(struct room *room, struct client *client)
{
	struct stamp until = { 0 };

	while (client->list_next < room->bans.count) {
		const struct ban *ban = &room->bans.list[client->list_next];
		char text[ADDRESS_TEXT_MAX];

		if (outbox_waiting(&client->outbox) > OUTBOX_BUSY)
			return;
		client->list_next++;
		prefix_text(text, &ban->prefix);
		if (ban->until == 0)
			room_answer(room, client, "%s for good", text);
		else
			room_answer(room, client, "%s until %s", text, stamp_at(&until, ban->until));
	}
	client->list = LIST_NONE;
}

void command_bans(struct room *room, struct client *client, const struct args *args)
{
	bans_expire(&room->bans, room->now.time);
	room_answer(room, client, "%u banned%s", (unsigned)room->bans.count,
		room->bans.count > 0 ? ":" : "");
	client->list = LIST_BANS;
	client->list_next = 0;
	command_bans_go_on(room, client);
}

void command_motd(struct room *room, struct client *client, const struct args *args)
{
	const char *motd = room->settings.motd;

	if (args->count == 0) {
		if (motd == NULL || *motd == '\0')
			room_answer(room, client, "there is no message of the day");
		else
			presence_motd(room, client);
		return;
	}
	if (settings_set_text(&room->settings.motd, args->text[0], args->len[0]) < 0) {
		room_error(room, client, "out of memory: all is as it was");
		return;
	}
	room_log(room, client, LOG_AT_NOTICE, "set the message of the day");
	room_answer(room, client, "newcomers see it from now on");
}

void command_announce(struct room *room, struct client *client, const struct args *args)
{
	room_log(room, client, LOG_AT_NOTICE, "made an announcement");
	room_event(room, "announcement: %.*s", (int)args->len[0], args->text[0]);
}

void command_shutdown(struct room *room, struct client *client, const struct args *args)
{
	if (settings_set_text(&room->stop_text, args->text[0], args->len[0]) < 0) {
		room_error(room, client, "out of memory: all is as it was");
		return;
	}
	room->stopping = true;
	room_log(room, client, LOG_AT_NOTICE, "shut the server down");
	room_answer(room, client, "the server is shutting down");
}
