/*
 * /search (docs/protocol.md, "Commands"). The rule: in one turn no more than SEARCH_BYTES of any
 * feed are looked through, for all who search together, so that nobody else waits for it.
 *
 * In a line eight places are looked at together, for the first and the last byte of the text,
 * without regard to case. How long it takes hardly depends on how often the text is there.
 */
#include "server/core/command/search.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "server/core/room/tell.h"

enum {
	WORD = sizeof(uint64_t), /* places that are looked at together */
	LINE_COST = 32,          /* bytes that could be looked through while a line is begun */
	NAME_COST = 8192,        /* the same while a name is compared */
	NAME_TRIES = 8,          /* places in which a name may be remembered */
};

_Static_assert(MESSAGE_END_LEN - WORD >= 0, "a word that begins in a text ends in its line");

/* One byte of a text, WORD times: lower case, and what makes an upper case letter that. */
struct needle_byte {
	uint64_t c, bit;
};

/* A text, lower case, as it is looked for. */
struct needle {
	const char *text;
	size_t len;
	struct needle_byte first, last;
};

/* What makes an upper case letter a lower case one, for bytes that are to be compared with c. */
static unsigned char case_bit(char c)
{
	return c >= 'a' && c <= 'z' ? 0x20 : 0;
}

static struct needle_byte byte_of(char c)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);

	return (struct needle_byte){ ones * (unsigned char)c, ones * case_bit(c) };
}

static struct needle needle_of(const struct search *s)
{
	const char *text = s->bytes + s->who_len;
	size_t len = s->text_len;

	return (struct needle){ text, len, byte_of(text[0]), byte_of(text[len - 1]) };
}

/* Zero in each byte that is the one that is looked for. */
static uint64_t differences(const char *s, struct needle_byte byte)
{
	uint64_t word;

	memcpy(&word, s, WORD);
	return (word | byte.bit) ^ byte.c;
}

/* The high bit of each byte that is zero. */
static uint64_t mark_zeroes(uint64_t word)
{
	const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);

	return ~(((word & low) + low) | word | low);
}

/* Which of the bytes that are marked stands first in memory. */
static size_t first_marked(uint64_t marks)
{
#if defined(__GNUC__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return (size_t)__builtin_ctzll(marks) / 8;
#else
	unsigned char bytes[WORD];
	size_t i = 0;

	memcpy(bytes, &marks, WORD);
	while (bytes[i] == 0)
		i++;
	return i;
#endif
}

static bool is_at(const char *s, const struct needle *n)
{
	for (size_t i = 0; i < n->len; i++)
		if (((unsigned char)s[i] | case_bit(n->text[i])) != (unsigned char)n->text[i])
			return false;
	return true;
}

/* Whether the needle begins at one of these places; WORD bytes more can be read after each. */
static bool is_among(const char *s, size_t places, const struct needle *n)
{
	for (size_t at = 0; at < places; at += WORD) {
		const char *word = s + at;
		uint64_t marks = mark_zeroes(differences(word, n->first) |
			differences(word + n->len - 1, n->last));

		if (marks == 0)
			continue;
		for (size_t i = first_marked(marks); i < WORD && at + i < places; i++)
			if (is_at(word + i, n))
				return true;
	}
	return false;
}

/* Where the text of a message or an action begins, after "[WHO]: " or "* WHO ". */
static size_t text_start(const char *line, const struct record *r)
{
	bool is_said = r->kind == MESSAGE_SAID;
	const char *end = memchr(line + 2, is_said ? ']' : ' ', r->len - 2);

	return end != NULL ? (size_t)(end - line) + (is_said ? 3 : 1) : r->len;
}

/* Whose line it is, by where its text begins. */
static struct slice who_of(const char *line, const struct record *r, size_t start)
{
	if (r->kind == MESSAGE_SAID)
		return (struct slice){ line + 1, start - sizeof("[]: ") + 1 };
	return (struct slice){ line + 2, start - sizeof("*  ") + 1 };
}

/* Whether a name is that of the person who is looked for: to compare it takes long. */
static bool is_by(struct chat *chat, const struct search *s, struct slice who)
{
	struct search_names *names = s->names;
	uint32_t hash = 2166136261; /* FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/) */
	size_t tries = 0, i;

	if (who.len == 0 || who.len > NICK_MAX)
		return false;
	for (i = 0; i < who.len; i++)
		hash = (hash ^ (unsigned char)who.bytes[i]) * 16777619;
	i = (hash ^ hash >> 15) % (SEARCH_NAMES - NAME_TRIES);
	for (; tries < NAME_TRIES && names->list[i].len > 0; tries++, i++)
		if (names->list[i].len == who.len &&
			memcmp(names->list[i].name, who.bytes, who.len) == 0)
			return names->list[i].is_same;
	/* The one in the last of its places makes room. */
	i -= tries == NAME_TRIES;
	memcpy(names->list[i].name, who.bytes, who.len);
	names->list[i].len = (uint8_t)who.len;
	names->list[i].is_same = nick_same_folded(who.bytes, who.len, s->bytes, s->who_len);
	chat->search_left -= NAME_COST;
	return names->list[i].is_same;
}

