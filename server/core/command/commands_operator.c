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
#include "server/core/share/ask.h"
#include "server/core/base/secret.h"
#include "server/core/command/args.h"
#include "server/core/command/command.h"

static const char hex_digits[] = "0123456789abcdefABCDEF", address_marks[] = ".:/[]";

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

void command_kick(struct chat *chat, struct client *client, const struct args *args)
{
	struct slice name = { args->text[0], args->len[0] };
	struct slice reason = { args->text[1], args->len[1] };
	struct client *person = roster_find(chat, name.bytes, name.len);
	struct persona *elsewhere = person == NULL ? share_find(chat, name) : NULL;
	char who[WHO_MAX + 1];

	if (elsewhere != NULL) {
		args_log(chat, client, args, 1);
		share_kick(chat, client, elsewhere, reason);
		return;
	}
	if (person == NULL)
		person = roster_find_or_tell(chat, client, name.bytes, name.len);
	if (person == NULL)
		return;
	who[roster_who(chat, person, who)] = '\0';
	args_log(chat, client, args, 1);
	tell_answer(chat, client, "%s was kicked", who);
	presence_kick(chat, person, reason);
}

/* Whether a word that names nobody was rather meant for an address: it is short, too. */
static bool is_like_address(const char *word, size_t len)
{
	bool has_mark = false;

	for (size_t i = 0; i < len; i++) {
		if (memchr(address_marks, word[i], sizeof(address_marks) - 1) != NULL)
			has_mark = true;
		else if (memchr(hex_digits, word[i], sizeof(hex_digits) - 1) == NULL)
			return false;
	}
	return has_mark && len < ADDRESS_TEXT_MAX;
}

/* The prefix that WHO|ADDRESS[/BITS] means; false if none, and the operator has been told so. */
static bool find_prefix(struct chat *chat, struct client *client, const char *word, size_t len,
	struct prefix *prefix)
{
	const struct client *person;

	/* As /who shows it, with a port, it is taken too. */
	if (prefix_parse(prefix, word, len) || prefix_parse_peer(prefix, word, len))
		return true;
	if (roster_find(chat, word, len) == NULL && is_like_address(word, len)) {
		tell_error(chat, client, "%.*s is not an address or a network, such as 192.0.2.7, "
			"192.0.2.0/24 and 2001:db8::/32", (int)len, word);
		return false;
	}
	person = roster_find_or_tell(chat, client, word, len);
	if (person == NULL)
		return false;
	if (person->from.is_front_end ||
		(person->from.family != ADDRESS_V4 && person->from.family != ADDRESS_V6)) {
		tell_error(chat, client, "%.*s has no address that could be banned", (int)len,
			word);
		return false;
	}
	prefix_of(prefix, &person->from);
	return true;
}

static size_t skip_blanks(struct slice s, size_t at)
{
	while (at < s.len && (s.bytes[at] == ' ' || s.bytes[at] == '\t'))
		at++;
	return at;
}

/*
 * "[MINUTES] [TEXT]": minutes is 0 where there are none. A word that begins as a number does has to
 * be one, or a slip of the finger would ban for good. False if it is not.
 */
static bool parse_ban(struct slice rest, uint64_t *minutes, struct slice *reason)
{
	size_t end = 0, at;

	*minutes = 0;
	*reason = rest;
	if (rest.len == 0 || strchr("-+0123456789", rest.bytes[0]) == NULL)
		return true;
	while (end < rest.len && rest.bytes[end] != ' ' && rest.bytes[end] != '\t')
		end++;
	at = skip_blanks(rest, end);
	*reason = (struct slice){ rest.bytes + at, rest.len - at };
	return text_number(rest.bytes, end, UINT32_MAX, minutes) && *minutes > 0;
}

static void tell_banned(struct chat *chat, struct client *client, const struct prefix *prefix,
	uint64_t minutes)
{
	char text[ADDRESS_TEXT_MAX];

	prefix_text(text, prefix);
	if (minutes > 0)
		tell_answer(chat, client, "%s is banned for %" PRIu64 " minute%s", text, minutes,
			minutes > 1 ? "s" : "");
	else
		tell_answer(chat, client, "%s is banned", text);
	if (prefix_has_loopback(prefix))
		tell_answer(chat, client, "nobody on this machine gets in now, nor through a front "
			"end or a tunnel on it");
}

/* Adds a ban; if that can't be done, the operator is told. */
static bool add_ban(struct chat *chat, struct client *client, const struct ban *ban)
{
	bans_expire(&chat->bans, chat->now.usec);
	if (bans_add(&chat->bans, ban) == 0) {
		chat->store_changes++;
		return true;
	}
	if (chat->bans.count >= BANS_MAX)
		tell_error(chat, client, "there are %u bans already, that is the most",
			(unsigned)chat->bans.count);
	else
		tell_error(chat, client, "out of memory, nothing changed");
	return false;
}

/* Whether WHO is on another node, which knows their address: then that is asked for the ban. */
static bool ban_elsewhere(struct chat *chat, struct client *client, const struct args *args,
	uint64_t minutes, struct slice reason)
{
	struct slice name = { args->text[0], args->len[0] };
	struct prefix prefix;
	struct persona *elsewhere;

	if (prefix_parse(&prefix, name.bytes, name.len) ||
		prefix_parse_peer(&prefix, name.bytes, name.len) ||
		roster_find(chat, name.bytes, name.len) != NULL)
		return false;
	elsewhere = share_find(chat, name);
	if (elsewhere == NULL)
		return false;
	args_log(chat, client, args, minutes > 0 ? 2 : 1);
	share_ban(chat, client, elsewhere, minutes, reason);
	return true;
}

