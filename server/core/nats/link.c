/*
 * The connection to a nats-server (link.h). Two rules: what an idle connection is worth is known
 * only by asking, so a PING goes out every second, and one that is followed by nothing for three
 * seconds ends it (the server's own PINGs come every two minutes); and after a loss the next
 * address is tried, with pauses that grow and differ.
 *
 * https://docs.nats.io/reference/reference-protocols/nats-protocol
 */
#include "server/core/nats/link.h"

#include <stdio.h>
#include <string.h>

#include "proto/text.h"
#include "server/core/base/time.h"
#include "server/core/nats/json.h"

#define PING_EVERY ((int64_t)TIME_SECOND)
#define SILENCE_MAX (3 * (int64_t)TIME_SECOND)   /* after a PING */
#define HANDSHAKE_MAX (3 * (int64_t)TIME_SECOND) /* for each step of it */
#define PAUSE_MIN (100 * (int64_t)TIME_MS)
#define PAUSE_MAX (5 * (int64_t)TIME_SECOND)
#define STEADY_AFTER ((int64_t)TIME_SECOND) /* up for so long: the next pause is a short one */

enum { READ_MIN = 64 * 1024 };

/* Where several copies stay alike while a server is paused: 2.12.3. */
enum { REPLICAS_MAJOR = 2, REPLICAS_MINOR = 12, REPLICAS_PATCH = 3 };

void link_init(struct link *link, const struct link_settings *settings)
{
	*link = (struct link){ .settings = settings, .pause = PAUSE_MIN };
	link->random = settings->seed | 1;
	link->target = settings->targets > 0 ? (uint32_t)(settings->seed % settings->targets) : 0;
}

void link_finish(struct link *link)
{
	buffer_finish(&link->in);
	buffer_finish(&link->out);
}

bool link_wants_dial(const struct link *link, int64_t now)
{
	return link->state == LINK_WAITS && now >= link->dial_at;
}

void link_dialing(struct link *link, int64_t now)
{
	link->state = LINK_DIALS;
	link->deadline = now + HANDSHAKE_MAX;
}

void link_connected(struct link *link, int64_t now)
{
	link->state = LINK_GREETED;
	link->deadline = now + HANDSHAKE_MAX;
}

/* Between a half of a pause and all of it (xorshift64, Marsaglia 2003). */
static int64_t with_jitter(struct link *link, int64_t pause)
{
	link->random ^= link->random << 13;
	link->random ^= link->random >> 7;
	link->random ^= link->random << 17;
	return pause / 2 + (int64_t)(link->random % (uint64_t)(pause / 2 + 1));
}

void link_lose(struct link *link, enum link_fault fault, const char *why, int64_t now)
{
	bool was_steady = link->state == LINK_UP && now - link->up_since >= STEADY_AFTER;

	if (was_steady)
		link->pause = PAUSE_MIN;
	link->dial_at = was_steady ? now : now + with_jitter(link, link->pause);
	link->pause = 2 * link->pause < PAUSE_MAX ? 2 * link->pause : PAUSE_MAX;
	link->state = LINK_WAITS;
	link->target = (link->target + 1) % link->settings->targets;
	link->used = 0;
	link->skip = 0;
	buffer_clear(&link->in);
	buffer_clear(&link->out);
	link->fault = fault;
	snprintf(link->why, sizeof(link->why), "%s", why);
}

char *link_space(struct link *link, size_t *room)
{
	char *space;

	/* All that has come is to be looked at first, so that it stays bounded. */
	if (link->used > 0 || buffer_len(&link->in) >= NATS_LINE_MAX + NATS_MESSAGE_MAX)
		return NULL;
	space = buffer_reserve(&link->in, READ_MIN);
	*room = link->in.size - link->in.end;
	return space;
}

void link_received(struct link *link, size_t len, int64_t now)
{
	link->in.end += len;
	if (link->state == LINK_UP)
		link->deadline = TIME_NEVER;
}

/* "2.12.3", or with something after it: whether it is at least that. */
static bool is_new_enough(struct slice version)
{
	static const uint64_t least[] = { REPLICAS_MAJOR, REPLICAS_MINOR, REPLICAS_PATCH };

	for (size_t i = 0; i < sizeof(least) / sizeof(least[0]); i++) {
		struct slice word = nats_word(&version, '.');
		uint64_t number;
		size_t len = 0;

		while (len < word.len && word.bytes[len] >= '0' && word.bytes[len] <= '9')
			len++;
		if (!text_number(word.bytes, len, UINT32_MAX, &number) || number < least[i])
			return false;
		if (number > least[i])
			return true;
	}
	return true;
}

