/*
 * The commands of operators.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/text.h"
#include "server/core/room/presence.h"
#include "server/core/room/roster.h"
#include "server/core/room/tell.h"
#include "server/core/base/secret.h"
#include "server/core/command/args.h"

void command_op(struct chat *chat, struct client *client, const struct args *args)
{
	const char *password = chat->settings.operator_password;

	if (client->user.is_operator) {
		tell_answer(chat, client, "you are an operator already");
		return;
	}
	if (password == NULL) {
		tell_error(chat, client, "this server has no operator password");
		return;
	}
	if (!secret_equal(password, strlen(password), args->text[0], args->len[0])) {
		log_client(chat, client, LOG_AT_NOTICE, "gave a wrong password for operators");
		tell_error(chat, client, "wrong password");
		return;
	}
	client->user.is_operator = true;
	log_client(chat, client, LOG_AT_NOTICE, "is an operator now");
	tell_answer(chat, client, "you are an operator now");
	tell_operator_state(chat, client);
}

/* Throws somebody out; the reason is told to them and to the room. */
static void throw_out(struct chat *chat, struct client *person, enum websocket_code code,
	const char *text, size_t len)
{
	const char *how = code == WEBSOCKET_KICKED ? "kicked" : "banned";

	if (len > 0)
		tell_error(chat, person, "you were %s: %.*s", how, (int)len, text);
	else
		tell_error(chat, person, "you were %s", how);
	client_close_with(person, code);
	presence_leave(chat, person, LEAVING_THROWN, len > 0 ? text : how,
		len > 0 ? len : strlen(how));
}

void command_kick(struct chat *chat, struct client *client, const struct args *args)
{
	struct client *person = roster_find_or_tell(chat, client, args->text[0], args->len[0]);
	char who[WHO_MAX + 1];

	if (person == NULL)
		return;
	who[roster_who(chat, person, who)] = '\0';
	log_deed(chat, client, args->name, args->line);
	tell_answer(chat, client, "%s was kicked", who);
	throw_out(chat, person, WEBSOCKET_KICKED, args->text[1], args->len[1]);
}

/* The prefix that WHO|ADDRESS[/BITS] means; false if none, and the operator has been told so. */
static bool find_prefix(struct chat *chat, struct client *client, const char *word, size_t len,
	struct prefix *prefix)
{
	const struct client *person;

	/* As /who shows it, with a port, it is taken too. */
	if (prefix_parse(prefix, word, len) || prefix_parse_peer(prefix, word, len))
		return true;
	person = roster_find_or_tell(chat, client, word, len);
	if (person == NULL)
		return false;
	if (person->from.family != ADDRESS_V4 && person->from.family != ADDRESS_V6) {
		tell_error(chat, client, "%.*s has no address that could be banned", (int)len, word);
		return false;
	}
	prefix_of(prefix, &person->from);
	return true;
}

/* Closes whom a new ban covers, but for operators: nobody locks themselves out. */
static void close_banned(struct chat *chat, const struct prefix *prefix)
{
	for (uint32_t i = 0; i < chat->clients.top && i < chat->clients.max; i++) {
		struct client *person = &chat->clients.list[i];

		if ((person->state == CLIENT_HERE || person->state == CLIENT_AUTH) &&
			!person->user.is_operator && prefix_covers(prefix, &person->from))
			throw_out(chat, person, WEBSOCKET_BANNED, "", 0);
	}
}

