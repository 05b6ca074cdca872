#include "test/sim/cable.h"

#include <stdlib.h>
#include <string.h>

#include "test/sim/memory.h"

void cable_init(struct cable *w, size_t size)
{
	*w = (struct cable){ .bytes = memory_get(size), .size = size };
}

void cable_finish(struct cable *w)
{
	free(w->bytes);
	*w = (struct cable){ 0 };
}

size_t cable_room(const struct cable *w)
{
	return w->size - w->len;
}

size_t cable_put(struct cable *w, const void *bytes, size_t len)
{
	if (len > cable_room(w))
		len = cable_room(w);
	if (len == 0)
		return 0;
	if (w->start + w->len + len > w->size) {
		memmove(w->bytes, w->bytes + w->start, w->len);
		w->start = 0;
	}
	memcpy(w->bytes + w->start + w->len, bytes, len);
	w->len += len;
	return len;
}

size_t cable_take(struct cable *w, size_t max, const uint8_t **bytes)
{
	size_t len = w->len < max ? w->len : max;

	*bytes = w->bytes + w->start;
	w->start += len;
	w->len -= len;
	return len;
}
