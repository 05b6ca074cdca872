/*
 * The text of the store (store_format.h). What must hold: what is written is read back the same,
 * and no byte of a text can begin a line, as texts are clean of line feeds.
 */
#include "server/core/room/store_format.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/text.h"

static const char header[] = "=== chatd store 1\n";
static const char opening[] = "=== chatd store ";

/* In place of an author who is not known. */
static const char unknown[] = "?";

enum {
	HEADER_LEN = sizeof(header) - 1,
	OPENING_LEN = sizeof(opening) - 1,
	LIST_MIN = 16, /* entries that a list has room for at first */
};

/* Room for one more in a list whose size grows by doubling: the list, or NULL. */
static void *grow(void *list, size_t count, size_t width)
{
	bool is_full = count == 0 || (count >= LIST_MIN && (count & (count - 1)) == 0);

	if (count >= STORE_ROOMS_MAX)
		return NULL;
	return is_full ? realloc(list, (count == 0 ? LIST_MIN : 2 * count) * width) : list;
}

/* The room of this name, made if it is not there yet; NULL when memory is out. */
static struct store_room *room_named(struct store *s, const char *name)
{
	struct store_room *list;
	size_t len = strlen(name);

	for (size_t i = 0; i < s->room_count; i++)
		if (strcmp(s->rooms[i].name, name) == 0)
			return &s->rooms[i];
	list = len <= NICK_MAX ? grow(s->rooms, s->room_count, sizeof(*list)) : NULL;
	if (list == NULL)
		return NULL;
	s->rooms = list;
	list[s->room_count] = (struct store_room){ .slow = 0 };
	memcpy(list[s->room_count].name, name, len + 1);
	return &list[s->room_count++];
}

/* Puts a copy of a text in the place of another. */
static int set_text(char **place, const char *text)
{
	size_t len = strlen(text);
	char *copy = malloc(len + 1);

	if (copy == NULL)
		return -1;
	memcpy(copy, text, len + 1);
	free(*place);
	*place = copy;
	return 0;
}

void store_finish(struct store *s)
{
	for (size_t i = 0; i < s->room_count; i++)
		free(s->rooms[i].topic);
	bans_finish(&s->bans);
	claims_finish(&s->claims);
	free(s->rooms);
	free(s->motd);
	*s = (struct store){ .motd = NULL };
}

static size_t reason_len(const struct ban *ban)
{
	return ban->reason != NULL ? strlen(ban->reason) : 0;
}

/* Memory that a line takes at most, besides its texts. */
enum {
	BAN_LINE = sizeof("ban   : \n") + ADDRESS_TEXT_MAX + 20 + NICK_MAX,
	CLAIM_LINE = sizeof("claim   \n") + NICK_MAX + 2 * SHA256_SIZE + 20,
	ROOM_LINES = sizeof("topic : \nslow  \n") + 2 * NICK_MAX + 10,
};

/* Text that is made, in memory that is large enough for all of it. */
static size_t text_max(const struct store *s)
{
	size_t max = HEADER_LEN + 1 + s->bans.count * BAN_LINE + s->claims.count * CLAIM_LINE +
		s->room_count * ROOM_LINES;

	for (size_t i = 0; i < s->bans.count; i++)
		max += reason_len(&s->bans.list[i]);
	for (size_t i = 0; i < s->room_count; i++)
		max += s->rooms[i].topic != NULL ? strlen(s->rooms[i].topic) : 0;
	/* In the worst case each byte is a line feed. */
	return max + (s->motd != NULL ? strlen(s->motd) + 1 : 0) * sizeof("motd: \n");
}

static char *put_bans(char *at, const struct store *s, struct time now)
{
	for (size_t i = 0; i < s->bans.count; i++) {
		const struct ban *ban = &s->bans.list[i];
		char prefix[ADDRESS_TEXT_MAX];

		if (ban->until <= now.usec)
			continue;
		prefix_text(prefix, &ban->prefix);
		at += snprintf(at, BAN_LINE + reason_len(ban), "ban %s %" PRId64 " %s: %s\n",
			prefix, ban_end(ban, now), *ban->by != '\0' ? ban->by : unknown,
			ban->reason != NULL ? ban->reason : "");
	}
	return at;
}

