/*
 * The text of the history: whatever stands in the file, the feed holds nothing but whole, safe
 * lines with IDs that grow, and what was read can be written and read again.
 */
#include "server/core/feed/history_format.h"

#include "test/fuzz/fuzz.h"

/* Gives the ledger each line of some text. */
static void read_text(struct history_reader *l, const char *text, size_t len)
{
	for (size_t at = 0; at < len;) {
		const char *lf = memchr(text + at, '\n', len - at);
		size_t line_len = lf != NULL ? (size_t)(lf - text) - at : len - at;
		char *line = malloc(line_len + 1);

		/* Just these bytes, so that a sanitizer sees any read beyond them. */
		memcpy(line, text + at, line_len);
		line = realloc(line, line_len + (line_len == 0));
		history_reader_line(l, line, line_len, at);
		free(line);
		at += line_len + 1;
	}
	history_reader_end(l, len);
}

/* Writes what a feed holds as a file would have it: its length. */
static size_t write_text(const struct feed *feed, char **text)
{
	size_t size = HISTORY_HEADER_MAX + (feed->next - feed->first) * MESSAGE_TAG_MAX +
		feed->size;
	size_t len = 0;

	*text = malloc(size);
	len += history_header(*text, feed->first, "");
	for (uint64_t id = feed->first; id < feed->next; id++) {
		const struct record *record = feed_record(feed, id);

		if (record->len == 0)
			continue;
		len += message_tag(*text + len, id, record->time);
		memcpy(*text + len, feed_line(feed, id), record->len);
		len += record->len;
	}
	return len;
}

static void check_feed(const struct feed *feed)
{
	for (uint64_t id = feed->first; id < feed->next; id++) {
		const char *line = feed_line(feed, id);
		size_t len = feed_record(feed, id)->len;

		MUST(len == 0 || (line[len - 1] == '\n' && text_is_clean(line, len - 1)));
	}
}

/* Whether the last record has a line: those without one are not written. */
static bool ends_with_a_line(const struct feed *feed)
{
	return feed->next > feed->first && feed_record(feed, feed->next - 1)->len > 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct feed first, second;
	char *text;

	history_origin((const char *)data, size);
	MUST(feed_init(&first, FEED_BYTES_MIN) == 0 && feed_init(&second, FEED_BYTES_MIN) == 0);
	struct history_reader l = { .feed = &first };
	read_text(&l, (const char *)data, size);
	check_feed(&first);

	size_t len = write_text(&first, &text);
	MUST(history_origin(text, len) == HISTORY_OURS);
	struct history_reader again = { .feed = &second };
	read_text(&again, text, len);
	MUST(again.skipped == 0);
	MUST(second.next == first.next || !ends_with_a_line(&first));
	free(text);
	feed_finish(&first);
	feed_finish(&second);
	return 0;
}
