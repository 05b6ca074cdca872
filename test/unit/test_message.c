/*
 * The lines to a client: written and parsed, they are the same; and what only extra_polls like one.
 */
#include "proto/message.h"
#include "test/unit/unit.h"

#include <stdlib.h>

#define STAMP "Wed Oct 19 21:24:05 2022"
#define END " --" STAMP

struct row {
	const char *line;
	enum message_kind kind;
	const char *who; /* NULL: none */
	const char *text;
};

static const struct row written[] = {
	{ "[alice]: hi" END, MESSAGE_SAID, "alice", "hi" },
	{ "[#1]: " END, MESSAGE_SAID, "#1", "" },
	{ "[\xc3\xa4]:  a  b " END, MESSAGE_SAID, "\xc3\xa4", " a  b " },
	{ "[a]: b]: c" END, MESSAGE_SAID, "a", "b]: c" },
	{ "[a]: [b]: c" END, MESSAGE_SAID, "a", "[b]: c" },
	{ "[a]: x" END END, MESSAGE_SAID, "a", "x" END },
	{ "[a]:  --" END, MESSAGE_SAID, "a", " --" },
	{ "[abcdefghijklmnopqrstuvwxyz012345]: 32 bytes" END, MESSAGE_SAID,
		"abcdefghijklmnopqrstuvwxyz012345", "32 bytes" },
	{ "* bob waves" END, MESSAGE_ACTION, "bob", "waves" },
	{ "* bob " END, MESSAGE_ACTION, "bob", "" },
	{ "* bob *** x" END, MESSAGE_ACTION, "bob", "*** x" },
	{ "*** bob joined (2 online)" END, MESSAGE_EVENT, NULL, "bob joined (2 online)" },
	{ "[bob -> you]: psst" END, MESSAGE_RECEIVED, "bob", "psst" },
	{ "[yours -> you]: psst" END, MESSAGE_RECEIVED, "yours", "psst" },
	{ "[you -> bob]: psst" END, MESSAGE_SENT, "bob", "psst" },
	{ "[you -> youth]: ]: [x -> you]: " END, MESSAGE_SENT, "youth", "]: [x -> you]: " },
	{ "=== you missed 3 lines", MESSAGE_ANSWER, NULL, "you missed 3 lines" },
	{ "=== ", MESSAGE_ANSWER, NULL, "" },
	{ "=== x" END, MESSAGE_ANSWER, NULL, "x" END },
	{ "!!! no", MESSAGE_ERROR, NULL, "no" },
};

/* Lines that are like those above but are not, and so are text all of them. */
static const char *const others[] = {
	"",
	"hello",
	"===",
	"!!!",
	"====x",
	" === x",
	"[a]: hi",
	"[a]:hi" END,
	"[a] hi" END,
	"[]: hi" END,
	"[a b]: hi" END,
	"[a:b]: hi" END,
	"[a[b]: hi" END,
	"[abcdefghijklmnopqrstuvwxyz0123456]: 33 bytes" END,
	"[a -> b]: hi" END,
	"[a -> you]: hi",
	"[you -> ]: hi" END,
	"[a]:" END,
	"***" END,
	"*** x",
	"*** x --Wed Oct 19 21:24:05 2022 ",
	"*** x - Wed Oct 19 21:24:05 2022",
	"*** x --wed Oct 19 21:24:05 2022",
	"*** x --Wed Oct 19 21:24:05 202x",
	"*** x --Wed Oct 19 21-24-05 2022",
	"*** x --Wed Oct a9 21:24:05 2022",
	"* a" END,
	"*  x" END,
	STAMP,
	END,
};

static const char *name(enum message_kind kind)
{
	static const char *const names[] = {
		[MESSAGE_SAID] = "said",
		[MESSAGE_ACTION] = "action",
		[MESSAGE_EVENT] = "event",
		[MESSAGE_RECEIVED] = "received",
		[MESSAGE_SENT] = "sent",
		[MESSAGE_ANSWER] = "answer",
		[MESSAGE_ERROR] = "error",
		[MESSAGE_OTHER] = "other",
	};

	return names[kind];
}

/* Parses a copy of just this length, so that a byte read beyond it is found. */
static char *parse(const char *line, struct message *m)
{
	size_t len = strlen(line);
	char *copy = malloc(len + 1);

	memcpy(copy, line, len);
	message_parse(copy, len, m);
	return copy;
}

static void test_parse(void)
{
	for (size_t i = 0; i < sizeof(written) / sizeof(written[0]); i++) {
		const struct row *row = &written[i];
		struct message m;
		char *line = parse(row->line, &m);

		CHECK_TEXT(name(m.kind), strlen(name(m.kind)), name(row->kind));
		CHECK((m.who != NULL) == (row->who != NULL));
		if (m.who != NULL && row->who != NULL)
			CHECK_TEXT(m.who, m.who_len, row->who);
		CHECK_TEXT(m.text, m.text_len, row->text);
		CHECK((m.stamp != NULL) == message_is_stamped(row->kind));
		if (m.stamp != NULL)
			CHECK_TEXT(m.stamp, STAMP_LEN, STAMP);
		CHECK(!m.tagged);
		free(line);
	}
}