static char *put_claims(char *at, const struct store *s)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < s->claims.count; i++) {
		const struct claim *claim = &s->claims.list[i];

		at += snprintf(at, CLAIM_LINE, "claim %.*s ", (int)claim->nick_len, claim->nick);
		for (size_t k = 0; k < SHA256_SIZE; k++) {
			*at++ = digits[claim->key[k] >> 4];
			*at++ = digits[claim->key[k] & 15];
		}
		at += snprintf(at, sizeof(" \n") + 20, " %" PRId64 "\n", claim->used);
	}
	return at;
}

static char *put_rooms(char *at, const struct store *s)
{
	for (size_t i = 0; i < s->room_count; i++) {
		const struct store_room *room = &s->rooms[i];

		if (room->topic != NULL)
			at += snprintf(at, sizeof("topic : \n") + NICK_MAX + strlen(room->topic),
				"topic %s: %s\n", room->name, room->topic);
		if (room->has_slow)
			at += snprintf(at, sizeof("slow  \n") + NICK_MAX + 10,
				"slow %s %" PRIu32 "\n", room->name, room->slow);
	}
	return at;
}

static char *put_motd(char *at, const struct store *s)
{
	const char *line = s->motd;

	while (line != NULL) {
		size_t len = strcspn(line, "\n");

		memcpy(at, "motd: ", 6);
		memcpy(at + 6, line, len);
		at += 6 + len;
		*at++ = '\n';
		line = line[len] == '\n' ? line + len + 1 : NULL;
	}
	return at;
}

char *store_text(const struct store *s, struct time now, size_t *len)
{
	char *text = malloc(text_max(s));
	char *at = text;

	if (text == NULL)
		return NULL;
	memcpy(at, header, HEADER_LEN);
	at = put_bans(at + HEADER_LEN, s, now);
	at = put_claims(at, s);
	at = put_rooms(at, s);
	at = put_motd(at, s);
	*len = (size_t)(at - text);
	return text;
}

enum store_origin store_origin(const char *bytes, size_t len)
{
	if (len == 0)
		return STORE_EMPTY;
	if (len >= HEADER_LEN && memcmp(bytes, header, HEADER_LEN) == 0)
		return STORE_OURS;
	if (len >= OPENING_LEN && memcmp(bytes, opening, OPENING_LEN) == 0)
		return STORE_NEWER;
	return STORE_FOREIGN;
}

/* The rest of a line, which its words are taken from. */
struct words {
	const char *at;
	size_t len;
};

/* The next word, up to a character, which is taken too: false if that is not there. */
static bool next_word(struct words *w, char end, const char **word, size_t *len)
{
	const char *found = w->len > 0 ? memchr(w->at, end, w->len) : NULL;

	if (found == NULL || found == w->at)
		return false;
	*word = w->at;
	*len = (size_t)(found - w->at);
	w->len -= *len + 1;
	w->at = found + 1;
	return true;
}

static bool next_number(struct words *w, char end, uint64_t max, uint64_t *number)
{
	const char *word;
	size_t len;

	return next_word(w, end, &word, &len) && text_number(word, len, max, number);
}

/* A nick or the name of a room: no blank, no colon. */
static bool next_name(struct words *w, char end, char out[NICK_MAX + 1])
{
	const char *word;
	size_t len;

	if (!next_word(w, end, &word, &len) || len > NICK_MAX ||
		memchr(word, ' ', len) != NULL || memchr(word, ':', len) != NULL)
		return false;
	memcpy(out, word, len);
	out[len] = '\0';
	return true;
}

/* The rest of a line after a colon, " TEXT": false if it is none. */
static bool last_text(struct words *w, char out[STORE_LINE_MAX + 1], size_t max)
{
	if (w->len == 0 || w->at[0] != ' ' || w->len - 1 > max)
		return false;
	memcpy(out, w->at + 1, w->len - 1);
	out[w->len - 1] = '\0';
	return true;
}

enum reading { READ, SKIPPED, NO_MEMORY };

static enum reading result(int rc)
{
	return rc == 0 ? READ : NO_MEMORY;
}

static enum reading read_ban(struct store *s, struct words *w, struct time now)
{
	char reason[STORE_LINE_MAX + 1];
	struct ban ban = { .until = 0 };
	const char *word;
	uint64_t end;
	size_t len;

