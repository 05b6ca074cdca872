/*
 * Lines in the making: what is sent, byte by byte, and what others should see of it.
 */
#ifndef SIM_DRAFT_H
#define SIM_DRAFT_H

#include "test/sim/sim.h"

enum { LINE_SIZE = 8192 };

/* A line in the making: as it is sent, and as it should be shown. */
struct draft {
	char raw[LINE_SIZE], clean[LINE_SIZE];
	size_t raw_len, clean_len;
};

/* What is the same both ways; and the command that goes before it, which is only sent. */
void draft_text(struct draft *d, const char *text);
void draft_command(struct draft *d, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* "CLIENT.INDEX " and anything that people, programs and attackers write. */
void draft_own_text(struct sim *sim, struct peer *c, struct draft *d);

/* Sends it as one line; what should come of it is the caller's to fill in. */
struct utterance *draft_send(struct sim *sim, struct peer *c, enum op op,
	const struct draft *d);

#endif
