/*
 * What the keys do: bytes of a keyboard in, and the line, its cursor written as '|', after them.
 * What the person wants done by them is told behind the line.
 */
#include "client/core/footer.h"
#include "client/core/prompt.h"
#include "test/unit/unit.h"

enum { LIMIT = 64, STORY_SIZE = 4096 };

#define UP "\x1b[A"
#define DOWN "\x1b[B"
#define PASTE(text) "\x1b[200~" text "\x1b[201~"

struct story {
	char text[STORY_SIZE];
	size_t len;
};

static void tell(struct story *s, const void *bytes, size_t len)
{
	if (len && s->len + len < STORY_SIZE) {
		memcpy(s->text + s->len, bytes, len);
		s->len += len;
	}
}

static void tell_line(struct story *s, const struct prompt *p)
{
	const struct buffer *line = &p->line.text;
	const char *text = line->data != NULL ? line->data : "";

	tell(s, text, p->line.cursor);
	tell(s, "|", 1);
	tell(s, text + p->line.cursor, line->len - p->line.cursor);
}

static void grant(struct story *s, struct prompt *p, enum prompt_action action)
{
	static const char *const words[] = {
		[PROMPT_LEAVE] = "<leave>", [PROMPT_DROPPED] = "<dropped>", [PROMPT_SUSPEND] = "<suspend>",
		[PROMPT_REDRAW] = "<redraw>", [PROMPT_BELL] = "<bell>",
	};

	switch (action) {
	case PROMPT_NOTHING:
		break;
	case PROMPT_SEND:
		tell(s, "<send ", 6);
		tell(s, p->line.text.data, p->line.text.len);
		tell(s, ">", 1);
		prompt_sent(p);
		break;
	case PROMPT_PASTE:
		tell(s, "<paste ", 7);
		tell(s, p->paste.data, p->paste.len);
		tell(s, ">", 1);
		prompt_sent(p);
		break;
	default:
		tell(s, words[action], strlen(words[action]));
	}
}

static void press_on(struct keys *keys, struct prompt *p, const char *bytes, struct story *s)
{
	const uint8_t *in = (const uint8_t *)bytes, *end = in + strlen(bytes);
	struct roster names = { 0 };
	struct key key;

	roster_came(&names, "carol", 5);
	roster_came(&names, "Albert", 6);
	roster_spoke(&names, "alice", 5);
	while (keys_next(keys, &in, end, &key))
		grant(s, p, prompt_key(p, &key, &names));
	if (keys_flush(keys, &key))
		grant(s, p, prompt_key(p, &key, &names));
}

static void press(struct prompt *p, const char *bytes, struct story *s)
{
	struct keys keys = { 0 };

	press_on(&keys, p, bytes, s);
}

