/*
 * The list of bots (bots.h). The rule: a bot's number is made of its name, so it is ignored after
 * an upgrade, and when the list is read again, as it was before.
 */
#include "server/core/room/bots.h"

#include <stdlib.h>
#include <string.h>

#include "server/core/base/secret.h"
#include "server/core/room/rooms.h"

enum { WORDS = 4 };

/* Numbers of connections count up from 1 and do not come so far. */
#define BOT_NUMBERS (UINT32_C(1) << 31)

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Cuts a line into words; returns how many there are, WORDS at most. A comment has none. */
static size_t split(struct slice line, struct slice words[WORDS])
{
	size_t count = 0, at = 0;

	while (count < WORDS) {
		while (at < line.len && is_blank(line.bytes[at]))
			at++;
		if (at == line.len || (count == 0 && line.bytes[at] == '#'))
			break;
		size_t start = at;

		while (at < line.len && !is_blank(line.bytes[at]))
			at++;
		words[count++] = (struct slice){ line.bytes + start, at - start };
	}
	return count;
}

/* FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/ */
static uint32_t number_of(struct slice name)
{
	uint32_t hash = UINT32_C(2166136261);

	for (size_t i = 0; i < name.len; i++)
		hash = (hash ^ (uint8_t)name.bytes[i]) * UINT32_C(16777619);
	return BOT_NUMBERS | hash;
}

/* Whether a line is good by itself: NULL, or why it is not. */
static const char *check_line(struct slice line)
{
	struct slice words[WORDS];
	size_t count = split(line, words), len;
	char name[NICK_MAX];

	if (count == 0)
		return NULL;
	if (count != 2 && count != 3)
		return "a line has a name, a token and perhaps a room";
	if (nick_normalize(words[0].bytes, words[0].len, name, &len) != NICK_FINE ||
		nick_check(name, len) != NICK_FINE)
		return "the name could not be a nick";
	if (count == 3 && room_name_read(words[2], name, &len) != NULL)
		return "the room's name could not be one";
	return NULL;
}

/* Adds the bot of a line, if it has one. */
static void add(struct bots *bots, const struct bots *old, struct slice line)
{
	struct slice words[WORDS] = { { 0 } }, nick;
	char name[NICK_MAX];
	struct bot *bot = &bots->list[bots->count];

	if (check_line(line) != NULL || split(line, words) == 0)
		return;
	nick.bytes = name;
	nick_normalize(words[0].bytes, words[0].len, name, &nick.len);
	*bot = (struct bot){ .user.id = number_of(nick), .token = words[1],
		.room = words[2] };
	user_set_nick(&bot->user, nick);
	for (uint32_t i = 0; i < old->count; i++)
		if (old->list[i].user.id == bot->user.id)
			bot->tat = old->list[i].tat;
	bots->count++;
}

static size_t count_lines(const char *text)
{
	size_t lines = 1;

	for (; *text != '\0'; text++)
		lines += *text == '\n';
	return lines;
}

int bots_read(struct bots *bots, const char *text)
{
	struct bots fresh = { 0 };

	if (text == NULL)
		text = "";
	fresh.list = calloc(count_lines(text), sizeof(*fresh.list));
	if (fresh.list == NULL)
		return -1;
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");

		add(&fresh, bots, (struct slice){ text, len });
		text += len + (text[len] == '\n');
	}
	bots_finish(bots);
	*bots = fresh;
	return 0;
}

void bots_finish(struct bots *bots)
{
	free(bots->list);
	*bots = (struct bots){ 0 };
}

static bool is_same_nick(const struct user *a, const struct user *b)
{
	const struct nick_hash *of_a = &a->nick_hash, *of_b = &b->nick_hash;

	return (of_a->folded == of_b->folded || of_a->written == of_b->written) &&
		nick_same(a->nick, a->nick_len, b->nick, b->nick_len);
}

/* Whether the last of a list is told from those before it: NULL, or why it is not. */
static const char *check_last(const struct bots *bots)
{
	const struct bot *last = &bots->list[bots->count - 1];

	for (uint32_t i = 0; i + 1 < bots->count; i++) {
		const struct bot *bot = &bots->list[i];

		if (is_same_nick(&bot->user, &last->user))
			return "another line has this name, or one that looks like it";
		if (bot->token.len == last->token.len &&
			memcmp(bot->token.bytes, last->token.bytes, last->token.len) == 0)
			return "another line has this token";
	}
	return NULL;
}

const char *bots_check(const char *text, unsigned *number)
{
	struct bots none = { 0 }, bots = { 0 };
	const char *why = NULL;

	bots.list = calloc(count_lines(text), sizeof(*bots.list));
	if (bots.list == NULL)
		why = "out of memory";
	for (*number = 1; why == NULL && *text != '\0'; ++*number) {
		size_t len = strcspn(text, "\n");
		uint32_t before = bots.count;

		why = check_line((struct slice){ text, len });
		add(&bots, &none, (struct slice){ text, len });
		if (bots.count > before)
			why = check_last(&bots);
		text += len + (text[len] == '\n');
	}
	--*number;
	bots_finish(&bots);
	return why;
}

struct bot *bots_by_token(const struct bots *bots, struct slice token)
{
	struct bot *found = NULL;

	for (uint32_t i = 0; i < bots->count; i++) {
		struct bot *bot = &bots->list[i];

		if (secret_equal(bot->token.bytes, bot->token.len, token.bytes, token.len))
			found = bot;
	}
	return found;
}

struct bot *bots_by_id(const struct bots *bots, uint32_t user_id)
{
	for (uint32_t i = 0; i < bots->count; i++)
		if (bots->list[i].user.id == user_id)
			return &bots->list[i];
	return NULL;
}

const struct user *bots_by_nick(const struct bots *bots, const char *nick, size_t len)
{
	for (uint32_t i = 0; i < bots->count; i++)
		if (nick_same(bots->list[i].user.nick, bots->list[i].user.nick_len, nick, len))
			return &bots->list[i].user;
	return NULL;
}
