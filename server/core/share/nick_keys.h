/*
 * The nicks that somebody has, on all nodes: in the state of the shared log each has a key, which
 * is set only by one who knows its number. So a nick has one holder, however late a node is.
 */
#ifndef SERVER_CORE_SHARE_NICK_KEYS_H
#define SERVER_CORE_SHARE_NICK_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "server/core/client/nick.h"
#include "server/core/client/persona.h"

#define NICK_KEY "nick."

struct nick_key {
	uint8_t look[NICK_LOOK];
	struct person_id holder;
	uint64_t seq;      /* its number in the log's state */
	bool is_releasing; /* it is asked to be deleted */
};

/* All zero is empty. */
struct nick_keys {
	struct nick_key *list; /* heap */
	uint32_t count, size;
};

struct nick_key *nick_keys_find(const struct nick_keys *keys, const uint8_t look[NICK_LOOK]);

/* The key is set to this holder, or (all zero) deleted. 0, or -1 when there is no memory. */
int nick_keys_set(struct nick_keys *keys, const uint8_t look[NICK_LOOK], struct person_id holder,
	uint64_t seq);

void nick_keys_finish(struct nick_keys *keys);

/* The name of a key: writes it to out (LOG_KEY_MAX bytes), returns its length. And back. */
size_t nick_key_text(char *out, const uint8_t look[NICK_LOOK]);
bool nick_key_parse(uint8_t look[NICK_LOOK], struct slice text);

#endif
