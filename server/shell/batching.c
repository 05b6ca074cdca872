#include "server/shell/batching.h"

static void forget_half(struct batching_cost *cost)
{
	cost->sends /= 2;
	cost->lines /= 2;
}

static void next_way(struct batching *g)
{
	g->turns = 0;
	if (g->kept) {
		g->kept = g->extra_polls = false;
		forget_half(&g->with);
		forget_half(&g->without);
	} else if (!g->extra_polls) {
		g->extra_polls = true;
	} else {
		g->kept = true;
		g->extra_polls = (uint64_t)g->with.sends * g->without.lines <
			(uint64_t)g->without.sends * g->with.lines;
	}
}

void batching_turn(struct batching *g, uint32_t lines, uint32_t extra_polls, uint32_t clients)
{
	struct batching_cost *cost = g->extra_polls ? &g->with : &g->without;

	if (lines == 0)
		return;
	if (!g->kept) {
		/* A look costs about a send, and for each client a part of one. */
		cost->sends += clients + extra_polls * (1 + clients / 16);
		cost->lines += lines;
	}
	if (++g->turns >= (g->kept ? BATCHING_KEPT : BATCHING_TRIED))
		next_way(g);
}
