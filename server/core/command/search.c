/*
 * /search (docs/protocol.md, "Looking back"). The rule: in one turn no more than SEARCH_BYTES of any
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
	RECORDS_MAX = 16384, /* records that are looked through at once */
};

/* A text, lower case, as it is looked for. */
struct needle {
	const char *text;
	size_t len;
};

/* What makes an upper case letter a lower case one, for bytes that are to be compared with c. */
static unsigned char case_bit(char c)
{
	return c >= 'a' && c <= 'z' ? 0x20 : 0;
}

static bool is_at(const char *s, const struct needle *n)
{
	for (size_t i = 0; i < n->len; i++)
		if (((unsigned char)s[i] | case_bit(n->text[i])) != (unsigned char)n->text[i])
			return false;
	return true;
}

/* Whether the needle may begin among the BLOCK bytes from here on. Compilers make vectors of this. */
static bool may_begin(const char *s, const struct needle *n)
{
	const unsigned char *a = (const unsigned char *)s, *b = a + n->len / 2, *c = a + n->len - 1;
	unsigned char x = (unsigned char)n->text[0], y = (unsigned char)n->text[n->len / 2];
	unsigned char z = (unsigned char)n->text[n->len - 1];
	unsigned char x_bit = case_bit(n->text[0]), y_bit = case_bit(n->text[n->len / 2]);
	unsigned char z_bit = case_bit(n->text[n->len - 1]), any = 0;

	for (size_t i = 0; i < BLOCK; i++)
		any |= (unsigned char)(((a[i] | x_bit) == x) & ((b[i] | y_bit) == y) &
			((c[i] | z_bit) == z));
	return any != 0;
}

/* Where the needle is next from a place on, or len. */
static size_t find_text(const char *s, size_t at, size_t len, const struct needle *n)
{
	if (len < n->len)
		return len;
	for (size_t end = len - n->len + 1; at < end;) {
		size_t block_end = end - at > BLOCK ? at + BLOCK : end;

		if (block_end - at == BLOCK && !may_begin(s + at, n)) {
			at = block_end;
			continue;
		}
		for (; at < block_end; at++)
			if (is_at(s + at, n))
				return at;
	}
	return len;
}

/* The record from..to-1, which lie in one piece, that has the byte at this distance from the first. */
static uint64_t record_with(const struct feed *f, uint64_t from, uint64_t to, size_t distance)
{
	size_t start = feed_record(f, from)->offset;

	while (to - from > 1) {
		uint64_t middle = from + (to - from) / 2;

		if (feed_record(f, middle)->offset - start <= distance)
			from = middle;
		else
			to = middle;
	}
	return from;
}

static bool is_found(const struct client *client, uint64_t id, const struct needle *n)
{
	const struct search *s = client_search(client);
	const struct feed *f = &client->member.room->feed;
	const struct record *r = feed_record(f, id);
	struct message m;

	if (r->kind != MESSAGE_SAID && r->kind != MESSAGE_ACTION)
		return false;
	if (ignores_user(client->user.ignores, r->author))
		return false;
	message_parse(feed_line(f, id), r->len - 1, &m);
	if (find_text(m.text, 0, m.text_len, n) == m.text_len)
		return false;
	return s->who_len == 0 ||
		(m.who != NULL && nick_same_folded(m.who, m.who_len, s->bytes, s->who_len));
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

/* Looks through one run, which counts in the turn's bytes. */
static void look_through(struct chat *chat, struct client *client)
{
	const struct feed *f = &client->member.room->feed;
	struct search *s = client_search(client);
	struct needle n = { s->bytes + s->who_len, s->text_len };
	struct iovec run;
	uint64_t to = next_run(f, s, &run), id;

	for (size_t at = 0; (at = find_text(run.iov_base, at, run.iov_len, &n)) < run.iov_len;) {
		const struct record *r;

		id = record_with(f, s->at, to, at);
		r = feed_record(f, id);
		if (is_found(client, id, &n))
			note_found(s, id);
		at = r->offset + r->len - feed_record(f, s->at)->offset;
	}
	s->at = to;
	chat->search_left -= (int64_t)run.iov_len + 1;
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
	return client->list == LIST_SEARCH && client_search(client)->at < client_search(client)->end;
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
