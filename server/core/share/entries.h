/*
 * What is set on one node and holds on all (bans, claims, topics, the message of the day), as the
 * log's state has it: each thing is a line of the store's text under a key of its own.
 */
#ifndef SERVER_CORE_SHARE_ENTRIES_H
#define SERVER_CORE_SHARE_ENTRIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/slice.h"

/* A key begins with this, and ends with the entry's id in hexadecimal digits. */
#define ENTRY_KEY "set."

enum { ENTRY_ID = 16 };

struct shared_entry {
	uint8_t id[ENTRY_ID]; /* of what it is about: "ban 192.0.2.0/24" */
	uint64_t seq;         /* of its key; 0: it has none yet */
	char *line;           /* heap; NULL: deleted */
	size_t len;
	bool is_current;      /* this node has it as well */
};

/* All zero is empty. */
struct entries {
	struct shared_entry *list; /* heap */
	uint32_t count, size;
	uint64_t seen;  /* changes of the store that these are up to */
	bool has_news;  /* something came from another node */
	bool is_known;  /* all was read once */
};

struct shared_entry *entries_find(const struct entries *entries, const uint8_t id[ENTRY_ID]);

/* The same, new if need be; NULL: no memory. Others may move. */
struct shared_entry *entries_add(struct entries *entries, const uint8_t id[ENTRY_ID]);

/* Sets the line, to nothing if it is empty. 0, or -1 when there is no memory. */
int entry_set(struct shared_entry *entry, struct slice line);

/* A key was set, to nothing if it was deleted. */
void entries_follow(struct entries *entries, struct slice key, uint64_t seq, struct slice line);

/* The key of an entry: writes it to out (LOG_KEY_MAX bytes), returns its length. */
size_t entry_key(char *out, const uint8_t id[ENTRY_ID]);

void entries_finish(struct entries *entries);

#endif