void command_ban(struct chat *chat, struct client *client, const struct args *args)
{
	char text[ADDRESS_TEXT_MAX], time[48] = "";
	struct prefix prefix;
	uint64_t minutes = 0;

	if (args->count > 1 &&
		(!text_number(args->text[1], args->len[1], UINT32_MAX, &minutes) ||
			minutes == 0)) {
		tell_error(chat, client, "a ban lasts a number of minutes, from 1 up");
		return;
	}
	if (!find_prefix(chat, client, args->text[0], args->len[0], &prefix))
		return;
	bans_expire(&chat->bans, chat->now.time);
	if (bans_add(&chat->bans, &prefix,
		    minutes > 0 ? chat->now.time + (int64_t)minutes * 60 : 0) < 0) {
		if (chat->bans.count >= BANS_MAX)
			tell_error(chat, client, "there are %u bans already, that is the most",
				(unsigned)chat->bans.count);
		else
			tell_error(chat, client, "out of memory, nothing changed");
		return;
	}
	prefix_text(text, &prefix);
	if (minutes > 0)
		snprintf(time, sizeof(time), " for %" PRIu64 " minute%s", minutes,
			minutes > 1 ? "s" : "");
	log_deed(chat, client, args->name, args->line);
	tell_answer(chat, client, "%s is banned%s", text, time);
	close_banned(chat, &prefix);
}

void command_unban(struct chat *chat, struct client *client, const struct args *args)
{
	char text[ADDRESS_TEXT_MAX];
	struct prefix prefix, lifted = { 0 };

	if (!prefix_parse(&prefix, args->text[0], args->len[0])) {
		tell_error(chat, client, "/unban takes an address, as /bans shows it");
		return;
	}
	bans_expire(&chat->bans, chat->now.time);
	/* The ban of that name, or all that keep the address out. */
	while (!prefix_equal(&lifted, &prefix) && bans_remove(&chat->bans, &prefix, &lifted)) {
		prefix_text(text, &lifted);
		tell_answer(chat, client, "%s is no longer banned", text);
	}
	if (lifted.family != ADDRESS_NONE) {
		log_deed(chat, client, args->name, args->line);
		return;
	}
	prefix_text(text, &prefix);
	tell_error(chat, client, "%s is not banned", text);
}

void command_bans_go_on(struct chat *chat, struct client *client)
{
	struct stamp until = { 0 };

	while (client->list_next < chat->bans.count) {
		const struct ban *ban = &chat->bans.list[client->list_next];
		char text[ADDRESS_TEXT_MAX];

		if (outbox_waiting(&client->outbox) > OUTBOX_BUSY)
			return;
		client->list_next++;
		prefix_text(text, &ban->prefix);
		if (ban->until == 0)
			tell_answer(chat, client, "%s for good", text);
		else
			tell_answer(chat, client, "%s until %s", text, stamp_at(&until, ban->until));
	}
	client->list = LIST_NONE;
}

void command_bans(struct chat *chat, struct client *client, const struct args *args)
{
	bans_expire(&chat->bans, chat->now.time);
	tell_answer(chat, client, "%u banned%s", (unsigned)chat->bans.count,
		chat->bans.count > 0 ? ":" : "");
	client->list = LIST_BANS;
	client->list_next = 0;
	command_bans_go_on(chat, client);
}

void command_motd(struct chat *chat, struct client *client, const struct args *args)
{
	const char *motd = chat->settings.motd;

	if (args->count == 0) {
		if (motd == NULL || *motd == '\0')
			tell_answer(chat, client, "there is no message of the day");
		else
			presence_motd(chat, client);
		return;
	}
	if (settings_set_text(&chat->settings.motd, args->text[0], args->len[0]) < 0) {
		tell_error(chat, client, "out of memory, nothing changed");
		return;
	}
	log_deed(chat, client, args->name, args->line);
	tell_answer(chat, client, "newcomers see it from now on");
}

void command_announce(struct chat *chat, struct client *client, const struct args *args)
{
	struct room *room = NULL;

	log_deed(chat, client, args->name, args->line);
	while ((room = rooms_next(&chat->rooms, room)) != NULL)
		room_notice(chat, room, "announcement: %.*s", (int)args->len[0], args->text[0]);
}

void command_shutdown(struct chat *chat, struct client *client, const struct args *args)
{
	if (settings_set_text(&chat->stop_text, args->text[0], args->len[0]) < 0) {
		tell_error(chat, client, "out of memory, nothing changed");
		return;
	}
	chat->stopping = true;
	log_deed(chat, client, args->name, args->line);
	tell_answer(chat, client, "the server is shutting down");
}
