/*
 * The store on several nodes (shared_store.h), line by line of its text. The rule: as soon as the
 * log has anything, what it has counts, and not what a node had when it came.
 */
#include "server/core/shared_store.h"

#include <stdlib.h>
#include <string.h>

#include "server/core/base/sha256.h"
#include "server/core/room/presence.h"
#include "server/core/share/share.h"
#include "server/core/store.h"

/* What a line is about: its first two words, or the first of what has no second. */
static void identify(uint8_t id[ENTRY_ID], struct slice line)
{
	uint8_t digest[SHA256_SIZE];
	size_t at = 0, words = 0;

	while (at < line.len && words < 2) {
		while (at < line.len && line.bytes[at] != ' ' && line.bytes[at] != ':')
			at++;
		words++;
		if (at < line.len && line.bytes[at] == ':')
			break;
		at += words < 2;
	}
	sha256(digest, line.bytes, at < line.len ? at : line.len);
	memcpy(id, digest, ENTRY_ID);
}

/* The next line of a text, or of the message of the day all lines: what is one entry. */
static bool next_entry(struct slice *text, struct slice *line, uint8_t id[ENTRY_ID])
{
	uint8_t next[ENTRY_ID] = { 0 };
	size_t len = 0;

	while (len < text->len) {
		const char *lf = memchr(text->bytes + len, '\n', text->len - len);
		size_t end = lf != NULL ? (size_t)(lf - text->bytes) + 1 : text->len;

		identify(len == 0 ? id : next, (struct slice){ text->bytes + len, end - len });
		if (len > 0 && memcmp(id, next, ENTRY_ID) != 0)
			break;
		len = end;
	}
	*line = (struct slice){ text->bytes, len };
	text->bytes += len;
	text->len -= len;
	return len > 0;
}

static void put(struct chat *chat, const struct shared_entry *entry, struct slice line)
{
	char key[LOG_KEY_MAX], msg_id[LOG_MSG_ID_MAX];
	struct log_request request = { .kind = LOG_PUT, .expected = entry->seq,
		.to = { key, entry_key(key, entry->id) }, .payload = line };

	request.msg_id = (struct slice){ msg_id, share_put_msg_id(chat, msg_id) };
	(void)share_request(chat, &request);
}

/* An entry as this node has it; it is put, too, if it is not the log's. */
static void compare(struct chat *chat, struct slice line, const uint8_t id[ENTRY_ID], bool puts)
{
	struct shared_entry *entry = entries_add(&chat->share->entries, id);

	if (entry == NULL)
		return;
	entry->is_current = true;
	if (entry->len == line.len &&
		(line.len == 0 || memcmp(entry->line, line.bytes, line.len) == 0))
		return;
	if (puts)
		put(chat, entry, line);
	(void)entry_set(entry, line);
}

/* Without the first line, which says what the text is. */
static struct slice body_of(const char *text, size_t len)
{
	const char *lf = memchr(text, '\n', len);
	size_t head = lf != NULL ? (size_t)(lf - text) + 1 : len;

	return (struct slice){ text + head, len - head };
}

/* Goes through all that this node has; what differs from the log is put, or taken for the same. */
static void go_through(struct chat *chat, bool puts)
{
	struct entries *entries = &chat->share->entries;
	size_t len;
	char *text = store_save(chat, &len);
	struct slice rest, line;
	uint8_t id[ENTRY_ID];

	if (text == NULL)
		return;
	for (uint32_t i = 0; i < entries->count; i++)
		entries->list[i].is_current = false;
	for (rest = body_of(text, len); next_entry(&rest, &line, id);)
		compare(chat, line, id, puts);
	for (uint32_t i = 0; i < entries->count; i++) {
		struct shared_entry *entry = &entries->list[i];

		if (entry->is_current || entry->line == NULL || !puts)
			continue;
		put(chat, entry, (struct slice){ 0 });
		(void)entry_set(entry, (struct slice){ 0 });
	}
	entries->seen = chat->store_changes;
	free(text);
}

/* The text of all that the log has, after the first line of this node's own; NULL: no memory. */
static char *text_of_log(const struct chat *chat, size_t *len)
{
	const struct entries *entries = &chat->share->entries;
	char *own = store_save(chat, len), *text;
	struct slice body;

	if (own == NULL)
		return NULL;
	body = body_of(own, *len);
	*len -= body.len;
	for (uint32_t i = 0; i < entries->count; i++)
		*len += entries->list[i].len;
	text = malloc(*len + 1);
	if (text != NULL) {
		size_t at = (size_t)(body.bytes - own);

		memcpy(text, own, at);
		for (uint32_t i = 0; i < entries->count; i++) {
			if (entries->list[i].len > 0)
				memcpy(text + at, entries->list[i].line, entries->list[i].len);
			at += entries->list[i].len;
		}
	}
	free(own);
	return text;
}

static void take_over(struct chat *chat)
{
	struct store store = { 0 };
	struct store_skipped skipped = { 0 };
	size_t len;
	char *text = text_of_log(chat, &len);

	if (text == NULL)
		return;
	if (store_read(&store, (struct slice){ text, len }, chat->now, &skipped) < 0) {
		store_finish(&store);
		free(text);
		return;
	}
	bans_finish(&chat->bans);
	claims_finish(&chat->claims);
	free((char *)chat->motd);
	chat->motd = NULL;
	for (struct room *room = NULL; (room = rooms_next(&chat->rooms, room)) != NULL;)
		room->slow = room->slow_set;
	store_load(chat, &store);
	free(text);
	chat->store_changes++;
	chat->share->entries.has_news = false;
	go_through(chat, false);
	for (uint32_t i = 0; i < chat->bans.count; i++)
		presence_close_banned(chat, &chat->bans.list[i]);
}

void shared_store_update(struct chat *chat)
{
	struct entries *entries = &chat->share->entries;

	if (chat->share->is_behind)
		return;
	/* The log counts from the beginning, if it has anything. */
	if (!entries->is_known) {
		entries->is_known = true;
		entries->has_news = entries->count > 0;
		entries->seen = chat->store_changes - 1;
	}
	if (entries->has_news)
		take_over(chat);
	else if (entries->seen != chat->store_changes)
		go_through(chat, true);
}
