/*
 * Each part has one function for both ways (codec.h): what it takes from the room when the state is
 * saved, it puts there when the state is loaded. Where a list must be built, the ways part for a
 * moment.
 */
#include "server/core/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "proto/text.h"
#include "server/core/client/rate.h"
#include "server/core/room/rooms_plan.h"
#include "server/core/room/roster.h"
#include "server/core/share/share.h"
#include "server/core/share/transfer.h"
#include "server/core/snapshot_client.h"
#include "server/core/snapshot_room.h"
#include "server/core/snapshot_user.h"
#include "server/core/snapshot_wire.h"

/* Version 4 is that of chatd 1.0.0. */
static const char form[] = "chatd state";

enum { OLDEST = 4, NEWEST = 5 };

/* Far above every real number: only damage is larger. */
enum { CLIENTS_MAX = 1 << 24 };

static void serialize_prefix(struct prefix *prefix, struct codec *p)
{
	prefix->family = (uint8_t)codec_number(p, prefix->family, 1, ADDRESS_UNIX);
	prefix->bits = (uint8_t)codec_number(p, prefix->bits, 1, 128);
	codec_array(p, prefix->bytes, sizeof(prefix->bytes));
}

/* Who banned it and why; empty where nothing is known of that. */
static void serialize_author(struct ban *ban, struct codec *p)
{
	size_t len = strlen(ban->by);
	const char *by = codec_bytes(p, ban->by, &len, NICK_MAX);

	if (p->reading && len > 0)
		memcpy(ban->by, by, len);
	ban->reason = codec_text(p, ban->reason, BAN_REASON_MAX);
	if (p->reading && !(text_is_clean(ban->by, strlen(ban->by)) && (ban->reason == NULL ||
			text_is_clean(ban->reason, strlen(ban->reason)))))
		p->failed = true;
}

static void serialize_bans(struct bans *b, struct time now, struct codec *p)
{
	uint64_t count = codec_number(p, b->count, 4, BANS_MAX);

	for (uint64_t i = 0; i < count && !p->failed; i++) {
		struct ban ban = { .until = 0 };

		if (!p->reading)
			ban = b->list[i];
		serialize_prefix(&ban.prefix, p);
		ban.until = codec_time(p, ban.until == TIME_NEVER ? 0 : ban.until);
		/* It was a time of day. */
		if (p->version < 5)
			ban.until = ban_until(ban.until, now);
		else if (ban.until == 0)
			ban.until = TIME_NEVER;
		if (p->version >= 5)
			serialize_author(&ban, p);
		if (!p->reading)
			continue;
		p->failed = p->failed || bans_append(b, &ban) < 0;
		free(ban.reason);
	}
}

static void serialize_claims(struct claims *c, struct codec *p)
{
	uint64_t count = p->version < 5 ? 0 : codec_number(p, c->count, 4, CLAIMS_MAX);

	for (uint64_t i = 0; i < count && !p->failed; i++) {
		struct claim claim = { .used = 0 };

		if (!p->reading)
			claim = c->list[i];
		claim.nick_len = snapshot_nick(claim.nick, claim.nick_len, p);
		codec_array(p, claim.key, sizeof(claim.key));
		claim.used = codec_time(p, claim.used);
		if (p->reading && !p->failed)
			p->failed = claims_add(c, (struct slice){ claim.nick, claim.nick_len },
					    claim.key, claim.used) < 0;
	}
}

static void serialize_session(struct session *a, struct codec *p)
{
	a->due = codec_time(p, a->due);
	a->user.id = (uint32_t)codec_number(p, a->user.id, 4, UINT32_MAX);
	a->number = (uint32_t)codec_number(p, a->number, 4, UINT32_MAX);
	a->user.since = (uint32_t)codec_number(p, a->user.since, 4, UINT32_MAX);
	a->user.last_sender = (uint32_t)codec_number(p, a->user.last_sender, 4, UINT32_MAX);
	codec_array(p, a->user.token, TOKEN_BYTES);
	a->user.has_token = true;
	a->user.nick_len = snapshot_nick(a->user.nick, a->user.nick_len, p);
	snapshot_nick_hash(&a->user, p);
	snapshot_ignored(&a->user.ignores, p);
	snapshot_user_5(&a->user, p);
	if (p->version >= 5) {
		a->leaving = codec_flag(p, a->leaving);
		a->counted = codec_flag(p, a->counted);
	}
}

static void serialize_sessions(struct chat *chat, struct codec *p)
{
	struct sessions *s = &chat->sessions;
	uint64_t count = codec_number(p, s->count, 4, UINT32_MAX);
	struct session *session = NULL;

	for (uint64_t i = 0; i < count && !p->failed; i++) {
		session = p->reading ? sessions_add(s) : sessions_next(s, session);
		p->failed = p->failed || session == NULL;
		if (session == NULL)
			continue;
		serialize_session(session, p);
		session->room = snapshot_where(chat, session->room, p);
	}
}

static void serialize_counters(struct counters *c, struct codec *p)
{
	uint64_t *all[] = { &c->lines, &c->private, &c->bytes_in, &c->bytes_out, &c->connects,
		&c->refused, &c->strangers, &c->errors, &c->missed, &c->lagged,
		&c->history_lost };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		*all[i] = codec_number(p, *all[i], 8, UINT64_MAX);
	c->peak = (uint32_t)codec_number(p, c->peak, 4, UINT32_MAX);
	if (p->version >= 5)
		c->requests = codec_number(p, c->requests, 8, UINT64_MAX);
}

