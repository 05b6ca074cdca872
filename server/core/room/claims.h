/*
 * Claimed nicks: only somebody with the key of one may take it or a nick that looks like
 * it. Of a key only its digest is kept.
 */
#ifndef SERVER_CORE_ROOM_CLAIMS_H
#define SERVER_CORE_ROOM_CLAIMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/limits.h"
#include "proto/slice.h"
#include "server/core/base/sha256.h"
#include "server/core/client/nick.h"

enum {
	CLAIMS_MAX = 65536, /* no setting allows more */
	CLAIM_KEY_LEN = 26, /* characters of a-z and 2-7, of 5 bits each */
	CLAIM_DAYS = 180,   /* one that is not used for so long ends */
};

struct claim {
	char nick[NICK_MAX];
	uint8_t nick_len;
	struct nick_hash hash;
	uint8_t key[SHA256_SIZE]; /* the digest of it */
	int64_t used;             /* seconds since 1970: when its owner was last seen with it */
};

/* All zero is an empty list. */
struct claims {
	struct claim *list; /* heap */
	uint32_t count, size;
};

/*
 * Adds a claim, which must not be there yet. 0, or -1 when memory is out or there are CLAIMS_MAX.
 */
int claims_add(struct claims *c, struct slice nick, const uint8_t key[SHA256_SIZE], int64_t used);

/* The claim of a nick, or of one that it looks like; NULL: it is free. */
struct claim *claims_find(const struct claims *c, struct slice nick);

/* What somebody wants who takes a nick. */
struct claim_wish {
	struct slice nick;
	struct slice key;  /* that is shown; without: bytes is NULL */
	struct slice held; /* the nick that it has; without: len is 0 */
};

/*
 * Whether a wish is granted: by the key, or since the same claim keeps the nick that is held. If a
 * claim opened, it is used now; *changed is set if that has to be kept.
 */
bool claims_open(struct claims *c, const struct claim_wish *wish, int64_t now, bool *changed);

/* Somebody is seen with a nick who may have it. Whether that has to be kept. */
bool claims_touch(struct claims *c, struct slice nick, int64_t now);

/* The last one takes its place. */
void claims_remove(struct claims *c, struct claim *claim);

/* Whether one has not been used for too long. */
bool claim_has_ended(const struct claim *claim, int64_t now);

/* Takes away what has ended. Whether there was any. */
bool claims_expire(struct claims *c, int64_t now);

void claims_finish(struct claims *c);

/* Makes a key of as many random bytes; out and random have CLAIM_KEY_LEN. */
void claim_make_key(char *out, const uint8_t *random);

/* Whether a word has the form of a key. */
bool claim_is_key(struct slice word);

#endif