static const struct row {
	const char *keys;
	const char *story;
} rows[] = {
	{ "hello", "hello|" },
	{ "hello\r", "<send hello>|" },
	{ "one\rtwo\r", "<send one><send two>|" },
	{ "\r", "|" },
	{ "  \r", "|" },
	{ "ab\x02" "c", "ac|b" },
	{ "ab\x01" "c\x05" "d\x06", "cabd|" },
	{ "one two\x17x", "one x|" },
	{ "one two\x15x", "x|" },
	{ "one\x01\x0bx", "x|" },
	{ "one two\x17\x01\x19", "two|one " },
	{ "one two\x1b" "b\x1b" "d\x1b" "b\x1b" "f", "one| " },
	{ "ab\x14", "ba|" },
	{ "ab cd\x17\x1f", "ab cd|" },
	{ "ab\x7f\x08", "|" },
	{ "ab\x01\x04", "|b" },
	{ "ab\x01\x1b[3~", "|b" },
	{ "\x04", "<leave>|" },
	{ "a\x04", "a|" },
	{ "\x03", "<leave>|" },
	{ "typed\x03", "<dropped>|" },
	{ "typed\x03\x1f", "<dropped>typed|" },
	{ "typed\x03\x03", "<dropped><leave>|" },
	{ "\x1a", "<suspend>|" },
	{ "\x0c", "<redraw>|" },
	/* What was typed before. */
	{ "one\rtwo\r" UP, "<send one><send two>two|" },
	{ "one\rtwo\rdraft" UP UP, "<send one><send two>one|" },
	{ "one\rtwo\rdraft" UP UP DOWN DOWN, "<send one><send two>draft|" },
	{ "one\r" UP UP, "<send one><bell>one|" },
	{ "one\r" UP "x\r" UP, "<send one><send onex>onex|" },
	{ "one\r\x10\x0e", "<send one>|" },
	{ "/op secret\r" UP, "<send /op secret><bell>|" },
	{ "apple\rpear\r\x12" "app", "<send apple><send pear>apple|" },
	{ "apple\rpear\r\x12" "app\r", "<send apple><send pear><send apple>|" },
	{ "apple\rapples\r\x12" "app\x12", "<send apple><send apples>apple|" },
	{ "apple\rdraft\x12" "app\x03", "<send apple>draft|" },
	{ "apple\rdraft\x12" "app\x07", "<send apple>draft|" },
	{ "apple\rdraft\x12" "app\x1b", "<send apple>draft|" },
	{ "apple\r\x12" "appx", "<send apple><bell>apple|" },
	{ "apple\r\x12" "appx\x7f", "<send apple><bell>apple|" },
	{ "apple\r\x12" "app\x01x", "<send apple>x|apple" },
	/* TAB. */
	{ "a\t", "alice: |" },
	{ "a\t\t", "Albert: |" },
	{ "a\t\t\t", "a|" },
	{ "a\t\t\t\t", "alice: |" },
	{ "a\x1b[Z", "Albert: |" },
	{ "a\t\x1b[Z", "a|" },
	{ "AL\t", "alice: |" },
	{ "hi c\t", "hi carol |" },
	{ "a\tx\t", "<bell>alice: x|" },
	{ "hi \t", "hi alice |" },
	{ "/wh\t", "/who |" },
	{ "/m\t\t", "/msg |" },
	{ "/msg al\thi", "/msg alice hi|" },
	{ "/x\t", "<bell>/x|" },
	{ "say /wh\t", "<bell>say /wh|" },
	{ "zz\t", "<bell>zz|" },
	/* Pastes. */
	{ PASTE("one"), "one|" },
	{ "a\x02" PASTE("one"), "one|a" },
	{ PASTE("one\n"), "one|" },
	{ PASTE("\n\n"), "|" },
	{ PASTE("\n\nhi"), "hi|" },
	{ PASTE("\n \nhi\r\n \n"), "hi|" },
	{ PASTE("\nhi\n\xe2\x80\xae\n "), "hi|" },
	{ PASTE("\n \n "), "|" },
	{ "say ?\x02" PASTE("\n hi"), "say  hi|?" },
	{ "say ?\x02" PASTE(" \n "), "say |?" },
	{ PASTE("\none\n\ntwo") "y", "<paste one\ntwo\n>|" },
	{ PASTE("one\ntwo") "y", "<paste one\ntwo\n>|" },
	{ PASTE("one\ntwo") "\r", "<paste one\ntwo\n>|" },
	{ PASTE("one\ntwo") "Y", "<paste one\ntwo\n>|" },
	{ PASTE("one\ntwo") "n", "|" },
	{ PASTE("one\ntwo") "\x03", "|" },
	{ PASTE("one\ntwo") "\x1b", "|" },
	{ PASTE("one\ntwo") "xn", "<bell>|" },
	{ "say " PASTE("one\ntwo") "n", "say |" },
	{ "say ?\x02" PASTE("one\ntwo") "y", "<paste say one\ntwo?\n>|" },
	{ PASTE("one\n\n \ntwo\n") "y", "<paste one\ntwo\n>|" },
	{ PASTE("one\r\ntwo") "y", "<paste one\ntwo\n>|" },
	{ PASTE("/quit\n\x1b[2Jtwo") "y", "<paste /quit\ntwo\n>|" },
	{ PASTE("quit\n") "x", "quitx|" },
	{ PASTE("one\ntwo") PASTE("x"), "x|" },
};

static void test_keys_do_what_they_should(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct prompt p;
		struct story s = { .len = 0 };

		prompt_init(&p, LIMIT);
		press(&p, rows[i].keys, &s);
		tell_line(&s, &p);
		CHECK_TEXT(s.text, s.len, rows[i].story);
		prompt_finish(&p);
	}
}

