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

void render_caches_finish(struct render_caches *s)
{
	for (size_t i = 0; i < sizeof(s->shared) / sizeof(s->shared[0]); i++)
		free(s->shared[i].bytes);
	free(s->own.bytes);
	*s = (struct render_caches){ 0 };
}

static bool is_filtered(const struct framing *d)
{
	return d->messages_only || d->quiet || d->ignored != NULL;
}

bool framing_renders(const struct framing *d)
{
	return d->crlf || d->tagged || is_filtered(d);
}

size_t framing_end_line(char *line, size_t len, bool crlf)
{
	if (!crlf)
		return len;
	line[len - 1] = '\r';
	line[len] = '\n';
	return len + 1;
}

bool framing_shows(const struct framing *d, const struct feed *f, uint64_t id)
{
	const struct record *r = feed_record(f, id);

	if (r->len == 0)
		return false;
	if (r->kind == MESSAGE_EVENT)
		return !d->messages_only &&
			!(d->quiet && message_is_presence(feed_line(f, id), r->len - 1));
	return !ignores_user(d->ignored, r->author);
}

size_t framing_length(const struct framing *d, const struct feed *f, uint64_t id)
{
	const struct record *r = feed_record(f, id);
	char tag[MESSAGE_TAG_MAX];

	if (!framing_shows(d, f, id))
		return 0;
	return (d->tagged ? message_tag(tag, id, r->time) : 0) + r->len + (d->crlf ? 1 : 0);
}

static size_t render(const struct framing *d, const struct feed *f, uint64_t id, char *out)
{
	const struct record *r = feed_record(f, id);
	size_t len = d->tagged ? message_tag(out, id, r->time) : 0;

	memcpy(out + len, feed_line(f, id), r->len);
	return framing_end_line(out, len + r->len, d->crlf);
}

/* Makes the cache large enough for a line of len bytes after what it holds. */
static bool make_room(struct render_cache *s, size_t len)
{
	size_t size = s->len + MESSAGE_TAG_MAX + len + 1;
	char *bytes;

	if (size <= s->size)
		return true;
	if (size < RENDER_BYTES)
		size = RENDER_BYTES;
	bytes = realloc(s->bytes, size);
	if (bytes == NULL)
		return false;
	s->bytes = bytes;
	s->size = size;
	return true;
}

static void fill(struct render_cache *s, const struct framing *d, const struct feed *f,
	uint64_t from, uint64_t to)
{
	uint64_t id = from;

	s->from = from;
	s->wanted = to;
	s->len = 0;
	for (; id < to; id++) {
		const struct record *r = feed_record(f, id);

		/* A line that was lost has to be told of before the next run. */
		if (r->len == 0 && id > from)
			break;
		if (!framing_shows(d, f, id))
			continue;
		if (s->len > 0 && s->len + MESSAGE_TAG_MAX + r->len + 1 > RENDER_BYTES)
			break;
		if (!make_room(s, r->len)) {
			s->wanted = 0; /* no run: the next that wants the same tries again */
			break;
		}
		s->len += render(d, f, id, s->bytes + s->len);
	}
	s->to = id;
}

uint64_t framing_run(const struct framing *d, const struct feed *f, struct render_caches *s,
	uint64_t from, uint64_t to, struct iovec *run)
{
	bool filtered = is_filtered(d);
	struct render_cache *cache;

	if (!framing_renders(d))
		return feed_run(f, from, to, run);
	cache = filtered ? &s->own : &s->shared[(d->crlf ? 1 : 0) + (d->tagged ? 2 : 0) - 1];
	if (filtered || cache->from != from || cache->wanted != to)
		fill(cache, d, f, from, to);
	*run = (struct iovec){ cache->bytes, cache->len };
	return cache->to;
}