static void test_write(void)
{
	for (size_t i = 0; i < sizeof(written) / sizeof(written[0]); i++) {
		const struct row *row = &written[i];
		size_t who_len = row->who != NULL ? strlen(row->who) : 0;
		size_t text_len = strlen(row->text);
		char out[512];

		size_t begin = message_begin(out, row->kind, row->who, who_len);
		memcpy(out + begin, row->text, text_len);
		size_t end = message_end(out + begin + text_len, row->kind, STAMP);
		CHECK(begin + end <= MESSAGE_FRAME_MAX);
		CHECK_INT(out[begin + text_len + end - 1], '\n');
		CHECK_TEXT(out, begin + text_len + end - 1, row->line);
	}
}

static void test_others(void)
{
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct message m;
		char *line = parse(others[i], &m);

		CHECK_TEXT(name(m.kind), strlen(name(m.kind)), "other");
		CHECK_TEXT(m.text, m.text_len, others[i]);
		CHECK(m.who == NULL && m.stamp == NULL && !m.tagged);
		free(line);
	}
}

/* Every beginning of every line: nothing is read beyond it, whatever it is. */
static void test_cut(void)
{
	for (size_t i = 0; i < sizeof(written) / sizeof(written[0]); i++) {
		for (size_t len = 0; len < strlen(written[i].line); len++) {
			char *copy = malloc(len + 1);
			struct message m;

			memcpy(copy, written[i].line, len);
			message_parse(copy, len, &m);
			CHECK(m.text >= copy && m.text + m.text_len <= copy + len);
			CHECK(m.kind == MESSAGE_OTHER || m.kind == MESSAGE_ANSWER ||
				m.kind == MESSAGE_ERROR || m.stamp + STAMP_LEN == copy + len);
			free(copy);
		}
	}
}

struct tag_row {
	uint64_t id;
	int64_t time;
	const char *tag;
};

static const struct tag_row tags[] = {
	{ 0, 0, "@0 0 " },
	{ 1, 1666214645, "@1 1666214645 " },
	{ 10, -10, "@10 -10 " },
	{ 9999999999, 253402300799, "@9999999999 253402300799 " },
	{ UINT64_MAX, INT64_MAX, "@18446744073709551615 9223372036854775807 " },
	{ UINT64_MAX, INT64_MIN, "@18446744073709551615 -9223372036854775808 " },
};

static void test_tags(void)
{
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		const struct tag_row *row = &tags[i];
		struct message m;
		char out[128];
		size_t len = message_tag(out, row->id, row->time);

		CHECK(len <= MESSAGE_TAG_MAX);
		CHECK_TEXT(out, len, row->tag);
		memcpy(out + len, "[a]: x" END, sizeof("[a]: x" END));
		char *line = parse(out, &m);
		CHECK(m.tagged && m.id == row->id && m.time == row->time);
		CHECK_TEXT(name(m.kind), strlen(name(m.kind)), "said");
		CHECK_TEXT(m.text, m.text_len, "x");
		free(line);
		/* A line of a kind that is not known yet is one line of the feed all the same. */
		memcpy(out + len, "%%% new", sizeof("%%% new"));
		line = parse(out, &m);
		CHECK(m.tagged && m.id == row->id);
		CHECK_TEXT(name(m.kind), strlen(name(m.kind)), "other");
		CHECK_TEXT(m.text, m.text_len, "%%% new");
		free(line);
	}
}

static void test_no_tags(void)
{
	static const char *const lines[] = { "@", "@1", "@1 ", "@1 2", "@ 1 x", "@1  x", "@1 2x y",
		"@x 1 y", "@-1 1 x", "@+1 1 x", "@18446744073709551616 1 x",
		"@1 9223372036854775808 x", "@1 -9223372036854775809 x", "@1 --1 x", "@1 - x",
		" @1 2 x", "@1\t2 x" };

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct message m;
		char *line = parse(lines[i], &m);

		CHECK(!m.tagged && m.kind == MESSAGE_OTHER);
		CHECK_INT(m.id, 0);
		CHECK_INT(m.time, 0);
		CHECK_TEXT(m.text, m.text_len, lines[i]);
		free(line);
	}
}

static const struct unit_test tests[] = {
	{ "parsing", test_parse },
	{ "writing", test_write },
	{ "what only looks like a line of ours", test_others },
	{ "lines that are cut off", test_cut },
	{ "tags", test_tags },
	{ "what only looks like a tag", test_no_tags },
};

UNIT_MAIN(tests)