static void test_the_limit_holds(void)
{
	static const struct {
		size_t max;
		const char *keys;
		const char *story;
	} limits[] = {
		{ 3, "abc", "abc|" },
		{ 3, "abcd", "<bell>abc|" },
		{ 3, PASTE("abcd"), "<bell>abc|" },
		{ 3, PASTE("abc\ndef") "y", "<paste abc\ndef\n>|" },
		{ 3, PASTE("abc\ndefg") "y", "|" },
		{ 3, PASTE("abc\n/def") "y", "|" },
		{ 4, PASTE("abc\n/de") "y", "<paste abc\n/de\n>|" }, /* said as //de */
		{ 3, PASTE("abc\n/de") "y", "|" },
		{ 6, "x a\t", "x alic|" },
	};

	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		struct prompt p;
		struct story s = { .len = 0 };

		prompt_init(&p, limits[i].max);
		press(&p, limits[i].keys, &s);
		tell_line(&s, &p);
		CHECK_TEXT(s.text, s.len, limits[i].story);
		CHECK(p.line.text.len <= p.line.max);
		prompt_finish(&p);
	}
}

static void test_the_limit_of_a_paste_may_change(void)
{
	struct prompt p;
	struct story s = { .len = 0 };

	prompt_init(&p, LIMIT);
	press(&p, PASTE("abc\ndef ghi\njk"), &s);
	prompt_limit(&p, 3);
	CHECK_INT(p.paste_too_long, 2);
	CHECK_INT(p.mode, PROMPT_ASKING);
	prompt_limit(&p, LIMIT);
	CHECK_INT(p.paste_too_long, 0);
	prompt_limit(&p, 3);
	press(&p, "y", &s);
	tell_line(&s, &p);
	CHECK_TEXT(s.text, s.len, "|");
	prompt_finish(&p);
}

/* Its end was lost: one Ctrl-C, after which nothing comes, and Enter says what is typed then. */
static void test_an_interrupt_ends_a_paste(void)
{
	struct keys keys = { 0 };
	struct prompt p;
	struct story s = { .len = 0 };

	prompt_init(&p, LIMIT);
	press_on(&keys, &p, "a\x1b[200~x\x03y\n", &s);
	CHECK_INT(p.mode, PROMPT_PASTING);
	press_on(&keys, &p, "\x03", &s);
	CHECK_INT(p.mode, PROMPT_TYPING);
	press_on(&keys, &p, "b\r", &s);
	CHECK_TEXT(s.text, s.len, "<send ab>");
	prompt_finish(&p);
}

static void test_a_paste_beyond_all_bounds_is_not_taken(void)
{
	struct prompt p;
	struct roster names = { 0 };
	struct key key = { .code = KEY_PASTE_BEGIN };
	struct story s = { .len = 0 };

	prompt_init(&p, LIMIT);
	(void)prompt_key(&p, &key, &names);
	key = (struct key){ .code = KEY_CHAR, .ch = '\n' };
	for (int i = 0; i < PROMPT_PASTE_MAX + 1; i++)
		(void)prompt_key(&p, &key, &names);
	CHECK(p.paste.len <= PROMPT_PASTE_MAX);
	key.code = KEY_PASTE_END;
	CHECK_INT(prompt_key(&p, &key, &names), PROMPT_BELL);
	CHECK_INT(p.mode, PROMPT_TYPING);
	tell_line(&s, &p);
	CHECK_TEXT(s.text, s.len, "|");
	prompt_finish(&p);
}

static void test_a_password_is_not_remembered(void)
{
	struct prompt p;
	struct story s = { .len = 0 };
	struct footer f = { 0 };
	struct buffer nothing = { 0 };

	prompt_init(&p, LIMIT);
	press(&p, "draft", &s);
	prompt_ask_password(&p, true, true);
	press(&p, "secr\t" UP "et" PASTE("x\ny"), &s);
	footer_fill(&f, &p, &nothing, "");
	CHECK_TEXT(f.label, strlen(f.label), "password: ");
	CHECK_INT(f.line_len, 0);
	CHECK_INT(f.row_count, 0);
	press(&p, "\r", &s);
	CHECK_TEXT(s.text, s.len, "<send secretxy>");
	prompt_ask_password(&p, false, false);
	s.len = 0;
	press(&p, UP "\x19", &s);
	tell_line(&s, &p);
	CHECK_TEXT(s.text, s.len, "<bell><bell>|");
	footer_finish(&f);
	prompt_finish(&p);
}

