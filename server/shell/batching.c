/*
 * Whether a turn polls again before it sends (batching.h). Costs are counted in calls, never timed,
 * so that a busy machine does not mislead it.
 */
#include "server/shell/batching.h"

static void forget_half(struct batching_cost *cost)
{
	cost->sends /= 2;
	cost->lines /= 2;
}

static void next_way(struct batching *b)
{
	b->turns = 0;
	if (b->kept) {
		b->kept = b->extra_polls = false;
		forget_half(&b->with);
		forget_half(&b->without);
	} else if (!b->extra_polls) {
		b->extra_polls = true;
	} else {
		b->kept = true;
		b->extra_polls = (uint64_t)b->with.sends * b->without.lines <
			(uint64_t)b->without.sends * b->with.lines;
	}
}

uint32_t batching_wait(const struct batching *b)
{
	return b->sends / BATCHING_PART;
}

/* Of an extra poll, in sends: a descriptor costs a sixteenth of one, four microseconds are one. */
static uint32_t poll_cost(const struct batching *b, uint32_t polled)
{
	return 1 + polled / 16 + batching_wait(b) / 4;
}

void batching_turn(struct batching *b, const struct batching_counts *turn)
{
	struct batching_cost *cost = b->extra_polls ? &b->with : &b->without;

	if (turn->lines == 0)
		return;
	if (!b->kept) {
		cost->sends += turn->sends + turn->extra_polls * poll_cost(b, turn->polled);
		cost->lines += turn->lines;
	}
	b->sends = turn->sends;
	if (++b->turns >= (b->kept ? BATCHING_KEPT : BATCHING_TRIED))
		next_way(b);
}