void command_ban(struct chat *chat, struct client *client, const struct args *args)
{
	struct slice rest = { args->text[1], args->len[1] }, text;
	struct ban ban = { .until = TIME_NEVER };
	char reason[BAN_REASON_MAX + 1];
	uint64_t minutes;

	if (!parse_ban(rest, &minutes, &text)) {
		tell_error(chat, client, "a ban lasts a number of minutes, from 1 up");
		return;
	}
	if (text.len > BAN_REASON_MAX) {
		tell_error(chat, client, "a reason has at most %d bytes", BAN_REASON_MAX);
		return;
	}
	if (ban_elsewhere(chat, client, args, minutes, text) ||
		!find_prefix(chat, client, args->text[0], args->len[0], &ban.prefix))
		return;
	if (minutes > 0)
		ban.until = chat->now.usec + (int64_t)minutes * 60 * TIME_SECOND;
	if (text.len > 0) {
		memcpy(reason, text.bytes, text.len);
		reason[text.len] = '\0';
		ban.reason = reason;
	}
	ban.by[roster_who(chat, client, ban.by)] = '\0';
	if (!add_ban(chat, client, &ban))
		return;
	args_log(chat, client, args, minutes > 0 ? 2 : 1);
	tell_banned(chat, client, &ban.prefix, minutes);
	presence_close_banned(chat, &ban);
}

void command_unban(struct chat *chat, struct client *client, const struct args *args)
{
	char text[ADDRESS_TEXT_MAX];
	struct prefix prefix, lifted = { 0 };

	if (!prefix_parse(&prefix, args->text[0], args->len[0])) {
		tell_error(chat, client, "/unban takes an address, as /bans shows it");
		return;
	}
	bans_expire(&chat->bans, chat->now.usec);
	/* The ban of that name, or all that keep the address out. */
	while (!prefix_equal(&lifted, &prefix) && bans_remove(&chat->bans, &prefix, &lifted)) {
		prefix_text(text, &lifted);
		tell_answer(chat, client, "%s is no longer banned", text);
	}
	if (lifted.family != ADDRESS_NONE) {
		chat->store_changes++;
		args_log(chat, client, args, ALL_WORDS);
		return;
	}
	prefix_text(text, &prefix);
	tell_error(chat, client, "%s is not banned", text);
}

static void tell_ban(struct chat *chat, struct client *client, const struct ban *ban)
{
	struct stamp until = { 0 };
	char prefix[ADDRESS_TEXT_MAX], by[WHO_MAX + 8] = "";

	prefix_text(prefix, &ban->prefix);
	if (*ban->by != '\0')
		snprintf(by, sizeof(by), ", by %s", ban->by);
	tell_answer(chat, client, "%s %s%s%s%s%s", prefix,
		ban->until == TIME_NEVER ? "for good" : "until ",
		ban->until == TIME_NEVER ? "" : stamp_at(&until, ban_end(ban, chat->now)), by,
		ban->reason != NULL ? ": " : "", ban->reason != NULL ? ban->reason : "");
}

void command_bans_go_on(struct chat *chat, struct client *client)
{
	while (client->list_next < chat->bans.count) {
		if (outbox_waiting(&client->outbox) > OUTBOX_BUSY)
			return;
		tell_ban(chat, client, &chat->bans.list[client->list_next++]);
	}
	client->list = LIST_NONE;
}

void command_bans(struct chat *chat, struct client *client, const struct args *args)
{
	bans_expire(&chat->bans, chat->now.usec);
	tell_answer(chat, client, "%u banned%s", (unsigned)chat->bans.count,
		chat->bans.count > 0 ? ":" : "");
	client->list = LIST_BANS;
	client->list_next = 0;
	command_bans_go_on(chat, client);
}

void command_motd(struct chat *chat, struct client *client, const struct args *args)
{
	struct slice text = { args->text[0], args->len[0] };
	const char *motd = chat_motd(chat);

	if (args->count == 0) {
		if (motd == NULL || *motd == '\0')
			tell_answer(chat, client, "there is no message of the day");
		else
			presence_motd(chat, client);
		return;
	}
	if (text.len > SETTINGS_MOTD_MAX) {
		tell_error(chat, client, "a message of the day has at most %d bytes",
			SETTINGS_MOTD_MAX);
		return;
	}
	/* The file's again. */
	if (text.len == 1 && text.bytes[0] == '-')
		text = (struct slice){ 0 };
	if (settings_set_text(&chat->motd, text.bytes, text.len) < 0) {
		tell_error(chat, client, "out of memory, nothing changed");
		return;
	}
	chat->store_changes++;
	args_log(chat, client, args, 0);
	tell_answer(chat, client, "newcomers see %s from now on",
		text.bytes != NULL ? "it" : "the file's");
}

void command_announce(struct chat *chat, struct client *client, const struct args *args)
{
	struct room *room = NULL;

	args_log(chat, client, args, 0);
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
	args_log(chat, client, args, 0);
	tell_answer(chat, client, "the server is shutting down");
}
