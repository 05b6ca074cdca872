/*
 * The table of nick keys (nick_keys.h): a plain array, which is looked through when somebody takes
 * or gives up a nick. A key that is removed gives its place to the last one.
 */
#include "server/core/share/nick_keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/text.h"
#include "server/core/feed/shared_log.h"

struct nick_key *nick_keys_find(const struct nick_keys *keys, const uint8_t look[NICK_LOOK])
{
	for (uint32_t i = 0; i < keys->count; i++)
		if (memcmp(keys->list[i].look, look, NICK_LOOK) == 0)
			return &keys->list[i];
	return NULL;
}

static struct nick_key *add(struct nick_keys *keys)
{
	if (keys->count == keys->size) {
		uint32_t size = keys->size == 0 ? 16 : 2 * keys->size;
		struct nick_key *list = realloc(keys->list, size * sizeof(*list));

		if (list == NULL)
			return NULL;
		keys->list = list;
		keys->size = size;
	}
	return &keys->list[keys->count++];
}

int nick_keys_set(struct nick_keys *keys, const uint8_t look[NICK_LOOK], struct person_id holder,
	uint64_t seq)
{
	struct nick_key *key = nick_keys_find(keys, look);

	if (key != NULL && key->seq >= seq)
		return 0;
	if (holder.node == 0) {
		if (key != NULL)
			*key = keys->list[--keys->count];
		return 0;
	}
	if (key == NULL)
		key = add(keys);
	if (key == NULL)
		return -1;
	*key = (struct nick_key){ .holder = holder, .seq = seq };
	memcpy(key->look, look, NICK_LOOK);
	return 0;
}

void nick_keys_finish(struct nick_keys *keys)
{
	free(keys->list);
	*keys = (struct nick_keys){ 0 };
}

size_t nick_key_text(char *out, const uint8_t look[NICK_LOOK])
{
	size_t len = (size_t)snprintf(out, LOG_KEY_MAX, NICK_KEY);

	for (size_t i = 0; i < NICK_LOOK; i++)
		len += (size_t)snprintf(out + len, LOG_KEY_MAX - len, "%02x", look[i]);
	return len;
}

bool nick_key_parse(uint8_t look[NICK_LOOK], struct slice text)
{
	size_t head = sizeof(NICK_KEY) - 1;

	return text.len == head + 2 * NICK_LOOK && memcmp(text.bytes, NICK_KEY, head) == 0 &&
		text_hex(look, NICK_LOOK, text.bytes + head);
}