	if (!next_word(w, ' ', &word, &len) || !prefix_parse(&ban.prefix, word, len) ||
		!next_number(w, ' ', INT64_MAX, &end) || !next_name(w, ':', ban.by) ||
		!last_text(w, reason, BAN_REASON_MAX))
		return SKIPPED;
	if (s->bans.count >= BANS_MAX)
		return SKIPPED;
	ban.until = ban_until((int64_t)end, now);
	if (ban.until <= now.usec)
		return READ;
	if (strcmp(ban.by, unknown) == 0)
		ban.by[0] = '\0';
	ban.reason = *reason != '\0' ? reason : NULL;
	return result(bans_append(&s->bans, &ban));
}

static enum reading read_claim(struct store *s, struct words *w, struct time now)
{
	char nick[NICK_MAX + 1];
	uint8_t key[SHA256_SIZE];
	const char *word;
	uint64_t used;
	size_t len;

	if (!next_name(w, ' ', nick) || !nick_is_readable(nick, strlen(nick)) ||
		!next_word(w, ' ', &word, &len) || len != 2 * (size_t)SHA256_SIZE ||
		!text_hex(key, SHA256_SIZE, word) ||
		!text_number(w->at, w->len, INT64_MAX, &used) ||
		s->claims.count >= CLAIMS_MAX)
		return SKIPPED;
	/* The clock may have been ahead. */
	if ((int64_t)used > now.time)
		used = (uint64_t)now.time;
	return result(claims_add(&s->claims, (struct slice){ nick, strlen(nick) }, key,
		(int64_t)used));
}

static enum reading read_topic(struct store *s, struct words *w, struct time now)
{
	char name[NICK_MAX + 1], text[STORE_LINE_MAX + 1];

	struct store_room *room;

	if (!next_name(w, ':', name) || !last_text(w, text, STORE_TEXT_MAX))
		return SKIPPED;
	room = room_named(s, name);
	return result(room != NULL ? set_text(&room->topic, text) : -1);
}

static enum reading read_slow(struct store *s, struct words *w, struct time now)
{
	char name[NICK_MAX + 1];
	struct store_room *room;
	uint64_t seconds;

	if (!next_name(w, ' ', name) || !text_number(w->at, w->len, UINT32_MAX, &seconds))
		return SKIPPED;
	room = room_named(s, name);
	if (room == NULL)
		return NO_MEMORY;
	room->slow = (uint32_t)seconds;
	room->has_slow = true;
	return READ;
}

static enum reading read_motd(struct store *s, struct words *w, struct time now)
{
	size_t before = s->motd != NULL ? strlen(s->motd) + 1 : 0;
	char line[STORE_LINE_MAX + 1];
	char *motd;

	if (!last_text(w, line, STORE_LINE_MAX) || before + strlen(line) > STORE_MOTD_MAX)
		return SKIPPED;
	motd = realloc(s->motd, before + strlen(line) + 1);
	if (motd == NULL)
		return NO_MEMORY;
	if (before > 0)
		motd[before - 1] = '\n';
	memcpy(motd + before, line, strlen(line) + 1);
	s->motd = motd;
	return READ;
}

static enum reading read_line(struct store *s, const char *line, size_t len, struct time now)
{
	static const struct {
		const char *word;
		enum reading (*read)(struct store *s, struct words *w, struct time now);
	} kinds[] = {
		{ "ban ", read_ban },
		{ "claim ", read_claim },
		{ "topic ", read_topic },
		{ "slow ", read_slow },
		{ "motd:", read_motd },
	};

	if (len > STORE_LINE_MAX || !text_is_clean(line, len))
		return SKIPPED;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t word_len = strlen(kinds[i].word);
		struct words rest = { line + word_len, len - word_len };

		if (len >= word_len && memcmp(line, kinds[i].word, word_len) == 0)
			return kinds[i].read(s, &rest, now);
	}
	return SKIPPED;
}

int store_read(struct store *s, struct slice text, struct time now, struct store_skipped *skipped)
{
	size_t number = 0;

	*skipped = (struct store_skipped){ .count = 0 };
	while (text.len > 0) {
		const char *lf = memchr(text.bytes, '\n', text.len);
		size_t line_len = lf != NULL ? (size_t)(lf - text.bytes) : text.len;
		enum reading got = READ;

		if (++number > 1)
			got = read_line(s, text.bytes, line_len, now);
		if (got == NO_MEMORY)
			return -1;
		if (got == SKIPPED && skipped->count++ == 0)
			skipped->first = number;
		text.bytes += line_len + (lf != NULL);
		text.len -= line_len + (lf != NULL);
	}
	return 0;
}