static void test_a_password_begins_when_it_is_asked_for(void)
{
	struct prompt p;
	struct story s = { .len = 0 };

	prompt_init(&p, LIMIT);
	prompt_ask_password(&p, true, true);
	press(&p, "wr", &s);
	prompt_ask_password(&p, true, false); /* the connection is lost */
	prompt_ask_password(&p, true, true);
	press(&p, "ong\r", &s);
	prompt_ask_password(&p, true, false);
	press(&p, "lost", &s);
	prompt_ask_password(&p, true, true);
	press(&p, "se", &s);
	prompt_ask_password(&p, true, true);
	press(&p, "same\r", &s);
	CHECK_TEXT(s.text, s.len, "<send wrong><send sesame>");
	prompt_finish(&p);
}

/* The rows above the line, each with LF, faint ones behind a '.'. */
static void check_rows(const struct prompt *p, const char *pending, const char *status,
	const char *want)
{
	struct buffer lines = { 0 };
	struct footer f = { 0 };
	struct story s = { .len = 0 };

	buffer_text(&lines, pending);
	footer_fill(&f, p, &lines, status);
	for (size_t i = 0; i < f.row_count; i++) {
		tell(&s, ".", f.rows[i].faint);
		tell(&s, f.text.data + f.rows[i].start, f.rows[i].len);
		tell(&s, "\n", 1);
	}
	CHECK_TEXT(s.text, s.len, want);
	footer_finish(&f);
	buffer_finish(&lines);
}

static void test_what_stands_above_the_line(void)
{
	struct prompt p;
	struct story s = { .len = 0 };

	prompt_init(&p, 1024);
	check_rows(&p, "", "", "");
	check_rows(&p, "a\nb\nc\n", "", ".  a\n.  b\n.  c\n");
	check_rows(&p, "a\nb\nc\nd\n", "", ".  a\n.  b\n.  (2 more)\n");
	check_rows(&p, "a\n", "reconnecting in 4 s", ".  a\nreconnecting in 4 s\n");
	press(&p, PASTE("1\n2\n3\n4\n5\n6\n7"), &s);
	check_rows(&p, "", "", ".  1\n.  2\n.  3\n.  4\n.  5\n.  (2 more)\n"
		"send 7 lines? y or Enter sends, n or Ctrl-C drops\n");
	press(&p, "n\x12zz", &s);
	check_rows(&p, "", "", "not found: zz\n");
	prompt_finish(&p);
}

static void test_the_counter_shows_near_the_limit(void)
{
	static const struct {
		size_t max;
		size_t typed;
		const char *rows;
	} counters[] = {
		{ 1024, 923, "" },
		{ 1024, 924, "100 bytes left\n" },
		{ 1024, 1023, "1 byte left\n" },
		{ 1024, 1024, "0 bytes left\n" },
		{ 64, 31, "" },
		{ 64, 32, "32 bytes left\n" },
	};
	char text[1024];

	memset(text, 'x', sizeof(text));
	for (size_t i = 0; i < sizeof(counters) / sizeof(*counters); i++) {
		struct prompt p;

		prompt_init(&p, counters[i].max);
		edit_set(&p.line, text, counters[i].typed);
		check_rows(&p, "", "", counters[i].rows);
		prompt_finish(&p);
	}
}

static const struct unit_test tests[] = {
	{ "keys do what they should", test_keys_do_what_they_should },
	{ "the limit holds", test_the_limit_holds },
	{ "the limit of a paste may change", test_the_limit_of_a_paste_may_change },
	{ "an interrupt ends a paste", test_an_interrupt_ends_a_paste },
	{ "a paste beyond all bounds is not taken", test_a_paste_beyond_all_bounds_is_not_taken },
	{ "a password is not remembered", test_a_password_is_not_remembered },
	{ "a password begins when it is asked for", test_a_password_begins_when_it_is_asked_for },
	{ "what stands above the line", test_what_stands_above_the_line },
	{ "the counter shows near the limit", test_the_counter_shows_near_the_limit },
};

UNIT_MAIN(tests)
