/*
 * Coming back after a lost connection: which line of the feed was seen last, the token that the
 * server gave, and what to say about the time between (docs/protocol.md, "Tags, and coming back").
 */
#ifndef CLIENT_CORE_RESUME_H
#define CLIENT_CORE_RESUME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/core/buffer.h"
#include "client/core/piece.h"
#include "proto/limits.h"

enum { RESUME_NOTICE_MAX = 160 };

/* All zero is one who has never been there. */
struct resume {
	bool tagged;             /* the server tags its lines: there is an ID to go on from */
	bool returning;          /* its answer is due; what comes until then was seen before */
	bool checking;           /* the last line that was seen is to come again, to be compared */
	bool restarted;          /* … and it was another: that server knows nothing of us */
	bool verified;           /* … and it was the same, and nothing was missed since */
	uint64_t id;             /* the last line of the feed that was seen */
	int64_t epoch;           /* … and when it was said; 0: not known */
	char token[TOKEN_LEN];
	size_t token_len;        /* 0: there is none */
	uint64_t missed;         /* lines, as the server said while we are returning */
	int64_t lost_time;       /* seconds since 1970; 0: nothing that is not told of yet */
};

/* The connection is lost; since when, as far as can be told. */
void resume_lost(struct resume *r, int64_t time);

/*
 * Puts the command that asks for tags, and for what was said since we were there. sent: how many
 * lines we have sent since the server gave its token; NULL: it does not count.
 */
void resume_ask(struct resume *r, const uint64_t *sent, struct buffer *out);

/*
 * A line of the server's own. True: it was the answer, and tags are on.
 */
bool resume_answered(struct resume *r, struct piece text);

/* There will be no answer: the server does not know how. */
void resume_give_up(struct resume *r);

/* The token is not known any more. */
void resume_forget_token(struct resume *r);

/*
 * A tagged line came. True: it was seen before, and only comes again to be compared.
 */
bool resume_seen(struct resume *r, uint64_t id, int64_t epoch);

/*
 * Puts how long we were away into notice, and what became of the lines between; "" if that was told
 * already. lines: in place of what is known of them; NULL for that.
 */
void resume_tell(struct resume *r, int64_t time, const char *lines,
	char notice[RESUME_NOTICE_MAX]);

#endif
