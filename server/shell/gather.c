#include "server/shell/gather.h"

bool gather_wanted(struct gather *g)
{
	if (g->paid == 0 && ++g->skipped < GATHER_PAUSE)
		return false;
	g->skipped = 0;
	return true;
}

/* A look costs about a send, and for each client a part of one; it spares a send to each. */
static uint32_t worth(uint32_t clients)
{
	return (uint32_t)((uint64_t)clients * GATHER_WORTH / ((uint64_t)clients + GATHER_WORTH));
}

void gather_looked(struct gather *g, bool brought, uint32_t clients)
{
	if (brought)
		g->paid += worth(clients);
	else if (g->paid > 0)
		g->paid--;
	if (g->paid > GATHER_SAVED)
		g->paid = GATHER_SAVED;
}
