/*
 * Keys: whatever the pieces, the same keys. Each row is run at every split; then every beginning
 * of it is given up, after which a plain key must be a plain key again.
 */
#include "client/core/keys.h"
#include "test/unit/unit.h"

#include "proto/text.h"

enum { STORY_SIZE = 1024 };

struct story {
	char text[STORY_SIZE];
	size_t len;
};

static const char *const names[] = {
	[KEY_ENTER] = "enter", [KEY_TAB] = "tab", [KEY_BACK_TAB] = "backtab",
	[KEY_BACKSPACE] = "backspace", [KEY_ALT_BACKSPACE] = "alt-backspace",
	[KEY_DELETE] = "delete", [KEY_ESCAPE] = "escape", [KEY_LEFT] = "left",
	[KEY_RIGHT] = "right", [KEY_WORD_LEFT] = "word-left", [KEY_WORD_RIGHT] = "word-right",
	[KEY_UP] = "up", [KEY_DOWN] = "down", [KEY_HOME] = "home", [KEY_END] = "end",
	[KEY_PAGE_UP] = "page-up", [KEY_PAGE_DOWN] = "page-down",
	[KEY_FOCUS_IN] = "focus-in", [KEY_FOCUS_OUT] = "focus-out", [KEY_CURSOR] = "cursor",
	[KEY_DEVICE] = "device", [KEY_PASTE_BEGIN] = "paste", [KEY_PASTE_END] = "end-of-paste",
};

/* Writes down a key: "a" for a character, "<up>", "<^C>", "<alt-b>". */
static void tell(struct story *s, const struct key *key)
{
	char *out = s->text + s->len;
	size_t room = STORY_SIZE - s->len;
	char ch[5] = { 0 };

	if (key->code == KEY_CHAR || key->code == KEY_ALT)
		ch[text_encode(ch, key->ch)] = '\0';
	if (key->code == KEY_CHAR)
		s->len += (size_t)snprintf(out, room, "%s", ch);
	else if (key->code == KEY_ALT)
		s->len += (size_t)snprintf(out, room, "<alt-%s>", ch);
	else if (key->code == KEY_CTRL)
		s->len += (size_t)snprintf(out, room, "<^%c>", (char)key->ch);
	else
		s->len += (size_t)snprintf(out, room, "<%s>", names[key->code]);
}

static void feed(struct keys *k, const char *bytes, size_t len, struct story *s)
{
	const uint8_t *in = (const uint8_t *)bytes, *end = in + len;
	struct key key;

	while (keys_next(k, &in, end, &key))
		tell(s, &key);
	CHECK(in == end);
}

static const struct row {
	const char *bytes;
	const char *keys;
} rows[] = {
	{ "", "" },
	{ "hello", "hello" },
	{ "gr\xc3\xbc\xc3\x9f", "grüß" },
	{ "\xe4\xbd\xa0\xf0\x9f\x98\x80", "你😀" },
	{ "a\xff" "b", "a\uFFFDb" },
	{ "a\xe4\xbd" "b", "a\uFFFDb" },
	{ "\xe4\xbd\xe4\xbd\xa0", "\uFFFD你" },
	{ "\xc0\x80", "\uFFFD\uFFFD" },
	{ "\xed\xa0\x80.", "\uFFFD." },
	{ "\xe4\x1b[A", "\uFFFD<up>" },
	{ "\r", "<enter>" },
	{ "\n", "<enter>" },
	{ "\t\x7f\x08", "<tab><backspace><backspace>" },
	{ "\x01\x05\x03\x04\x1a\x1f", "<^A><^E><^C><^D><^Z><^_>" },
	{ "\x1b[A\x1b[B\x1b[C\x1b[D", "<up><down><right><left>" },
	{ "\x1bOA\x1bOB\x1bOC\x1bOD", "<up><down><right><left>" },
	{ "\x1b[H\x1b[F\x1bOH\x1bOF", "<home><end><home><end>" },
	{ "\x1b[1~\x1b[4~\x1b[7~\x1b[8~", "<home><end><home><end>" },
	{ "\x1b[3~\x1b[Z", "<delete><backtab>" },
	{ "\x1b[1;5D\x1b[1;5C", "<word-left><word-right>" },
	{ "\x1b[1;3D\x1b[1;3C", "<word-left><word-right>" },
	{ "\x1b[1;2D\x1b[1;2A", "<left><up>" },
	{ "\x1bOd\x1bOc", "<word-left><word-right>" },
	{ "\x1b" "b\x1b" "f\x1b" "d", "<alt-b><alt-f><alt-d>" },
	{ "\x1b\x7f\x1b\x08", "<alt-backspace><alt-backspace>" },
	{ "\x1bOM", "<enter>" },
	{ "\x1b\x1b[A", "<escape><up>" },
	/* What means nothing here leaves nothing behind. */
	{ "\x1b[2~x\x1b[15~x\x1b[24;2~x", "xxx" },
	{ "\x1b[[Ax\x1bOPx\x1b[Rx", "xxx" },
	{ "\x1b[?1;2cx\x1b[>0;276;0ux\x1b[<0;1;1Mx\x1b[1$yx\x1b[>Ax", "xxxxx" },
	/* What the terminal says. */
	{ "\x1b[5~\x1b[6~", "<page-up><page-down>" },
	{ "\x1b[Ix\x1b[Ox\x1b[12;40Rx", "<focus-in>x<focus-out>x<cursor>x" },
	{ "\x1b[>41;379;0cx\x1b[>84;0;0c", "<device>x<device>" },
	{ "\x1b]11;rgb:0/0/0\x07x\x1b]11;rgb:0/0/0\x1b\\x", "x<alt-\\>x" },
	{ "\x1bP1$r0m\x1b\\x", "<alt-\\>x" },
	{ "\x1b[99999999999999999999~x", "x" },
	{ "\x1b[1;2;3;4;5;6;7;8;9Dx", "<left>x" },
	/* Cut off by another key. */
	{ "\x1b[1\x1b[A", "<up>" },
	{ "\x1b[1\x03", "<^C>" },
	{ "\x1bO\r", "<enter>" },
	{ "\x1b[\xc3\xbc", "ü" },
	{ "\x1b\xc3\xbc", "ü" },
	{ "\x1b\r", "<enter>" },
	/* A paste is text. */
	{ "\x1b[200~a\tb\x1b[201~\r", "<paste>a\tb<end-of-paste><enter>" },
	{ "\x1b[200~a\rb\nc\r\nd\x1b[201~", "<paste>a\nb\nc\nd<end-of-paste>" },
	{ "\x1b[200~a\r\rb\n\nc\x1b[201~", "<paste>a\n\nb\n\nc<end-of-paste>" },
	{ "\x1b[200~\x01\x02\x04\x1b[A\x1bOB\x1b" "b\x1b[201~x", "<paste>b<end-of-paste>x" },
	{ "\x1b[200~\x1b[200~a\x1b[201~x", "<paste>a<end-of-paste>x" },
	{ "\x1b[200~a\x03" "b\x1b[201~", "<paste>ab<end-of-paste>" },
	{ "\x1b[200~a\x03\x1b[201~x", "<paste>a<end-of-paste>x" },
	{ "\x1b[200~\x1b[I\x1b[3;4Ra\x1b[201~", "<paste>a<end-of-paste>" },
	{ "\x1b[200~\xe4\xbd\xa0\x1b[201~x", "<paste>你<end-of-paste>x" },
	{ "\x1b[201~x", "x" },
};

