/*
 * /search (docs/protocol.md, "Commands"). The rule: in one turn no more than SEARCH_BYTES of any
 * feed are looked through, for all who search together, so that nobody else waits for it.
 *
 * The bytes of many lines are looked through at once. Where a block of them may have the first, the
 * middle and the last byte of the text in place, it is compared, and only for what is found is it
 * looked up which line it stands in.
 */
#include "server/core/command/search.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "server/core/room/tell.h"

enum {
	BLOCK = 64,          /* bytes that are looked at together */
	WORD = 8,            /* the same, within a block */
	RECORDS_MAX = 16384, /* records that are looked through at once */
	/* one line in this many is looked at by itself: all are, from then on */
	DENSE = 2,
	/* bytes that could be looked through while one line that matches is judged */
	FOUND_COST = 32,
	NAMES = 64,          /* names whose sameness is remembered */
};

/* One byte of a text: lower case, and what makes an upper case letter that. */
struct needle_byte {
	unsigned char c, bit;
};

/* A text, lower case, as it is looked for. */
struct needle {
	const char *text;
	size_t len;
	struct needle_byte first, middle, last;
};

/* Names that lines begin with, and whether each is the one that is looked for. */
struct names {
	struct {
		char name[NICK_MAX];
		uint8_t len;
		bool is_same;
	} list[NAMES];
};

/* What makes an upper case letter a lower case one, for bytes that are to be compared with c. */
static unsigned char case_bit(char c)
{
	return c >= 'a' && c <= 'z' ? 0x20 : 0;
}

static struct needle_byte byte_of(const char *text, size_t at)
{
	return (struct needle_byte){ (unsigned char)text[at], case_bit(text[at]) };
}

static struct needle needle_of(const struct search *s)
{
	const char *text = s->bytes + s->who_len;
	size_t len = s->text_len;

	return (struct needle){ text, len, byte_of(text, 0), byte_of(text, len / 2),
		byte_of(text, len - 1) };
}

static bool is_at(const char *s, const struct needle *n)
{
	for (size_t i = 0; i < n->len; i++)
		if (((unsigned char)s[i] | case_bit(n->text[i])) != (unsigned char)n->text[i])
			return false;
	return true;
}

/*
 * Whether the needle may begin among the BLOCK bytes from here on. Compilers make vectors of this.
 */
static bool may_begin(const char *s, const struct needle *n)
{
	const unsigned char *a = (const unsigned char *)s, *b = a + n->len / 2, *c = a + n->len - 1;
	struct needle_byte x = n->first, y = n->middle, z = n->last;
	unsigned char any = 0;

	for (size_t i = 0; i < BLOCK; i++)
		any |= (unsigned char)(((a[i] | x.bit) == x.c) & ((b[i] | y.bit) == y.c) &
			((c[i] | z.bit) == z.c));
	return any != 0;
}

/* Whether one of WORD bytes is the first of the needle; it may be wrong about one after another. */
static bool has_first(const char *s, const struct needle *n)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t word;

	memcpy(&word, s, WORD);
	word = (word | ones * n->first.bit) ^ ones * n->first.c;
	return ((word - ones) & ~word & ones << 7) != 0;
}

/* Where the needle is next among these bytes, or end. */
static size_t find_near(const char *s, size_t at, size_t end, const struct needle *n)
{
	while (at < end) {
		size_t stop = end - at > WORD ? at + WORD : end;

		if (stop - at == WORD && !has_first(s + at, n)) {
			at = stop;
			continue;
		}
		for (; at < stop; at++)
			if (((unsigned char)s[at] | n->first.bit) == n->first.c && is_at(s + at, n))
				return at;
	}
	return end;
}

/* Where the needle is next from a place on, or len. */
static size_t find_text(const char *s, size_t at, size_t len, const struct needle *n)
{
	if (len < n->len)
		return len;
	for (size_t end = len - n->len + 1; at < end;) {
		size_t stop = end - at > BLOCK ? at + BLOCK : end;

		if (stop - at < BLOCK || may_begin(s + at, n)) {
			at = find_near(s, at, stop, n);
			if (at < stop)
				return at;
		}
		at = stop;
	}
	return len;
}

/*
 * The record from id..to-1, which lie in one piece, that has the byte at this distance from the
 * start of the piece. As a rule it is near: the steps grow from one.
 */
static uint64_t record_with(const struct feed *f, uint64_t id, uint64_t to, size_t start,
	size_t distance)
{
	uint64_t step = 1;

	while (id + step < to && feed_record(f, id + step)->offset - start <= distance) {
		id += step;
		step *= 2;
	}
	for (; step > 0; step /= 2)
		if (id + step < to && feed_record(f, id + step)->offset - start <= distance)
			id += step;
	return id;
}

/* Where the text of a message or an action begins, after "[WHO]: " or "* WHO ". */
static size_t text_start(const char *line, const struct record *r)
{
	bool is_said = r->kind == MESSAGE_SAID;
	const char *end = memchr(line + 2, is_said ? ']' : ' ', r->len - 2);

	return end != NULL ? (size_t)(end - line) + (is_said ? 3 : 1) : r->len;
}