/* The log's lines come last: nobody may see them before all the rest has been read. */
static void serialize_log(struct log *log, struct codec *p)
{
	const char *lines = NULL;
	size_t len = p->reading ? 0 : log_pending(log, &lines);

	lines = codec_bytes(p, lines, &len, LOG_BYTES);
	if (p->reading && !p->failed)
		log_put_back(log, lines, len);
}

static void serialize_invitations(struct chat *chat, struct codec *p)
{
	struct invitations *all = &chat->invitations;
	uint64_t count = p->version < 5 ? 0 : codec_number(p, all->count, 1, INVITATIONS_MAX);

	for (uint64_t i = 0; i < count && !p->failed; i++) {
		struct invitation one = { .room = NULL };

		if (!p->reading)
			one = all->list[i];
		one.room = snapshot_where(chat, one.room, p);
		one.until = codec_time(p, one.until);
		one.uses = (uint32_t)codec_number(p, one.uses, 4, UINT32_MAX);
		codec_array(p, one.word, INVITATION_LEN);
		if (p->reading && !p->failed)
			p->failed = one.uses == 0 || invitations_add(all, &one) < 0;
	}
}

/* When each may go on; who they are is read from their file. */
static void serialize_bots(struct bots *bots, struct codec *p)
{
	uint64_t count = p->version < 5 ? 0 : codec_number(p, bots->count, 4, UINT32_MAX);

	for (uint64_t i = 0; i < count && !p->failed; i++) {
		struct bot none = { .tat = 0 }, *bot = p->reading ? &none : &bots->list[i];
		uint32_t id = (uint32_t)codec_number(p, bot->user.id, 4, UINT32_MAX);
		int64_t tat = codec_time(p, bot->tat);

		if (p->reading)
			bot = bots_by_id(bots, id);
		if (bot != NULL)
			bot->tat = tat;
	}
}

static void serialize_chat(struct chat *chat, struct codec *p)
{
	chat->started.usec = codec_time(p, chat->started.usec);
	chat->started.time = codec_time(p, chat->started.time);
	if (p->reading)
		settings_set_text(&chat->settings.motd, NULL, 0);
	chat->settings.motd = codec_text(p, (char *)chat->settings.motd, SNAPSHOT_HEAP_MAX);
	if (p->version >= 5)
		chat->motd = codec_text(p, (char *)chat->motd, SNAPSHOT_HEAP_MAX);
	snapshot_fault(rooms_first(&chat->rooms), p);
	serialize_counters(&chat->counters, p);
	snapshot_feed(&rooms_first(&chat->rooms)->feed, p);
	snapshot_rooms(chat, p);
	snapshot_clients(chat, p);
	serialize_bans(&chat->bans, chat->now, p);
	serialize_claims(&chat->claims, p);
	serialize_sessions(chat, p);
	serialize_invitations(chat, p);
	serialize_bots(&chat->bots, p);
	if (p->version >= 5)
		share_serialize(chat, p);
	serialize_log(chat->log, p);
}

/* Counts who is here, and what waits for the next tick. */
static void count(struct chat *chat)
{
	/* Until each has been sent something, nobody knows how far behind the readers are. */
	for (struct room *r = NULL; (r = rooms_next(&chat->rooms, r)) != NULL;)
		r->budget = 0;
	for (uint32_t i = 0; i < chat->clients.top; i++) {
		struct client *client = &chat->clients.list[i];

		if (client->state == CLIENT_HERE) {
			chat_reset_rate(chat, client);
			clients_note_user(&chat->clients, client);
			chat->may_hold_tokens = true;
		}
		if (client->state == CLIENT_FREE)
			continue;
		chat_touch(chat, client);
		chat_await(chat, client);
		chat_wake_client(chat, client, chat->now.usec);
		client->member.room->online += client->member.announced;
		if (client->state == CLIENT_HERE || client->state == CLIENT_AUTH)
			chat_count(chat, client, true);
	}
	for (struct session *s = NULL; (s = sessions_next(&chat->sessions, s)) != NULL;) {
		s->room->online += s->counted;
		sessions_note_user(&chat->sessions, s);
	}
	chat_wake_at(chat, chat->now.usec);
}

void snapshot_save(struct chat *chat, struct codec *p)
{
	codec_version(p, form, OLDEST, NEWEST);
	codec_number(p, chat->clients.max, 4, CLIENTS_MAX);
	codec_number(p, rooms_first(&chat->rooms)->feed.size, 8, SNAPSHOT_FEED_MAX);
	serialize_chat(chat, p);
}

int snapshot_load(struct chat *chat, struct codec *p, const struct chat_setup *setup,
	const char **why)
{
	struct settings settings = *setup->settings;
	struct chat_setup own = *setup;
	struct rooms_plan plan = { 0 };

	own.settings = &settings;
	*why = "the snapshot is of another version";
	codec_version(p, form, OLDEST, NEWEST);
	if (p->failed)
		return -1;
	*why = "the snapshot is damaged, does not fit the settings, or memory is out";
	settings.max_clients = (uint32_t)codec_number(p, 0, 4, CLIENTS_MAX);
	settings.feed_bytes = (size_t)codec_number(p, 0, 8, SNAPSHOT_FEED_MAX);
	if (p->failed || feed_message_max(settings.feed_bytes) < MESSAGE_MIN ||
		chat_init(chat, &own) < 0)
		return -1;
	serialize_chat(chat, p);
	if (p->failed || rooms_plan_make(&plan, chat, setup->settings) < 0) {
		share_destroy(chat->share);
		chat_finish(chat);
		return -1;
	}
	rooms_plan_carry_out(&plan, chat);
	if (p->version < 5)
		roster_name_ignored(chat);
	count(chat);
	return 0;
}
