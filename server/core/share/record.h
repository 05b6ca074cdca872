/*
 * A person's record in the state of the shared log: where they are, what they are called, and what
 * another node needs if they come back there. All nodes follow all records.
 */
#ifndef SERVER_CORE_SHARE_RECORD_H
#define SERVER_CORE_SHARE_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "server/core/base/codec.h"
#include "server/core/client/persona.h"

/* A record's key begins with this, and ends with the person's id as text. */
#define RECORD_KEY "person."

struct record_of_ignored {
	struct person_id id; /* all zero: not known any more */
	char nick[NICK_MAX];
	uint8_t nick_len;
};

struct person_record {
	uint64_t home;
	uint64_t replaces; /* number of the record that was theirs, when this was written */
	struct slice node, nick, room;
	uint32_t number, since, applied, joined, said;
	uint8_t token[SHA256_SIZE];
	struct person_id last_sender; /* who wrote to them last; all zero: nobody */
	bool has_token, is_operator, is_away, is_quiet;
	uint16_t ignored_count;
	struct record_of_ignored ignored[IGNORES_MAX];
};

/* Writes one to an empty codec (look at failed). */
void record_write(struct codec *p, struct person_record *record);

/* Reads one, whose slices lie in payload. 0, or -1 when it is none. */
int record_read(struct slice payload, struct person_record *record);

#endif