/* Whether a name is that of the person who is looked for. */
static bool is_by(const struct search *s, struct names *names, struct slice who)
{
	size_t hash = 0;

	if (who.len > NICK_MAX)
		return false;
	for (size_t i = 0; i < who.len; i++)
		hash = hash * 31 + (unsigned char)who.bytes[i];
	hash %= NAMES;
	if (names->list[hash].len != who.len ||
		memcmp(names->list[hash].name, who.bytes, who.len) != 0) {
		memcpy(names->list[hash].name, who.bytes, who.len);
		names->list[hash].len = (uint8_t)who.len;
		names->list[hash].is_same = nick_same_folded(who.bytes, who.len, s->bytes,
			s->who_len);
	}
	return names->list[hash].is_same;
}

/* Whose line it is, by where its text begins. */
static struct slice who_of(const char *line, const struct record *r, size_t start)
{
	if (r->kind == MESSAGE_SAID)
		return (struct slice){ line + 1, start - sizeof("[]: ") + 1 };
	return (struct slice){ line + 2, start - sizeof("*  ") + 1 };
}

/*
 * A line, the first match in which is at *at. True: it is found. False: *at is where to look on in
 * it, its length for the next line. A match in no more than the name or the stamp is passed over
 * without a look at the rest.
 */
static bool is_found(const struct client *client, uint64_t id, struct names *names, size_t *at)
{
	const struct search *s = client_search(client);
	const struct feed *f = &client->member.room->feed;
	const struct record *r = feed_record(f, id);
	const char *line = feed_line(f, id);
	size_t match = *at, start;

	*at = r->len;
	if ((r->kind != MESSAGE_SAID && r->kind != MESSAGE_ACTION) ||
		match + s->text_len + MESSAGE_END_LEN > r->len)
		return false;
	start = text_start(line, r);
	if (match < start) {
		*at = start;
		return false;
	}
	return !ignores_user(client->user.ignores, r->author) &&
		(s->who_len == 0 || is_by(s, names, who_of(line, r, start)));
}

static void note_found(struct search *s, uint64_t id)
{
	s->newest[s->found++ % SEARCH_SHOWN] = id;
}

/* Records from s->at on that lie in one piece and are not too long together. */
static uint64_t next_run(const struct feed *f, const struct search *s, struct iovec *run)
{
	uint64_t to = s->end - s->at > RECORDS_MAX ? s->at + RECORDS_MAX : s->end;

	to = feed_run(f, s->at, to, run);
	while (run->iov_len > SEARCH_BYTES && to - s->at > 1)
		to = feed_run(f, s->at, s->at + (to - s->at) / 2, run);
	return to;
}

/* A run, many lines at once. Returns how many lines had a match that had to be judged. */
static uint64_t look_at_once(const struct client *client, uint64_t to, struct iovec run,
	struct names *names)
{
	const struct feed *f = &client->member.room->feed;
	struct search *s = client_search(client);
	struct needle n = needle_of(s);
	uint64_t id = s->at, judged = 0;
	size_t start = feed_record(f, id)->offset;

	for (size_t at = 0; (at = find_text(run.iov_base, at, run.iov_len, &n)) < run.iov_len;) {
		size_t line, within;

		id = record_with(f, id, to, start, at);
		line = feed_record(f, id)->offset - start;
		within = at - line;
		if (is_found(client, id, names, &within))
			note_found(s, id);
		at = line + within;
		judged++;
	}
	return judged;
}

/* The same line by line, without their stamps: better where most lines have something to judge. */
static uint64_t look_line_by_line(const struct client *client, uint64_t to, struct names *names)
{
	const struct feed *f = &client->member.room->feed;
	struct search *s = client_search(client);
	struct needle n = needle_of(s);

	for (uint64_t id = s->at; id < to; id++) {
		const struct record *r = feed_record(f, id);
		size_t end = r->len > MESSAGE_END_LEN ? r->len - MESSAGE_END_LEN : 0, at = 0;

		while ((at = find_text(feed_line(f, id), at, end, &n)) < end) {
			if (is_found(client, id, names, &at)) {
				note_found(s, id);
				break;
			}
		}
	}
	return to - s->at;
}

/* Looks through one run, which counts in the turn's bytes, and each line that had to be judged. */
static void look_through(struct chat *chat, struct client *client)
{
	struct search *s = client_search(client);
	struct names names = { 0 };
	struct iovec run;
	uint64_t to = next_run(&client->member.room->feed, s, &run), judged;

	judged = s->is_dense ? look_line_by_line(client, to, &names)
			     : look_at_once(client, to, run, &names);
	s->is_dense = judged > (to - s->at) / DENSE;
	s->at = to;
	chat->search_left -= (int64_t)run.iov_len + (int64_t)judged * FOUND_COST + 1;
}

void search_go_on(struct chat *chat, struct client *client)
{
	const struct feed *f = &client->member.room->feed;
	struct search *s = client_search(client);
	uint64_t count;

	if (s->at < f->first)
		s->at = f->first;
	while (s->at < s->end && chat->search_left > 0)
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