static void lose_saying(struct link *link, enum link_fault fault, struct slice text, int64_t now)
{
	char why[LINK_WHY_MAX];
	size_t len = text.len < sizeof(why) ? text.len : sizeof(why) - 1;

	/* Of what a stranger says only what a terminal can show. */
	for (size_t i = 0; i < len; i++)
		why[i] = text.bytes[i] >= ' ' && text.bytes[i] <= '~' ? text.bytes[i] : '?';
	why[len] = '\0';
	link_lose(link, fault, why, now);
}

/* The server's first words: may we use it? */
static void greet(struct link *link, struct slice info, int64_t now)
{
	struct slice version = { "", 0 };

	if (!json_find(info, "version", &version)) {
		link_lose(link, LINK_NOT_NATS, "this is not a nats-server", now);
	} else if (json_is(info, "tls_required", (struct slice){ "true", 4 })) {
		link_lose(link, LINK_WANTS_TLS, "it wants TLS, which chatd does not speak", now);
	} else if (link->settings->needs_replicas && !is_new_enough(version)) {
		lose_saying(link, LINK_TOO_OLD, version, now);
	} else {
		nats_put_connect(&link->out, &link->settings->credentials, link->settings->name);
		nats_put_ping(&link->out);
		link->state = LINK_IDENTIFIES;
		link->deadline = now + HANDSHAKE_MAX;
	}
}

static void come_up(struct link *link, int64_t now)
{
	link->state = LINK_UP;
	link->ups++;
	link->up_since = now;
	link->deadline = TIME_NEVER;
	link->ping_at = now + PING_EVERY;
	link->fault = LINK_NO_FAULT;
}

static bool begins_with(struct slice text, const char *word)
{
	return text.len >= strlen(word) &&
		text_compare(text.bytes, strlen(word), word, strlen(word)) == 0;
}

/* -ERR: most are followed by the end of the connection, some are about one operation only. */
static void complain(struct link *link, struct slice text, int64_t now)
{
	if (begins_with(text, "Authorization") || begins_with(text, "User Authentication"))
		lose_saying(link, LINK_DENIED, text, now);
	else if (!begins_with(text, "Invalid") && !begins_with(text, "Permissions"))
		lose_saying(link, LINK_UNREACHABLE, text, now);
}

/* Whatever is not a message. */
static void act(struct link *link, const struct nats_op *op, int64_t now)
{
	switch (op->kind) {
	case NATS_INFO:
		if (link->state == LINK_GREETED)
			greet(link, op->text, now);
		break;
	case NATS_PING:
		nats_put_pong(&link->out);
		break;
	case NATS_PONG:
		if (link->state == LINK_IDENTIFIES)
			come_up(link, now);
		break;
	case NATS_ERR:
		complain(link, op->text, now);
		break;
	case NATS_OK:
	case NATS_MSG:
		break;
	}
}

static void skip_bytes(struct link *link)
{
	size_t here = buffer_len(&link->in);
	size_t len = link->skip < here ? (size_t)link->skip : here;

	buffer_consume(&link->in, len);
	link->skip -= len;
}

bool link_next(struct link *link, struct nats_op *op, int64_t now)
{
	buffer_consume(&link->in, link->used);
	link->used = 0;
	while (link->state >= LINK_GREETED) {
		size_t used;

		skip_bytes(link);
		if (buffer_len(&link->in) == 0)
			return false;
		switch (nats_parse(op, link->in.bytes + link->in.start, buffer_len(&link->in),
			&used)) {
		case NATS_MORE:
			return false;
		case NATS_BROKEN:
			link_lose(link, LINK_NOT_NATS, "this is not a nats-server", now);
			return false;
		case NATS_WHOLE:
			break;
		}
		if (op->kind == NATS_MSG) {
			link->used = used;
			link->skip = op->skip;
			return true;
		}
		act(link, op, now);
		if (link->state != LINK_WAITS)
			buffer_consume(&link->in, used);
	}
	return false;
}

void link_sent(struct link *link, size_t len)
{
	buffer_consume(&link->out, len);
}

void link_tick(struct link *link, int64_t now)
{
	if (link->state == LINK_WAITS)
		return;
	if (link->in.failed || link->out.failed) {
		link_lose(link, LINK_UNREACHABLE, "out of memory", now);
	} else if (now >= link->deadline) {
		link_lose(link, LINK_UNREACHABLE, "no answer", now);
	} else if (link->state == LINK_UP && now >= link->ping_at) {
		nats_put_ping(&link->out);
		link->ping_at = now + PING_EVERY;
		if (link->deadline == TIME_NEVER)
			link->deadline = now + SILENCE_MAX;
	}
}

int64_t link_deadline(const struct link *link)
{
	if (link->state == LINK_WAITS)
		return link->dial_at;
	if (link->state == LINK_UP && link->ping_at < link->deadline)
		return link->ping_at;
	return link->deadline;
}
