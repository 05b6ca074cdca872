/*
 * The names of users and of rooms: which ones there may be, and which ones look the same
 * (docs/protocol.md). Whether one is free is for the room to say.
 */
#ifndef SERVER_CORE_CLIENT_NICK_H
#define SERVER_CORE_CLIENT_NICK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/limits.h"

enum { NICK_LOOK = 16 };

enum nick_fault {
	NICK_FINE,
	NICK_EMPTY,
	NICK_TOO_LONG, /* more than NICK_MAX bytes in NFC */
	NICK_NOT_UTF8,
	NICK_INVISIBLE, /* a blank, control or invisible character */
	NICK_BRACKET,   /* [ ] or : */
	NICK_BAD_START,
	NICK_MARK_FIRST,
	NICK_BAD_END,
	NICK_MIXED, /* of several scripts */
	NICK_RESERVED,
	NICK_FAULTS,
};

/* The form that a name is kept in, NFC: writes it to out. Says only what prevents that. */
enum nick_fault nick_normalize(const char *s, size_t len, char out[NICK_MAX], size_t *out_len);

/* The first rule that a name in NFC breaks. Those of rooms follow the same, and have no '/'. */
enum nick_fault nick_check(const char *nick, size_t len);

/* Says a rule, as a clause to come after "a nick": "must …". */
const char *nick_rule(enum nick_fault fault);

/* Whether a line with this name can be read: all that is asked of one given by another version. */
bool nick_is_readable(const char *nick, size_t len);

/*
 * Two names that are the same have one of these in common. Kept beside each name in use, they spare
 * nearly all comparisons, and names are found by them; small, since every client has them.
 */
struct nick_hash {
	uint16_t folded;  /* of its look in small letters */
	uint16_t written; /* of its look as it is written */
};

struct nick_hash nick_hash(const char *nick, size_t len);

/*
 * The look of a name in small letters, as bytes: names that are the same without regard to
 * case have the same, others not.
 */
void nick_look(uint8_t look[NICK_LOOK], const char *nick, size_t len);

/* Whether hashes allow two names to be the same. */
bool nick_hash_meets(struct nick_hash a, struct nick_hash b);

/* Whether two names can be taken for each other: then only one of them may be in use. */
bool nick_same(const char *a, size_t a_len, const char *b, size_t b_len);

/* Whether they are the same without regard to case: what a person is called by. */
bool nick_same_folded(const char *a, size_t a_len, const char *b, size_t b_len);

#endif
