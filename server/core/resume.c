/*
 * Tagged lines, and coming back after a lost connection (docs/protocol.md, "Resuming").
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "proto/text.h"
#include "server/core/input.h"
#include "server/core/presence.h"
#include "server/core/words.h"

/* Everything by which the room knows a person, moved to another slot. */
static void take_over(struct slot *slot, struct absence *absence)
{
	slot->serial = absence->serial;
	slot->since = absence->since;
	slot->writer = absence->writer;
	memcpy(slot->token, absence->token, sizeof(slot->token));
	slot->has_token = true;
	free(slot->ignored);
	slot->ignored = absence->ignored;
	slot->ignored_count = absence->ignored_count;
	absence->ignored = NULL;
	slot->nick_len = absence->nick_len;
	memcpy(slot->nick, absence->nick, absence->nick_len);
}

/* The slot that still holds a token, other than the one that shows it. */
static struct slot *find_holder(const struct room *room, const struct slot *slot,
	const uint8_t token[TOKEN_BYTES])
{
	for (uint32_t i = 0; i < room->slots.top && i < room->slots.max; i++) {
		struct slot *other = &room->slots.list[i];

		if (other != slot && other->state == SLOT_HERE && other->has_token &&
			tokens_equal(other->token, token))
			return other;
	}
	return NULL;
}

/*
 * The person comes back in this slot. The room hears of it only if that changes what somebody is
 * called, or if it was told that the person has left.
 */
static void come_back(struct room *room, struct slot *slot, struct absence *absence)
{
	char before[WHO_MAX], after[WHO_MAX];
	size_t before_len = room_who(room, slot, before), after_len;
	uint32_t own = slots_index(&room->slots, slot) + 1;
	uint32_t number = absence->nick_len == 0 ? absence->number : own;

	take_over(slot, absence);
	absences_remove(&room->absences, absence);
	after_len = room_who(room, slot, after);
	room_log(room, slot, LOG_AT_INFO, "is back");
	presence_take_number(room, slot);
	if (slot->announced && (before_len != after_len || memcmp(before, after, after_len) != 0))
		room_event(room, "%.*s is now %.*s", (int)before_len, before, (int)after_len,
			after);
	if (number == 0) {
		presence_announce(room, slot);
		return;
	}
	if (number != own)
		room_event(room, "#%u is now %.*s", (unsigned)number, (int)after_len, after);
	if (!slot->announced)
		room->online++;
	slot->announced = true;
}

/* One who still holds a token makes way for the one who shows it. */
static void replace(struct room *room, struct slot *holder, struct slot *slot)
{
	uint32_t lost;

	room_error(room, holder, "you have come back on another connection");
	lost = input_move(room, holder, slot);
	if (lost > 0)
		room_error(room, slot, "not carried out: %u lines that waited on your other "
			"connection", (unsigned)lost);
	presence_leave(room, holder, LEAVING_LOST, "", 0);
}

/* Gives the one who shows a token its place back; false if nobody has that token. */
static bool show_token(struct room *room, struct slot *slot, const char *text, size_t len)
{
	uint8_t token[TOKEN_BYTES];
	struct absence *absence;
	struct slot *holder;

	if (!token_parse(token, text, len))
		return false;
	if (slot->has_token && tokens_equal(slot->token, token))
		return true;
	holder = find_holder(room, slot, token);
	if (holder != NULL)
		replace(room, holder, slot);
	absence = absences_by_token(&room->absences, token);
	if (absence != NULL)
		come_back(room, slot, absence);
	else if (holder != NULL) /* no memory to keep it: what waited would be somebody else's */
		room_fail(room, slot);
	return absence != NULL;
}

static void give_token(struct room *room, struct slot *slot)
{
	if (slot->has_token)
		return;
	room->random(slot->token, sizeof(slot->token));
	slot->has_token = true;
}

static void tell_resume(struct room *room, struct slot *slot, uint64_t id)
{
	char token[TOKEN_LEN];

	token_text(token, slot->token);
	room_answer(room, slot, "resume %" PRIu64 " %.*s", id, TOKEN_LEN, token);
}

/* Tags from here on. */
static void tag_on(struct room *room, struct slot *slot)
{
	if (slot->tagged_from == 0)
		slot->tagged_from = room->feed.next;
	tell_resume(room, slot, room->feed.next - 1);
}

/* Every line behind last again, and tags. */
static void go_on_behind(struct room *room, struct slot *slot, uint64_t last)
{
	const struct feed *f = &room->feed;
	uint64_t missed = feed_present(f, last + 1) - last - 1;

	if (missed > 0) {
		room_answer(room, slot, "you missed %" PRIu64 " lines", missed);
		room->counters.missed += missed;
		last += missed;
	}
	tell_resume(room, slot, last);
	/* Private lines do not wait for the feed, which now comes behind them all. */
	reply_hurry(&slot->reply);
	slot->cursor = slot->tagged_from = last + 1;
	/* Whoever asks for more than half of the feed is not waited for meanwhile. */
	if (feed_behind(f, slot->cursor) > f->size / 2)
		slot->lagging = true;
}

/* An ID, however long: one of more digits than any ID will have is still to come, too. */
static bool parse_id(const char *s, size_t len, uint64_t *id)
{
	if (text_number(s, len, UINT64_MAX - 1, id))
		return true;
	*id = UINT64_MAX - 1;
	for (size_t i = 0; i < len; i++)
		if (s[i] < '0' || s[i] > '9')
			return false;
	return true;
}

void resume_run(struct room *room, struct slot *slot, const struct words *words)
{
	uint64_t id = 0;

	if (words->count > 0 && !parse_id(words->text[0], words->len[0], &id)) {
		room_error(room, slot, "/resume takes the number of the last line you have seen");
		return;
	}
	/* Who has seen lines that are still to come was in a room before this one, as was its token. */
	if (words->count > 1 && !show_token(room, slot, words->text[1], words->len[1]) &&
		id < room->feed.next) {
		room_error(room, slot, "nobody is waited for with that token");
		return;
	}
	presence_announce(room, slot);
	give_token(room, slot);
	if (words->count > 0 && id < room->feed.next) {
		go_on_behind(room, slot, id);
		return;
	}
	if (words->count > 0)
		room_error(room, slot, "line %" PRIu64 " has not been said yet, the last is %"
			PRIu64, id, room->feed.next - 1);
	tag_on(room, slot);
}
