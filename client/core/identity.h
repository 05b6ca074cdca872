/*
 * The person here as others see them: the current nick, the one that is wanted, a slot. The
 * server grants a nick without a word to the one who asked, so it takes some attention to know.
 */
#ifndef CLIENT_CORE_IDENTITY_H
#define CLIENT_CORE_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/core/piece.h"
#include "proto/limits.h"

struct identity_nick {
	char text[NICK_MAX];
	size_t len; /* 0: there is none */
};

/* All zero is a nobody. */
struct identity {
	struct identity_nick current;
	struct identity_nick wanted; /* asked for, no answer yet */
	uint64_t slot; /* 0: not known */
};

/* A nick is being asked for; one that can't be a nick is not. */
void identity_ask(struct identity *s, struct piece nick);

/* The wanted nick is granted, or refused. */
void identity_granted(struct identity *s);
void identity_refused(struct identity *s);

/* The connection is lost, and with it the nick, which is to be asked for again. */
void identity_lost(struct identity *s);

/* The server has said who we are: a nick, or a slot for none. */
void identity_told(struct identity *s, struct piece who);

/* The name of the person here: the nick, or the one to be asked for while there is none, or "". */
struct piece identity_name(const struct identity *s);

/* Somebody was renamed: perhaps the person here. */
void identity_renamed(struct identity *s, struct piece from, struct piece to);

/* Whether a who is the nick of the person here. */
bool identity_is(const struct identity *s, struct piece who);

/* Whether it is their slot, which others had before them: in an old line it is one of those. */
bool identity_holds(const struct identity *s, struct piece who);

/* Whether a who will be, if what was asked for is granted. */
bool identity_may_be(const struct identity *s, struct piece who);

/* Whether their nick, or the one that they want, is said in a text. */
bool identity_is_said(const struct identity *s, struct piece text);

#endif
