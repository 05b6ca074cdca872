#include "server/shell/gather.h"

static void forget_half(struct gather_cost *cost)
{
	cost->sends /= 2;
	cost->lines /= 2;
}

static void next_way(struct gather *g)
{
	g->turns = 0;
	if (g->kept) {
		g->kept = g->looks = false;
		forget_half(&g->with);
		forget_half(&g->without);
	} else if (!g->looks) {
		g->looks = true;
	} else {
		g->kept = true;
		g->looks = (uint64_t)g->with.sends * g->without.lines <
			(uint64_t)g->without.sends * g->with.lines;
	}
}

void gather_turn(struct gather *g, uint32_t lines, uint32_t looks, uint32_t clients)
{
	struct gather_cost *cost = g->looks ? &g->with : &g->without;

	if (lines == 0)
		return;
	if (!g->kept) {
		/* A look costs about a send, and for each client a part of one. */
		cost->sends += clients + looks * (1 + clients / 16);
		cost->lines += lines;
	}
	if (++g->turns >= (g->kept ? GATHER_KEPT : GATHER_TRIED))
		next_way(g);
}
