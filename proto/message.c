/*
 * The line formats. One table holds what stands before and after who, so that writing and
 * parsing cannot drift apart.
 */
#include "proto/message.h"

#include <string.h>

#include "proto/slice.h"
#include "proto/text.h"

/* The parts of a kind of line: open, who, close, the text, and " --STAMP". */
struct frame {
	struct slice open;
	struct slice close; /* NULL: this kind has no who */
	bool stamped;
};

#define TEXT(literal) { literal, sizeof(literal) - 1 }
#define NO_WHO { NULL, 0 }

static const struct frame frames[] = {
	[MESSAGE_SAID] = { TEXT("["), TEXT("]: "), true },
	[MESSAGE_ACTION] = { TEXT("* "), TEXT(" "), true },
	[MESSAGE_EVENT] = { TEXT("*** "), NO_WHO, true },
	[MESSAGE_RECEIVED] = { TEXT("["), TEXT(" -> you]: "), true },
	[MESSAGE_SENT] = { TEXT("[you -> "), TEXT("]: "), true },
	[MESSAGE_ANSWER] = { TEXT("=== "), NO_WHO, false },
	[MESSAGE_ERROR] = { TEXT("!!! "), NO_WHO, false },
	[MESSAGE_OTHER] = { TEXT(""), NO_WHO, false },
};

static const struct slice stamp_mark = TEXT(" --");

bool message_is_stamped(enum message_kind kind)
{
	return frames[kind].stamped;
}

static char *put(char *out, struct slice s)
{
	memcpy(out, s.bytes, s.len);
	return out + s.len;
}

size_t message_begin(char *out, enum message_kind kind, const char *who, size_t who_len)
{
	const struct frame *frame = &frames[kind];
	char *end = put(out, frame->open);

	if (frame->close.bytes != NULL) {
		end = put(end, (struct slice){ who, who_len });
		end = put(end, frame->close);
	}
	return (size_t)(end - out);
}

size_t message_end(char *out, enum message_kind kind, const char *stamp)
{
	char *end = out;

	if (frames[kind].stamped) {
		end = put(end, stamp_mark);
		end = put(end, (struct slice){ stamp, STAMP_LEN });
	}
	*end++ = '\n';
	return (size_t)(end - out);
}

size_t message_tag(char *out, uint64_t id, int64_t time)
{
	char *end = out;

	*end++ = '@';
	end += text_put_number(end, id);
	*end++ = ' ';
	if (time < 0)
		*end++ = '-';
	end += text_put_number(end, time < 0 ? -(uint64_t)time : (uint64_t)time);
	*end++ = ' ';
	return (size_t)(end - out);
}

/* What of a line is not parsed yet. */
struct rest {
	const char *s;
	size_t len;
};

static bool skip(struct rest *rest, struct slice prefix)
{
	if (rest->len < prefix.len || memcmp(rest->s, prefix.bytes, prefix.len) != 0)
		return false;
	rest->s += prefix.len;
	rest->len -= prefix.len;
	return true;
}

/* Takes a number and the space after it. */
static bool take_number(struct rest *rest, uint64_t max, uint64_t *number)
{
	const char *space = rest->len > 0 ? memchr(rest->s, ' ', rest->len) : NULL;

	if (space == NULL || !text_number(rest->s, (size_t)(space - rest->s), max, number))
		return false;
	rest->len -= (size_t)(space + 1 - rest->s);
	rest->s = space + 1;
	return true;
}

static void parse_tag(struct rest *line, struct message *m)
{
	struct rest rest = *line;
	uint64_t id, epoch;

	if (!skip(&rest, (struct slice)TEXT("@")) || !take_number(&rest, UINT64_MAX, &id))
		return;
	bool negative = skip(&rest, (struct slice)TEXT("-"));
	if (!take_number(&rest, (uint64_t)INT64_MAX + negative, &epoch))
		return;
	m->tagged = true;
	m->id = id;
	m->time = negative ? -(int64_t)(epoch - 1) - 1 : (int64_t)epoch;
	*line = rest;
}

/* Whether it has the shape of a stamp: a, letters; 9, digits; _, a digit or a space. */
static bool is_stamp(const char *s)
{
	static const char shape[] = "Aaa Aaa _9 99:99:99 9999";

	for (size_t i = 0; i < STAMP_LEN; i++) {
		bool digit = s[i] >= '0' && s[i] <= '9';
		bool fits;

		switch (shape[i]) {
		case 'A':
			fits = s[i] >= 'A' && s[i] <= 'Z';
			break;
		case 'a':
			fits = s[i] >= 'a' && s[i] <= 'z';
			break;
		case '9':
			fits = digit;
			break;
		case '_':
			fits = digit || s[i] == ' ';
			break;
		default:
			fits = s[i] == shape[i];
		}
		if (!fits)
			return false;
	}
	return true;
}

/* Takes who: up to a character that no who has, at most WHO_MAX bytes of it. */
static bool take_who(struct rest *rest, struct message *m)
{
	size_t len = 0;

	while (len < rest->len && memchr(" []:", rest->s[len], 4) == NULL)
		len++;
	if (len == 0 || len > WHO_MAX)
		return false;
	m->who = rest->s;
	m->who_len = len;
	rest->s += len;
	rest->len -= len;
	return true;
}

static bool parse_kind(struct rest line, enum message_kind kind, struct message *m)
{
	const struct frame *frame = &frames[kind];
	struct message parsed = { .kind = kind, .tagged = m->tagged, .id = m->id, .time = m->time };

	if (!skip(&line, frame->open))
		return false;
	if (frame->close.bytes != NULL && !(take_who(&line, &parsed) && skip(&line, frame->close)))
		return false;
	if (frame->stamped) {
		size_t tail = stamp_mark.len + STAMP_LEN;
		if (line.len < tail)
			return false;
		struct rest stamp = { line.s + line.len - tail, tail };
		if (!skip(&stamp, stamp_mark) || !is_stamp(stamp.s))
			return false;
		parsed.stamp = stamp.s;
		line.len -= tail;
	}
	parsed.text = line.s;
	parsed.text_len = line.len;
	*m = parsed;
	return true;
}

void message_parse(const char *line, size_t len, struct message *m)
{
	struct rest rest = { line, len };

	*m = (struct message){ .kind = MESSAGE_OTHER };
	parse_tag(&rest, m);
	m->text = rest.s;
	m->text_len = rest.len;
	for (enum message_kind kind = MESSAGE_SAID; kind < MESSAGE_OTHER; kind++) {
		if (parse_kind(rest, kind, m))
			return;
	}
}

bool message_is_presence(const char *line, size_t len)
{
	struct rest rest = { line, len };
	const char *blank;

	if (!skip(&rest, frames[MESSAGE_EVENT].open) || rest.len == 0)
		return false;
	blank = memchr(rest.s, ' ', rest.len);
	/* No other event has a who, which holds no colon, before one of these words. */
	if (blank == NULL || blank == rest.s ||
		memchr(rest.s, ':', (size_t)(blank - rest.s)) != NULL)
		return false;
	rest.len -= (size_t)(blank - rest.s);
	rest.s = blank;
	return skip(&rest, (struct slice)TEXT(" joined (")) ||
		skip(&rest, (struct slice)TEXT(" left ("));
}
