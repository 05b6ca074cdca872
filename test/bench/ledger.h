/*
 * The books of a run: which lines were said, which receiver has which of them, and what went
 * wrong. It knows nothing of sockets.
 *
 * Each receiver must get the lines of each sender in order, none lost, none twice; where the peer
 * promises one order for all, each receiver must get all lines in the order in which the first
 * one got them.
 */
#ifndef LEDGER_H
#define LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "test/bench/payload.h"

enum { LEDGER_WINDOW_MAX = 1024 };

struct ledger_sender {
	uint64_t said;    /* lines said so far */
	uint64_t settled; /* … which all receivers have that are waited for */
	uint32_t home;    /* the receiver that is the sender itself */
	uint32_t open[LEDGER_WINDOW_MAX]; /* by number: how many have yet to get it */
};

struct ledger_receiver {
	uint64_t *next;    /* by sender: the number that comes next */
	uint64_t position; /* in the order of all */
	bool awaited;      /* a line is settled when those who are awaited have it */
};

struct ledger {
	uint32_t sender_count, receiver_count;
	uint32_t awaited;  /* receivers that are */
	bool echoes;       /* a sender receives its own lines too */
	bool own_echo;     /* a line is settled when its sender has it */
	bool one_order;
	struct ledger_sender *senders;
	struct ledger_receiver *receivers;
	uint64_t *order;   /* sender and number of each line, as the first receiver got them */
	uint64_t order_len, order_size;

	uint64_t deliveries;
	uint64_t lost, repeated, misordered, damaged;
	uint64_t missed;   /* lines that the server has owned up to have dropped */
};

int ledger_init(struct ledger *l, uint32_t senders, uint32_t receivers);
void ledger_finish(struct ledger *l);

/* How many more lines the sender may have under way: window less those unsettled. */
uint32_t ledger_room(const struct ledger *l, uint32_t sender, uint32_t window);

/* The sender says a line: returns its number. */
uint64_t ledger_say(struct ledger *l, uint32_t sender);

/* A receiver got a line; returns whether that settled it. */
bool ledger_deliver(struct ledger *l, uint32_t receiver, const struct payload *p);

/* A receiver was told that it misses so many lines here. Only where there is one order. */
void ledger_miss(struct ledger *l, uint32_t receiver, uint64_t lines);

/* How many lines this receiver has yet to get. */
uint64_t ledger_owed(const struct ledger *l, uint32_t receiver);

#endif
