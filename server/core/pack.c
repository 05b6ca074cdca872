#include "server/core/pack.h"

#include <stdlib.h>
#include <string.h>

static uint8_t *grow(struct pack *p, size_t len)
{
	size_t size = p->size;
	uint8_t *bytes;

	if (p->failed)
		return NULL;
	if (p->len + len > size) {
		size = 2 * (p->len + len);
		bytes = realloc(p->bytes, size);
		if (bytes == NULL) {
			p->failed = true;
			return NULL;
		}
		p->bytes = bytes;
		p->size = size;
	}
	p->len += len;
	return p->bytes + p->len - len;
}

void pack_number(struct pack *p, uint64_t number, unsigned width)
{
	uint8_t *to = grow(p, width);

	for (unsigned i = 0; to != NULL && i < width; i++)
		to[i] = (uint8_t)(number >> 8 * i);
}

void pack_bytes(struct pack *p, const void *bytes, size_t len)
{
	uint8_t *to;

	pack_number(p, len, 8);
	to = grow(p, len);
	if (to != NULL && len > 0)
		memcpy(to, bytes, len);
}

void pack_finish(struct pack *p)
{
	free(p->bytes);
	*p = (struct pack){ 0 };
}

/* The next len bytes, or NULL. */
static const uint8_t *take(struct unpack *u, size_t len)
{
	if (u->failed || len > u->len - u->at) {
		u->failed = true;
		return NULL;
	}
	u->at += len;
	return u->bytes + u->at - len;
}

uint64_t unpack_number(struct unpack *u, unsigned width)
{
	const uint8_t *from = take(u, width);
	uint64_t number = 0;

	for (unsigned i = 0; from != NULL && i < width; i++)
		number |= (uint64_t)from[i] << 8 * i;
	return number;
}

uint64_t unpack_limited(struct unpack *u, unsigned width, uint64_t max)
{
	uint64_t number = unpack_number(u, width);

	if (number <= max)
		return number;
	u->failed = true;
	return 0;
}

const uint8_t *unpack_bytes(struct unpack *u, size_t max, size_t *len)
{
	const uint8_t *bytes;

	*len = (size_t)unpack_limited(u, 8, max);
	bytes = take(u, *len);
	if (bytes == NULL)
		*len = 0;
	return *len > 0 ? bytes : NULL;
}

void unpack_exactly(struct unpack *u, void *to, size_t len)
{
	size_t there;
	const uint8_t *bytes = unpack_bytes(u, len, &there);

	if (there == len && len > 0)
		memcpy(to, bytes, len);
	else
		u->failed = true;
}

uint64_t pack_hash(const uint8_t *bytes, size_t len)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
	return hash;
}