static bool is_found(struct chat *chat, const struct client *client, const struct record *r,
	const struct needle *n)
{
	const struct search *s = client_search(client);
	const char *line = client->member.room->feed.bytes + r->offset;
	size_t start;

	if (r->kind != MESSAGE_SAID && r->kind != MESSAGE_ACTION)
		return false;
	start = text_start(line, r);
	if (start + n->len + MESSAGE_END_LEN > r->len)
		return false;
	return (s->who_len == 0 || is_by(chat, s, who_of(line, r, start))) &&
		is_among(line + start, r->len - MESSAGE_END_LEN - start - n->len + 1, n) &&
		!ignores_user(client->user.ignores, r->author);
}

/* As far as may be in this turn. */
static void look_through(struct chat *chat, const struct client *client)
{
	const struct feed *f = &client->member.room->feed;
	struct search *s = client_search(client);
	struct needle n = needle_of(s);

	for (; s->at < s->end && chat->search_left > 0; s->at++) {
		const struct record *r = feed_record(f, s->at);

		if (is_found(chat, client, r, &n))
			s->newest[s->found++ % SEARCH_SHOWN] = s->at;
		chat->search_left -= r->len + LINE_COST;
	}
}

/* Makes room for names, where they count; false: there is no memory. */
static bool has_names(struct search *s)
{
	if (s->who_len > 0 && s->names == NULL)
		s->names = calloc(1, sizeof(*s->names));
	return s->who_len == 0 || s->names != NULL;
}

void search_go_on(struct chat *chat, struct client *client)
{
	const struct feed *f = &client->member.room->feed;
	struct search *s = client_search(client);
	uint64_t count;

	if (s->at < f->first)
		s->at = f->first;
	if (!has_names(s)) {
		chat_fail_client(chat, client);
		return;
	}
	look_through(chat, client);
	if (s->at < s->end) {
		chat_await(chat, client);
		return;
	}
	count = s->found < SEARCH_SHOWN ? s->found : SEARCH_SHOWN;
	for (; s->told < count; s->told++) {
		uint64_t id = s->newest[(s->found - count + s->told) % SEARCH_SHOWN];

		if (outbox_waiting(&client->outbox) > OUTBOX_BUSY)
			return;
		if (id >= f->first && id < f->next && feed_record(f, id)->len > 0)
			tell_answer(chat, client, "@%" PRIu64 " %.*s", id,
				(int)feed_record(f, id)->len - 1, feed_line(f, id));
	}
	tell_answer(chat, client, "%" PRIu64 " found", s->found);
	client->list = LIST_NONE;
	client_end_task(client);
}

bool search_is_due(const struct client *client)
{
	return client->list == LIST_SEARCH &&
		client_search(client)->at < client_search(client)->end;
}

/* "WHO: " at the beginning of what is looked for: the length of WHO, or 0. */
static size_t leading_who(const char *text, size_t len)
{
	for (size_t i = 0; i + 2 < len && i <= NICK_MAX && text[i] != ' '; i++)
		if (text[i] == ':' && text[i + 1] == ' ')
			return i;
	return 0;
}

void command_search(struct chat *chat, struct client *client, const struct args *args)
{
	const struct feed *f = &client->member.room->feed;
	const char *text = args->text[0];
	size_t len = args->len[0], who_len = leading_who(text, len), skipped = who_len > 0 ? 2 : 0;
	struct search *s = malloc(sizeof(*s) + len);

	if (s == NULL) {
		tell_error(chat, client, "out of memory, nothing changed");
		return;
	}
	*s = (struct search){ .at = f->first, .end = room_visible(client->member.room),
		.who_len = (uint32_t)who_len, .text_len = (uint32_t)(len - who_len - skipped) };
	memcpy(s->bytes, text, who_len);
	for (size_t i = 0; i < s->text_len; i++) {
		char c = text[who_len + skipped + i];

		s->bytes[who_len + i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	client_begin_search(client, s);
	client->list = LIST_SEARCH;
	search_go_on(chat, client);
}
