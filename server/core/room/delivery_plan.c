/*
 * Plans of what goes out (delivery_plan.h). The rule: a plan has no more than DELIVERY_PIECES.
 */
#include "server/core/room/delivery_plan.h"

void delivery_plan_begin(struct delivery_plan *plan, struct position start)
{
	plan->head_len = 0;
	plan->count = 0;
	plan->bytes = 0;
	plan->position = start;
	plan->outbox_at = 0;
	plan->rendered = false;
}

void delivery_plan_add(struct delivery_plan *plan, bool of_feed, struct iovec iov,
	struct position before)
{
	int i = plan->count++;

	plan->iov[i] = iov;
	plan->of_feed[i] = of_feed;
	plan->before[i] = before;
	plan->after[i] = plan->position;
	plan->bytes += iov.iov_len;
}
