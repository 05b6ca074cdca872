/*
 * A plain array of entries (entries.h), looked through when one of them changes.
 */
#include "server/core/share/entries.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/text.h"
#include "server/core/feed/shared_log.h"

struct shared_entry *entries_find(const struct entries *entries, const uint8_t id[ENTRY_ID])
{
	for (uint32_t i = 0; i < entries->count; i++)
		if (memcmp(entries->list[i].id, id, ENTRY_ID) == 0)
			return &entries->list[i];
	return NULL;
}

struct shared_entry *entries_add(struct entries *entries, const uint8_t id[ENTRY_ID])
{
	struct shared_entry *entry = entries_find(entries, id);

	if (entry != NULL)
		return entry;
	if (entries->count == entries->size) {
		uint32_t size = entries->size == 0 ? 16 : 2 * entries->size;
		struct shared_entry *list = realloc(entries->list, size * sizeof(*list));

		if (list == NULL)
			return NULL;
		entries->list = list;
		entries->size = size;
	}
	entry = &entries->list[entries->count++];
	*entry = (struct shared_entry){ 0 };
	memcpy(entry->id, id, ENTRY_ID);
	return entry;
}

int entry_set(struct shared_entry *entry, struct slice line)
{
	char *copy = NULL;

	if (line.len > 0) {
		copy = malloc(line.len);
		if (copy == NULL)
			return -1;
		memcpy(copy, line.bytes, line.len);
	}
	free(entry->line);
	entry->line = copy;
	entry->len = line.len;
	return 0;
}

static bool parse_key(uint8_t id[ENTRY_ID], struct slice key)
{
	size_t head = sizeof(ENTRY_KEY) - 1;

	return key.len == head + 2 * ENTRY_ID && memcmp(key.bytes, ENTRY_KEY, head) == 0 &&
		text_hex(id, ENTRY_ID, key.bytes + head);
}

void entries_follow(struct entries *entries, struct slice key, uint64_t seq, struct slice line)
{
	uint8_t id[ENTRY_ID];
	struct shared_entry *entry = parse_key(id, key) ? entries_add(entries, id) : NULL;

	if (entry == NULL || seq <= entry->seq)
		return;
	entry->seq = seq;
	if (line.len == entry->len &&
		(line.len == 0 || memcmp(line.bytes, entry->line, line.len) == 0))
		return;
	if (entry_set(entry, line) == 0)
		entries->has_news = true;
}

size_t entry_key(char *out, const uint8_t id[ENTRY_ID])
{
	size_t len = (size_t)snprintf(out, LOG_KEY_MAX, ENTRY_KEY);

	for (size_t i = 0; i < ENTRY_ID; i++)
		len += (size_t)snprintf(out + len, LOG_KEY_MAX - len, "%02x", id[i]);
	return len;
}

void entries_finish(struct entries *entries)
{
	for (uint32_t i = 0; i < entries->count; i++)
		free(entries->list[i].line);
	free(entries->list);
	*entries = (struct entries){ 0 };
}
