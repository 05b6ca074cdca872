/*
 * Numbers and bytes to memory and back (codec.h). The rule: once something has failed nothing more
 * is read or written, and every value is 0.
 */
#include "server/core/base/codec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HASH_BYTES = 8, VERSION_TEXT_MAX = 64 };

void codec_rewind(struct codec *p)
{
	p->at = 0;
	p->reading = true;
}

void codec_finish(struct codec *p)
{
	free(p->bytes);
	*p = (struct codec){ 0 };
}

/* Where the next len bytes are, or NULL. */
static uint8_t *next(struct codec *p, size_t len)
{
	if (p->failed)
		return NULL;
	if (p->reading) {
		p->failed = len > p->len - p->at;
		p->at += p->failed ? 0 : len;
		return p->failed ? NULL : p->bytes + p->at - len;
	}
	if (p->len + len > p->size) {
		size_t size = 2 * (p->len + len);
		uint8_t *bytes = realloc(p->bytes, size);

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

/* A number that is written is returned as it was, whatever happens: it is still in use. */
uint64_t codec_number(struct codec *p, uint64_t number, unsigned width, uint64_t max)
{
	uint8_t *at = next(p, width);

	if (!p->reading) {
		p->failed = p->failed || number > max;
		for (unsigned i = 0; at != NULL && i < width; i++)
			at[i] = (uint8_t)(number >> 8 * i);
		return number;
	}
	number = 0;
	for (unsigned i = 0; at != NULL && i < width; i++)
		number |= (uint64_t)at[i] << 8 * i;
	p->failed = p->failed || number > max;
	return p->failed ? 0 : number;
}

int64_t codec_time(struct codec *p, int64_t time)
{
	return (int64_t)codec_number(p, (uint64_t)time, 8, INT64_MAX / 4);
}

bool codec_flag(struct codec *p, bool flag)
{
	return codec_number(p, flag, 1, 1) == 1;
}

const void *codec_bytes(struct codec *p, const void *bytes, size_t *len, size_t max)
{
	uint8_t *at;

	*len = (size_t)codec_number(p, *len, 8, max);
	at = next(p, *len);
	if (p->reading) {
		*len = at != NULL ? *len : 0;
		return *len > 0 ? at : NULL;
	}
	if (at != NULL && bytes != NULL)
		memcpy(at, bytes, *len);
	return bytes;
}

struct slice codec_slice(struct codec *p, struct slice slice, size_t max)
{
	slice.bytes = codec_bytes(p, slice.bytes, &slice.len, max);
	return slice;
}

void codec_array(struct codec *p, void *bytes, size_t len)
{
	uint8_t *at = next(p, len);

	if (at == NULL)
		return;
	if (p->reading)
		memcpy(bytes, at, len);
	else
		memcpy(at, bytes, len);
}

void *codec_heap(struct codec *p, void *bytes, size_t *len, size_t max)
{
	const void *there = codec_bytes(p, bytes, len, max);
	void *copy;

	if (!p->reading)
		return bytes;
	copy = there != NULL ? malloc(*len) : NULL;
	if (copy != NULL)
		return memcpy(copy, there, *len);
	p->failed = p->failed || there != NULL;
	*len = 0;
	return NULL;
}

char *codec_text(struct codec *p, char *text, size_t max)
{
	bool any = codec_flag(p, text != NULL);
	size_t len = !p->reading && text != NULL ? strlen(text) : 0;
	const char *there = any ? codec_bytes(p, text, &len, max) : NULL;

	if (!p->reading)
		return text;
	text = any && !p->failed ? malloc(len + 1) : NULL;
	p->failed = p->failed || (any && text == NULL);
	if (text == NULL)
		return NULL;
	if (there != NULL)
		memcpy(text, there, len);
	text[len] = '\0';
	return text;
}

unsigned codec_version(struct codec *p, const char *name, unsigned oldest, unsigned newest)
{
	for (unsigned version = newest; version >= oldest; version--) {
		size_t at = p->at, len;
		char text[VERSION_TEXT_MAX];
		const char *found;

		len = (size_t)snprintf(text, sizeof(text), "%s %u", name, version);
		found = codec_bytes(p, text, &len, sizeof(text));
		if (!p->reading || (len == strlen(text) && memcmp(found, text, len) == 0))
			return p->version = version;
		p->at = at;
	}
	p->failed = true;
	return newest;
}

/* As FNV-1a, but for a word at a time: its high bits are brought down to where they spread. */
static uint64_t mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * UINT64_C(0x100000001b3);
	return hash ^ hash >> 32;
}

static uint64_t hash_of(const uint8_t *bytes, size_t len)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (; len >= sizeof(hash); len -= sizeof(hash), bytes += sizeof(hash)) {
		uint64_t word;

		memcpy(&word, bytes, sizeof(word));
		hash = mix(hash, word);
	}
	while (len > 0)
		hash = mix(hash, bytes[--len]);
	return hash;
}

void codec_add_checksum(struct codec *p)
{
	codec_number(p, hash_of(p->bytes, p->len), HASH_BYTES, UINT64_MAX);
}

bool codec_check(struct codec *p)
{
	uint64_t hash;

	codec_rewind(p);
	if (p->len < HASH_BYTES)
		return false;
	p->at = p->len - HASH_BYTES;
	hash = codec_number(p, 0, HASH_BYTES, UINT64_MAX);
	p->len -= HASH_BYTES;
	p->at = 0;
	return !p->failed && hash == hash_of(p->bytes, p->len);
}
