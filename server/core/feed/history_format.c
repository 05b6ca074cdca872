/*
 * The text of the history file. An ID is in order if it is the next one, or further on by at most
 * as many lines as have just been skipped. A higher one (lines were taken out by hand, or could not
 * be written) is held until the next record shows that IDs really go on from there: one damaged
 * digit must not make all that follows look old.
 */
#include "server/core/feed/history_format.h"

#include <stdlib.h>
#include <string.h>

#include "proto/text.h"

static const char opening[] = "=== chatd history ";
static const char version[] = "1, next @";
static const char of_room[] = ", room ";
static const char byte_order_mark[] = "\xef\xbb\xbf"; /* U+FEFF in UTF-8 */

enum {
	OPENING_LEN = sizeof(opening) - 1,
	VERSION_LEN = sizeof(version) - 1,
	OF_ROOM_LEN = sizeof(of_room) - 1,
	BYTE_ORDER_MARK_LEN = sizeof(byte_order_mark) - 1,

	/* No record is shorter in the file; "@1 1666207445 " is a tag. */
	RECORD_MIN = FEED_RECORD_BYTES + 14,
};

/* No ID is as high, all else is damage: at a million lines a second it is 300,000 years away. */
static const uint64_t id_max = INT64_MAX;

/* A line that can be read: a record, or a header where there is no line. */
struct entry {
	uint64_t id; /* of the record, or the next one */
	int64_t time;
	enum message_kind kind;
	const char *line;
	size_t len;
};

/* Writes a header, whose number has at least this many digits. */
static size_t put_header(char *out, uint64_t next, size_t digits_min, const char *room)
{
	size_t room_len = strlen(room);
	char digits[20];
	size_t at = sizeof(digits);
	char *end = out;

	do {
		digits[--at] = (char)('0' + next % 10);
		next /= 10;
	} while (next > 0 || sizeof(digits) - at < digits_min);
	memcpy(end, opening, OPENING_LEN);
	end += OPENING_LEN;
	memcpy(end, version, VERSION_LEN);
	end += VERSION_LEN;
	memcpy(end, digits + at, sizeof(digits) - at);
	end += sizeof(digits) - at;
	if (room_len > 0) {
		memcpy(end, of_room, OF_ROOM_LEN);
		memcpy(end + OF_ROOM_LEN, room, room_len);
		end += OF_ROOM_LEN + room_len;
	}
	*end++ = '\n';
	return (size_t)(end - out);
}

size_t history_header(char *out, uint64_t next, const char *room)
{
	return put_header(out, next, 1, room);
}

size_t history_first_header(char *out, uint64_t next, const char *room)
{
	return put_header(out, next, HISTORY_MARK_LEN, room);
}

void history_mark(char out[HISTORY_MARK_LEN], uint64_t next)
{
	char header[HISTORY_HEADER_MAX];

	history_first_header(header, next, "");
	memcpy(out, header + HISTORY_MARK_AT, HISTORY_MARK_LEN);
}

static bool begins_with(const char *s, size_t len, const char *prefix, size_t prefix_len)
{
	return len >= prefix_len && memcmp(s, prefix, prefix_len) == 0;
}

/* A header without its LF; *room: its name, of length 0 for none. */
static bool parse_header_of(const char *line, size_t len, uint64_t *next, struct slice *room)
{
	size_t digits = 0;

	if (!begins_with(line, len, opening, OPENING_LEN))
		return false;
	line += OPENING_LEN;
	len -= OPENING_LEN;
	if (!begins_with(line, len, version, VERSION_LEN))
		return false;
	line += VERSION_LEN;
	len -= VERSION_LEN;
	while (digits < len && line[digits] >= '0' && line[digits] <= '9')
		digits++;
	*room = (struct slice){ line + digits, 0 };
	if (begins_with(line + digits, len - digits, of_room, OF_ROOM_LEN)) {
		*room = (struct slice){ line + digits + OF_ROOM_LEN, len - digits - OF_ROOM_LEN };
		if (room->len == 0 || room->len > NICK_MAX)
			return false;
	} else if (digits < len) {
		return false;
	}
	return text_number(line, digits, id_max, next);
}

static bool parse_header(const char *line, size_t len, uint64_t *next)
{
	struct slice room;

	return parse_header_of(line, len, next, &room);
}

uint64_t history_marked(const char *bytes, size_t len)
{
	const char *lf = len > 0 ? memchr(bytes, '\n', len) : NULL;
	size_t end = HISTORY_MARK_AT + HISTORY_MARK_LEN;
	uint64_t next;

	/* The number is as long as it can be: nothing after it has to move. */
	if (lf == NULL || (size_t)(lf - bytes) < end ||
		!parse_header(bytes, (size_t)(lf - bytes), &next) ||
		(bytes[end] != '\n' && bytes[end] != ','))
		return 0;
	return next;
}

