/*
 * What one node asks another about somebody who is there, and the answer, as bytes.
 */
#ifndef SERVER_CORE_SHARE_QUESTION_H
#define SERVER_CORE_SHARE_QUESTION_H

#include <stdint.h>

#include "server/core/base/codec.h"
#include "server/core/client/persona.h"

enum question_kind {
	QUESTION_MESSAGE, /* a private message of `from` to `to` */
	QUESTION_TAKE,    /* `to` shows the token whose digest is text on the asking node */
	QUESTION_KICK,    /* an operator, called who, throws `to` out; text is the reason */
	QUESTION_BAN,     /* the same, and their address is banned */
	QUESTIONS,
};

struct question {
	enum question_kind kind;
	uint32_t tries;  /* made before this one */
	uint32_t number; /* MESSAGE: of from's, so that one which comes twice counts once */
	uint64_t after;  /* MESSAGE: ID after the last line that from said; BAN: minutes, or 0 */
	struct person_id from, to;
	struct slice who, text; /* who: what from, or the operator, is called */
	struct slice whom;      /* what `to` is called there */
};

/* The first byte of an answer. A record (record.h) of theirs comes after it for TAKE. */
enum verdict {
	VERDICT_DONE = 1,
	VERDICT_GONE,    /* they are not there */
	VERDICT_AWAY,    /* they have lost their connection */
	VERDICT_FULL,    /* they do not read */
	VERDICT_WRONG,   /* the token is not theirs */
	VERDICT_NOWHERE, /* they have no address that could be banned */
};

/*
 * Writes one to an empty codec (look at failed). Reads one, whose slices lie in payload; 0 or -1.
 */
void question_write(struct codec *p, const struct question *question);
int question_read(struct slice payload, struct question *question);

#endif