static void test_every_split_gives_the_same_keys(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		size_t len = strlen(rows[i].bytes);

		for (size_t cut = 0; cut <= len; cut++) {
			struct keys k = { 0 };
			struct story s = { .len = 0 };

			feed(&k, rows[i].bytes, cut, &s);
			feed(&k, rows[i].bytes + cut, len - cut, &s);
			CHECK_TEXT(s.text, s.len, rows[i].keys);
		}
	}
}

static void test_byte_by_byte_gives_the_same_keys(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct keys k = { 0 };
		struct story s = { .len = 0 };

		for (const char *p = rows[i].bytes; *p; p++)
			feed(&k, p, 1, &s);
		CHECK_TEXT(s.text, s.len, rows[i].keys);
	}
}

static void test_what_is_given_up_leaves_nothing_behind(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		for (size_t len = 0; len <= strlen(rows[i].bytes); len++) {
			struct keys k = { 0 };
			struct story s = { .len = 0 };
			struct key key;

			feed(&k, rows[i].bytes, len, &s);
			(void)keys_flush(&k, &key);
			CHECK(!keys_waiting(&k));
			CHECK(!keys_flush(&k, &key));
			s.len = 0;
			feed(&k, "q", 1, &s);
			CHECK_TEXT(s.text, s.len, "q");
		}
	}
}

static void test_an_escape_alone_is_a_key(void)
{
	static const struct row flushed[] = {
		{ "\x1b", "<escape>" },
		{ "\x1b[", "<alt-[>" },
		{ "\x1bO", "<alt-O>" },
		{ "\xe4\xbd", "\uFFFD" },
		{ "\x1b]11;", "" },
		{ "\x1b[200~\x1b", "<paste>" },
		{ "a", "a" },
	};

	for (size_t i = 0; i < sizeof(flushed) / sizeof(*flushed); i++) {
		struct keys k = { 0 };
		struct story s = { .len = 0 };
		struct key key;

		feed(&k, flushed[i].bytes, strlen(flushed[i].bytes), &s);
		if (keys_flush(&k, &key))
			tell(&s, &key);
		CHECK_TEXT(s.text, s.len, flushed[i].keys);
	}
}

/* However long the pieces of a paste take to come, its end is found, and nothing in it is a key. */
static void test_a_paste_may_take_its_time(void)
{
	static const char bytes[] = "\x1b[200~a\r\xe4\xbd\xa0\x1b[201~q";

	for (size_t len = strlen("\x1b[200~"); len < sizeof(bytes) - 2; len++) {
		struct keys k = { 0 };
		struct story s = { .len = 0 };

		feed(&k, bytes, len, &s);
		CHECK(!keys_waiting(&k));
		feed(&k, bytes + len, sizeof(bytes) - 1 - len, &s);
		CHECK_TEXT(s.text, s.len, "<paste>a\n你<end-of-paste>q");
	}
}

static const struct unit_test tests[] = {
	{ "every split gives the same keys", test_every_split_gives_the_same_keys },
	{ "byte by byte gives the same keys", test_byte_by_byte_gives_the_same_keys },
	{ "what is given up leaves nothing behind", test_what_is_given_up_leaves_nothing_behind },
	{ "an escape alone is a key", test_an_escape_alone_is_a_key },
	{ "a paste may take its time", test_a_paste_may_take_its_time },
};

UNIT_MAIN(tests)