bool history_is_of(const char *bytes, size_t len, const struct history_room *room)
{
	const char *lf = len > 0 ? memchr(bytes, '\n', len) : NULL;
	struct slice name;
	uint64_t next;

	if (lf == NULL || !parse_header_of(bytes, (size_t)(lf - bytes), &next, &name))
		return true;
	if (name.len == 0)
		return room->is_first;
	return name.len == strlen(room->name) && memcmp(name.bytes, room->name, name.len) == 0;
}

static bool parse_record(const char *line, size_t len, struct entry *entry)
{
	char tag[MESSAGE_TAG_MAX];
	struct message m;

	message_parse(line, len, &m);
	if (!m.tagged || !message_is_stamped(m.kind) || m.id == 0 || m.id >= id_max)
		return false;
	if (m.time < 0 || m.time > UINT32_MAX || !text_is_clean(line, len))
		return false;
	size_t tag_len = message_tag(tag, m.id, m.time);
	if (!begins_with(line, len, tag, tag_len))
		return false;
	*entry = (struct entry){ m.id, m.time, m.kind, line + tag_len, len - tag_len };
	return true;
}

/* The ID of a tag, which may be all that there is of the line; 0 for none. */
static uint64_t parse_tag(const char *line, size_t len)
{
	const char *blank = len > 1 && line[0] == '@' ? memchr(line, ' ', len) : NULL;
	uint64_t id;

	if (blank == NULL || !text_number(line + 1, (size_t)(blank - line) - 1, id_max, &id))
		return 0;
	return id;
}

uint64_t history_first_id(const char *bytes, size_t len)
{
	const char *lf = len > 0 ? memchr(bytes, '\n', len) : NULL;
	uint64_t id = parse_tag(bytes, len);
	size_t line_len;

	if (id > 0 || lf == NULL)
		return id;
	/* The number of the first line may have been raised since. */
	line_len = (size_t)(lf - bytes);
	id = parse_tag(lf + 1, len - line_len - 1);
	if (id == 0 && !parse_header(bytes, line_len, &id))
		return 0;
	return id;
}

static bool parse(const char *line, size_t len, struct entry *entry)
{
	*entry = (struct entry){ 0 };
	return parse_header(line, len, &entry->id) || parse_record(line, len, entry);
}

/* Whether len bytes can be the first of a header. */
static bool is_torn_header(const char *bytes, size_t len)
{
	char header[HISTORY_HEADER_MAX];
	size_t fixed = history_header(header, 0, "") - 2;
	const char *comma = len > 0 ? memchr(bytes + (len < fixed ? len : fixed), ',',
		len < fixed ? 0 : len - fixed) : NULL;
	size_t rest = comma != NULL ? len - (size_t)(comma - bytes) : 0;
	uint64_t next;

	if (len <= fixed)
		return len == 0 || memcmp(bytes, header, len) == 0;
	if (rest <= OF_ROOM_LEN && rest > 0 && memcmp(comma, of_room, rest) == 0)
		len -= rest;
	return parse_header(bytes, len, &next);
}

/* Of a first line that cannot be read: whether it says more than ours, and is not just damaged. */
static bool is_newer(const char *bytes, size_t len)
{
	size_t at = OPENING_LEN;

	if (!begins_with(bytes + at, len - at, version, VERSION_LEN))
		return true;
	at += VERSION_LEN;
	while (at < len && bytes[at] >= '0' && bytes[at] <= '9')
		at++;
	return at < len && bytes[at] == ',';
}

/* The kind of a file without a byte-order mark. */
static enum history_origin plain_origin(const char *bytes, size_t len)
{
	const char *lf = len > 0 ? memchr(bytes, '\n', len) : NULL;
	struct message m;
	uint64_t next;

	if (lf == NULL && len < HISTORY_HEADER_MAX && is_torn_header(bytes, len))
		return HISTORY_TORN;
	if (lf != NULL && parse_header(bytes, (size_t)(lf - bytes), &next))
		return HISTORY_OURS;
	if (lf != NULL && lf > bytes && lf[-1] == '\r' &&
		parse_header(bytes, (size_t)(lf - bytes) - 1, &next))
		return HISTORY_CONVERTED;
	if (begins_with(bytes, len, opening, OPENING_LEN))
		return lf == NULL || is_newer(bytes, len) ? HISTORY_NEWER : HISTORY_OURS;
	message_parse(bytes, lf != NULL ? (size_t)(lf - bytes) : len, &m);
	return m.tagged ? HISTORY_OURS : HISTORY_FOREIGN;
}

