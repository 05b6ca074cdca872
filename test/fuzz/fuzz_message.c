/*
 * Lines to a client: whatever is parsed lies inside the line, and what is written is parsed as
 * what it was.
 */
#include "proto/message.h"
#include "test/fuzz/fuzz.h"

static const char stamp[] = "Wed Oct 19 21:24:05 2022";

static void must_lie_in(const char *part, size_t part_len, const char *line, size_t len)
{
	MUST(part >= line && part_len <= len && (size_t)(part - line) <= len - part_len);
}

/* Writes what was parsed, which must give the same line: no byte is lost on the way. */
static void check_rewritten(const struct message *m, const char *line, size_t len)
{
	char *out = malloc(len + MESSAGE_TAG_MAX + MESSAGE_FRAME_MAX);
	size_t n = 0;

	MUST(out != NULL);
	if (m->tagged)
		n += message_tag(out, m->id, m->time);
	n += message_begin(out + n, m->kind, m->who, m->who_len);
	memcpy(out + n, m->text, m->text_len);
	n += m->text_len;
	n += message_end(out + n, m->kind, m->stamp);
	MUST(out[--n] == '\n');
	if (n == len)
		MUST(memcmp(out, line, len) == 0);
	else
		MUST(m->tagged && n < len); /* "@007 " loses its zeros */
	free(out);
}

static void check_parse(const char *line, size_t len)
{
	struct message m;

	message_parse(line, len, &m);
	must_lie_in(m.text, m.text_len, line, len);
	MUST((m.stamp != NULL) == message_is_stamped(m.kind));
	if (m.stamp != NULL)
		must_lie_in(m.stamp, STAMP_LEN, line, len);
	if (m.who != NULL) {
		MUST(m.who_len >= 1 && m.who_len <= WHO_MAX);
		must_lie_in(m.who, m.who_len, line, len);
	}
	check_rewritten(&m, line, len);
}

static bool is_who_byte(char c)
{
	return c != ' ' && c != '[' && c != ']' && c != ':';
}

/* The first bytes say which kind and how long who is; who and the text follow. */
static void check_write(const uint8_t *data, size_t size)
{
	static const enum message_kind kinds[] = { MESSAGE_SAID, MESSAGE_ACTION, MESSAGE_EVENT,
		MESSAGE_RECEIVED, MESSAGE_SENT, MESSAGE_ANSWER, MESSAGE_ERROR };
	struct message m;

	if (size < 2)
		return;
	enum message_kind kind = kinds[data[0] % (sizeof(kinds) / sizeof(kinds[0]))];
	bool tagged = data[0] & 0x80;
	size_t who_len = 1 + data[1] % WHO_MAX, text_len;
	const char *who = (const char *)data + 2, *text = who + who_len;

	if (size - 2 < who_len)
		return;
	text_len = size - 2 - who_len;
	for (size_t i = 0; i < who_len; i++) {
		if (!is_who_byte(who[i]))
			return;
	}
	if (*who == '*' || *who == '@' || (who_len == 3 && memcmp(who, "you", 3) == 0))
		return;

	char *line = malloc(text_len + MESSAGE_TAG_MAX + MESSAGE_FRAME_MAX);
	size_t n = 0;
	MUST(line != NULL);
	if (tagged)
		n += message_tag(line, data[0], -(int64_t)data[1]);
	size_t begin = message_begin(line + n, kind, who, who_len);
	n += begin;
	memcpy(line + n, text, text_len);
	n += text_len;
	size_t end = message_end(line + n, kind, stamp);
	n += end;
	MUST(begin + end <= MESSAGE_FRAME_MAX);

	message_parse(line, n - 1, &m);
	MUST(m.kind == kind && m.tagged == tagged);
	if (tagged)
		MUST(m.id == data[0] && m.time == -(int64_t)data[1]);
	MUST(m.text_len == text_len && memcmp(m.text, text, text_len) == 0);
	if (m.who != NULL)
		MUST(m.who_len == who_len && memcmp(m.who, who, who_len) == 0);
	free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_parse(size > 0 ? (const char *)data : "", size);
	check_write(data, size);
	return 0;
}
