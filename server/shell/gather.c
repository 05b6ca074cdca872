#include "server/shell/gather.h"

bool gather_wanted(struct gather *g)
{
	if (g->patience == 0 && ++g->skipped < GATHER_PAUSE)
		return false;
	g->skipped = 0;
	return true;
}

void gather_looked(struct gather *g, bool brought)
{
	if (brought)
		g->patience = GATHER_PATIENCE;
	else if (g->patience > 0)
		g->patience--;
}
