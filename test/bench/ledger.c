#include "test/bench/ledger.h"

#include <stdlib.h>

enum { NUMBER_BITS = 40 };

int ledger_init(struct ledger *l, uint32_t senders, uint32_t receivers)
{
	l->sender_count = senders;
	l->receiver_count = receivers;
	l->senders = calloc(senders + 1, sizeof(*l->senders));
	l->receivers = calloc(receivers, sizeof(*l->receivers));
	if (!l->senders || !l->receivers)
		return -1;
	for (uint32_t i = 0; i < receivers; i++) {
		l->receivers[i].next = calloc(senders + 1, sizeof(uint64_t));
		if (!l->receivers[i].next)
			return -1;
	}
	return 0;
}

void ledger_finish(struct ledger *l)
{
	for (uint32_t i = 0; l->receivers && i < l->receiver_count; i++)
		free(l->receivers[i].next);
	free(l->receivers);
	free(l->senders);
	free(l->order);
}

uint32_t ledger_room(const struct ledger *l, uint32_t sender, uint32_t window)
{
	const struct ledger_sender *s = &l->senders[sender];

	return window - (uint32_t)(s->said - s->settled);
}

uint64_t ledger_say(struct ledger *l, uint32_t sender)
{
	struct ledger_sender *s = &l->senders[sender];
	uint32_t awaited = l->awaited;

	if (!l->echoes && l->receivers[s->home].awaited)
		awaited--;
	s->open[s->said % LEDGER_WINDOW_MAX] = awaited;
	return s->said++;
}

/* Notes the line as the next in the order of all, or compares it with what others got there. */
static void follow_order(struct ledger *l, struct ledger_receiver *r, const struct payload *p)
{
	uint64_t line = (uint64_t)p->sender << NUMBER_BITS | p->number;

	if (r->position == l->order_len) {
		if (l->order_len == l->order_size) {
			l->order_size = l->order_size ? 2 * l->order_size : 65536;
			l->order = realloc(l->order, l->order_size * sizeof(*l->order));
			if (!l->order)
				abort();
		}
		l->order[l->order_len++] = line;
	} else if (l->order[r->position] != line) {
		l->misordered++;
	}
	r->position++;
}

static bool settle(struct ledger *l, uint32_t receiver, const struct payload *p)
{
	struct ledger_sender *s = &l->senders[p->sender];

	if (l->own_echo) {
		if (s->home != receiver)
			return false;
	} else if (!l->receivers[receiver].awaited ||
		--s->open[p->number % LEDGER_WINDOW_MAX] > 0) {
		return false;
	}
	s->settled++;
	return true;
}

bool ledger_deliver(struct ledger *l, uint32_t receiver, const struct payload *p)
{
	struct ledger_receiver *r = &l->receivers[receiver];

	if (p->sender >= l->sender_count || p->number >= l->senders[p->sender].said) {
		l->damaged++;
		return false;
	}
	if (l->one_order)
		follow_order(l, r, p);
	if (p->number < r->next[p->sender]) {
		l->repeated++;
		return false;
	}
	l->lost += p->number - r->next[p->sender];
	r->next[p->sender] = p->number + 1;
	l->deliveries++;
	return settle(l, receiver, p);
}

void ledger_miss(struct ledger *l, uint32_t receiver, uint64_t lines)
{
	struct ledger_receiver *r = &l->receivers[receiver];

	l->missed += lines;
	for (; lines > 0 && r->position < l->order_len; lines--) {
		uint64_t line = l->order[r->position++];

		r->next[line >> NUMBER_BITS] = (line & ((1ull << NUMBER_BITS) - 1)) + 1;
	}
	l->misordered += lines;
}

uint64_t ledger_owed(const struct ledger *l, uint32_t receiver)
{
	const struct ledger_receiver *r = &l->receivers[receiver];
	uint64_t owed = 0;

	for (uint32_t i = 0; i < l->sender_count; i++)
		if (l->echoes || l->senders[i].home != receiver)
			owed += l->senders[i].said - r->next[i];
	return owed;
}