enum history_origin history_origin(const char *bytes, size_t len)
{
	if (!begins_with(bytes, len, byte_order_mark, BYTE_ORDER_MARK_LEN))
		return plain_origin(bytes, len);
	bytes += BYTE_ORDER_MARK_LEN;
	len -= BYTE_ORDER_MARK_LEN;
	return plain_origin(bytes, len) == HISTORY_FOREIGN ? HISTORY_FOREIGN : HISTORY_PREFIXED;
}

void history_go_on_at(struct feed *feed, uint64_t id)
{
	if (feed->first == feed->next || id - feed->next > feed->mask) {
		feed_begin(feed, id);
		return;
	}
	int64_t time = feed_record(feed, feed->next - 1)->time;
	while (feed->next < id) {
		(void)feed_reserve(feed, 0);
		feed_append(feed, feed->next,
			&(struct record){ .kind = MESSAGE_OTHER, .time = (uint32_t)time });
	}
}

/* end: where in the file it does. */
static void take(struct history_reader *l, const struct entry *entry, uint64_t end)
{
	struct feed *feed = l->feed;

	history_go_on_at(feed, entry->id);
	if (entry->line != NULL && entry->len < feed->size) {
		char *line = feed_reserve(feed, entry->len + 1);

		memcpy(line, entry->line, entry->len);
		line[entry->len] = '\n';
		feed_append(feed, feed->next,
			&(struct record){ .len = (uint32_t)(entry->len + 1) & 0xffffff,
				.kind = (uint32_t)entry->kind & 0xff,
				.time = (uint32_t)entry->time });
	} else if (entry->line != NULL) {
		history_go_on_at(feed, entry->id + 1);
	}
	l->taken++;
	l->run = 0;
	l->end = end;
}

static void skip(struct history_reader *l, uint64_t at)
{
	if (l->skipped++ == 0 || at < l->skipped_at)
		l->skipped_at = at;
	l->run++;
}

static void hold(struct history_reader *l, const char *line, size_t len, uint64_t at)
{
	l->held = malloc(len);
	if (l->held == NULL) {
		skip(l, at);
		return;
	}
	memcpy(l->held, line, len);
	l->held_len = len;
	l->held_at = at;
	l->held_run = l->run;
}

/* Takes the line that was held if IDs go on at next, else skips it. */
static void settle(struct history_reader *l, uint64_t next)
{
	struct entry entry;
	uint64_t after = l->run - l->held_run;
	bool readable = parse(l->held, l->held_len, &entry);

	if (readable && entry.id + (entry.line != NULL) <= next) {
		take(l, &entry, l->held_at + l->held_len + 1);
		l->run = after;
	} else if (!readable || entry.line != NULL || l->held_at > 0) {
		skip(l, l->held_at);
	} /* else the first line, which tells of lines that could not be written at the end */
	free(l->held);
	l->held = NULL;
}

void history_reader_line(struct history_reader *l, const char *line, size_t len, uint64_t at)
{
	struct entry entry;
	bool readable = parse(line, len, &entry);

	if (readable && l->below > 0 && entry.id >= l->below)
		return;
	if (readable && l->held != NULL)
		settle(l, entry.id);
	/* Only what was read tells which IDs are old: before that the feed's are nobody's. */
	uint64_t next = l->taken > 0 ? l->feed->next : 0;
	if (!readable || entry.id < next)
		skip(l, at);
	else if (entry.id <= next + l->run && l->taken > 0)
		take(l, &entry, at + len + 1);
	else
		hold(l, line, len, at);
}

void history_reader_stop(struct history_reader *l)
{
	if (l->held != NULL)
		settle(l, UINT64_MAX);
}

/*
 * How many more records stand in the last one: where a line feed is damaged, two lines are one, of
 * which each part can be read.
 */
static uint64_t swallowed(const struct feed *feed)
{
	const char *line = feed_line(feed, feed->next - 1);
	const char *end = line + feed_record(feed, feed->next - 1)->len;
	uint64_t count = 0;

	for (const char *at = line; at < end && (at = memchr(at, '@', (size_t)(end - at))); at++) {
		struct entry entry;

		if (parse_record(at, (size_t)(end - at) - 1, &entry) &&
			entry.id == feed->next + count)
			count++;
	}
	return count;
}

void history_reader_end(struct history_reader *l, uint64_t size)
{
	uint64_t lost, most;

	history_reader_stop(l);
	if (l->taken == 0)
		return;
	lost = l->run;
	most = l->end < size ? (size - l->end) / RECORD_MIN : 0;
	if (lost < most)
		lost = most;
	if (l->feed->first < l->feed->next)
		lost += swallowed(l->feed);
	if (lost > id_max - l->feed->next)
		lost = id_max - l->feed->next;
	history_go_on_at(l->feed, l->feed->next + lost);
}
