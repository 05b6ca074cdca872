#include "test/sim/wire.h"

#include <stdlib.h>
#include <string.h>

#include "test/sim/memory.h"

void wire_init(struct wire *w, size_t size)
{
	*w = (struct wire){ .bytes = memory_get(size), .size = size };
}

void wire_finish(struct wire *w)
{
	free(w->bytes);
	*w = (struct wire){ 0 };
}

size_t wire_room(const struct wire *w)
{
	return w->size - w->len;
}

size_t wire_put(struct wire *w, const void *bytes, size_t len)
{
	if (len > wire_room(w))
		len = wire_room(w);
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

size_t wire_take(struct wire *w, size_t max, const uint8_t **bytes)
{
	size_t len = w->len < max ? w->len : max;

	*bytes = w->bytes + w->start;
	w->start += len;
	w->len -= len;
	return len;
}
