/*
 * The order (order.h): a list of proposals, first in, first out. A copy of the texts stands after
 * each, so that its proposer may go.
 */
#include "server/core/feed/order.h"

#include <stdlib.h>
#include <string.h>

static struct slice copy_slice(char **to, struct slice from)
{
	struct slice copy = { *to, from.len };

	if (from.len > 0)
		memcpy(*to, from.bytes, from.len);
	*to += from.len;
	return copy;
}

int order_push(struct order *order, uint32_t room, const struct event *event)
{
	struct proposal *p = malloc(sizeof(*p) + event->who.len + event->text.len);
	char *to;

	if (p == NULL)
		return -1;
	*p = (struct proposal){ .room = room, .event = *event };
	to = p->bytes;
	p->event.who = copy_slice(&to, event->who);
	p->event.text = copy_slice(&to, event->text);
	if (order->first == NULL)
		order->end = &order->first;
	*order->end = p;
	order->end = &p->next;
	return 0;
}

struct proposal *order_take_at(struct order *order, struct proposal **at)
{
	struct proposal *p = *at;

	*at = p->next;
	if (p->next == NULL)
		order->end = at;
	return p;
}

struct proposal *order_take(struct order *order)
{
	return order->first != NULL ? order_take_at(order, &order->first) : NULL;
}

bool order_is_new(uint32_t *applied, uint32_t number)
{
	/* In the arithmetic of serial numbers (RFC 1982), since they wrap. */
	if ((int32_t)(number - *applied) <= 0)
		return false;
	*applied = number;
	return true;
}

void order_finish(struct order *order)
{
	struct proposal *p;

	while ((p = order_take(order)) != NULL)
		free(p);
}
