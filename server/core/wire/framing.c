/*
 * Rendering is a walk over records and a copy; the system call is what costs, so the copy is
 * made once a turn for all who want the same and sent in one piece.
 */
#include "server/core/wire/framing.h"

#include <stdlib.h>
#include <string.h>

enum {
	/* A rendering stops when it is this long; a longer line still fits. */
	RENDER_BYTES = 128 * 1024,
};

void render_caches_finish(struct render_caches *caches)
{
	for (size_t i = 0; i < sizeof(caches->shared) / sizeof(caches->shared[0]); i++)
		free(caches->shared[i].bytes);
	free(caches->own.bytes);
	*caches = (struct render_caches){ 0 };
}

static bool is_filtered(const struct framing *framing)
{
	return framing->messages_only || framing->quiet || framing->ignored != NULL;
}

bool framing_renders(const struct framing *framing)
{
	return framing->crlf || framing->tagged || is_filtered(framing);
}

size_t framing_end_line(char *line, size_t len, bool crlf)
{
	if (!crlf)
		return len;
	line[len - 1] = '\r';
	line[len] = '\n';
	return len + 1;
}

bool framing_shows(const struct framing *framing, const struct feed *f, uint64_t id)
{
	const struct record *r = feed_record(f, id);

	if (r->len == 0)
		return false;
	if (r->kind == MESSAGE_EVENT)
		return !framing->messages_only &&
			!(framing->quiet && message_is_presence(feed_line(f, id), r->len - 1));
	return !ignores_user(framing->ignored, r->author);
}

size_t framing_length(const struct framing *framing, const struct feed *f, uint64_t id)
{
	const struct record *r = feed_record(f, id);
	char tag[MESSAGE_TAG_MAX];

	if (!framing_shows(framing, f, id))
		return 0;
	return (framing->tagged ? message_tag(tag, id, r->time) : 0) + r->len + (framing->crlf
		? 1 : 0);
}

static size_t render(const struct framing *framing, const struct feed *f, uint64_t id, char *out)
{
	const struct record *r = feed_record(f, id);
	size_t len = framing->tagged ? message_tag(out, id, r->time) : 0;

	memcpy(out + len, feed_line(f, id), r->len);
	return framing_end_line(out, len + r->len, framing->crlf);
}

/* Makes the cache large enough for a line of len bytes after what it holds. */
static bool make_room(struct render_cache *cache, size_t len)
{
	size_t size = cache->len + MESSAGE_TAG_MAX + len + 1;
	char *bytes;

	if (size <= cache->size)
		return true;
	if (size < RENDER_BYTES)
		size = RENDER_BYTES;
	bytes = realloc(cache->bytes, size);
	if (bytes == NULL)
		return false;
	cache->bytes = bytes;
	cache->size = size;
	return true;
}

static void fill(struct render_cache *cache, const struct framing *framing, const struct feed *f,
	struct id_range ids)
{
	uint64_t id = ids.from;

	cache->from = ids.from;
	cache->wanted = ids.to;
	cache->len = 0;
	for (; id < ids.to; id++) {
		const struct record *r = feed_record(f, id);

		/* A line that was lost has to be told of before the next run. */
		if (r->len == 0 && id > ids.from)
			break;
		if (!framing_shows(framing, f, id))
			continue;
		if (cache->len > 0 && cache->len + MESSAGE_TAG_MAX + r->len + 1 > RENDER_BYTES)
			break;
		if (!make_room(cache, r->len)) {
			cache->wanted = 0; /* no run: the next that wants the same tries again */
			break;
		}
		cache->len += render(framing, f, id, cache->bytes + cache->len);
	}
	cache->to = id;
}

uint64_t framing_run(const struct framing *framing, const struct feed *f,
	struct render_caches *caches, struct id_range ids, struct iovec *run)
{
	bool filtered = is_filtered(framing);
	struct render_cache *cache;

	if (!framing_renders(framing))
		return feed_run(f, ids.from, ids.to, run);
	cache = filtered ? &caches->own
		: &caches->shared[(framing->crlf ? 1 : 0) + (framing->tagged ? 2 : 0) - 1];
	if (filtered || cache->from != ids.from || cache->wanted != ids.to)
		fill(cache, framing, f, ids);
	*run = (struct iovec){ cache->bytes, cache->len };
	return cache->to;
}
