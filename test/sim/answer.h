/*
 * What is answered to what.
 */
#ifndef SIM_ANSWER_H
#define SIM_ANSWER_H

#include "proto/message.h"
#include "test/sim/sim.h"

/* Whether the text of a line begins so. */
bool answer_begins(const struct message *m, const char *prefix);

/* Whether an utterance is answered whatever comes of it. */
bool answer_is_needed(const struct utterance *u);

/*
 * Whether a private line answers an utterance: the first line of the answer, if it has several;
 * and what follows from it.
 */
bool answer_fits(struct sim *sim, struct peer *c, struct utterance *u, const struct message *m);

/* Whether it goes on with the answer to that utterance. */
bool answer_goes_on(const struct utterance *u, const struct message *m);

/* Whether a /resume from this utterance on may have sent its answer ahead of the feed. */
bool answer_is_hurried(const struct peer *c, size_t index);

#endif
