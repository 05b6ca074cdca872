/*
 * A line as bytes, both ways through one function (line.h). The rule: nothing that comes out of
 * share_line_read() can break a line of the feed, whatever stood in the log.
 */
#include "server/core/share/line.h"

#include "proto/text.h"

enum {
	LINE_FORM = 1, /* the first byte: the form of what follows */
	TEXT_MAX = 1 << 24,
};

static void serialize(struct codec *p, struct share_line *line)
{
	struct event *event = &line->event;

	codec_number(p, LINE_FORM, 1, LINE_FORM);
	line->person.node = codec_number(p, line->person.node, 8, UINT64_MAX);
	line->person.number = (uint32_t)codec_number(p, line->person.number, 4, UINT32_MAX);
	event->kind = (enum event_kind)codec_number(p, event->kind, 1, EVENT_KINDS - 1);
	event->number = (uint32_t)codec_number(p, event->number, 4, UINT32_MAX);
	event->online = (uint32_t)codec_number(p, event->online, 4, UINT32_MAX);
	event->said = (uint32_t)codec_number(p, event->said, 4, UINT32_MAX);
	line->slot = (uint32_t)codec_number(p, line->slot, 4, UINT32_MAX);
	line->home = codec_number(p, line->home, 8, UINT64_MAX);
	line->mark.seq = codec_number(p, line->mark.seq, 8, UINT64_MAX);
	line->mark.digest = codec_number(p, line->mark.digest, 8, UINT64_MAX);
	line->node = codec_slice(p, line->node, NODE_MAX);
	event->who = codec_slice(p, event->who, WHO_MAX);
	event->text = codec_slice(p, event->text, TEXT_MAX);
}

void share_line_write(struct codec *p, const struct share_line *line)
{
	struct share_line copy = *line;

	serialize(p, &copy);
}

/* A nick, or #NUMBER. */
static bool is_name(struct slice who)
{
	uint64_t number;

	if (who.len > 1 && who.bytes[0] == '#')
		return text_number(who.bytes + 1, who.len - 1, UINT32_MAX, &number);
	return who.len > 0 && nick_is_readable(who.bytes, who.len);
}

static bool is_event(const struct event *event)
{
	const struct slice *text = &event->text;

	if (text->len > 0 && (!text_is_clean(text->bytes, text->len) ||
		text_is_blank(text->bytes, text->len)))
		return false;
	switch (event->kind) {
	case EVENT_SAID:
	case EVENT_ACTION:
		return is_name(event->who) && text->len > 0;
	case EVENT_JOIN:
	case EVENT_LEAVE:
	case EVENT_TOPIC:
		return is_name(event->who);
	case EVENT_RENAME:
		return is_name(event->who) && is_name(*text);
	case EVENT_NOTICE:
		return text->len > 0;
	case EVENT_KINDS:
		break;
	}
	return false;
}

int share_line_read(struct slice payload, struct share_line *line)
{
	struct codec p = { .bytes = (uint8_t *)payload.bytes, .len = payload.len, .reading = true };

	*line = (struct share_line){ 0 };
	if (payload.len == 0 || payload.bytes[0] != LINE_FORM)
		return -1;
	serialize(&p, line);
	return p.failed || !is_event(&line->event) ? -1 : 0;
}

/* FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/ */
uint64_t share_line_digest(struct slice payload, int64_t ns)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ (uint64_t)ns;

	for (size_t i = 0; i < payload.len; i++)
		hash = (hash ^ (uint8_t)payload.bytes[i]) * UINT64_C(0x100000001b3);
	return hash;
}
