/*
 * Who the person here is to the others: a nick that is had, one that was asked for, a slot. The
 * server grants a nick without a word to the one who asked, so it takes some attention to know.
 */
#ifndef CHAT_SELF_H
#define CHAT_SELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/core/piece.h"
#include "proto/limits.h"

struct self_nick {
	char text[NICK_MAX];
	size_t len; /* 0: there is none */
};

/* All zero is a nobody. */
struct self {
	struct self_nick had;
	struct self_nick asked; /* no answer yet */
	uint64_t slot;          /* 0: not known */
};

/* A nick is being asked for; one that can't be a nick is not. */
void self_ask(struct self *s, struct piece nick);

/* What was asked for is had, or is not to be had. */
void self_granted(struct self *s);
void self_refused(struct self *s);

/* The connection is lost, and with it the nick, which is to be asked for again. */
void self_lost(struct self *s);

/* Somebody was renamed: perhaps the person here. */
void self_renamed(struct self *s, struct piece from, struct piece to);

/* Whether a who is the nick of the person here. */
bool self_is(const struct self *s, struct piece who);

/* Whether it is their slot, which others had before them: in an old line it is one of those. */
bool self_holds(const struct self *s, struct piece who);

/* Whether a who will be, if what was asked for is granted. */
bool self_may_be(const struct self *s, struct piece who);

/* Whether their nick is said in a text. */
bool self_is_said(const struct self *s, struct piece text);

#endif
